"""What is known about the review of a lot, read once: its bids, gates, votes, and what bidders were asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import select

from govcore import clock
from govcore.db import Tx
from trading.committee.queries import Seat, active_seats
from trading.opening.queries import OpenedBid, all_read_out, opened_bids
from trading.procedure.policy import Regime
from trading.procedure.spans import Span, moved
from trading.review.brands import brands_of
from trading.review.documents import committee_gates, least_valid, purchaser_qualifies
from trading.review.models import Gate, Grant, Request, Vote
from trading.review.policy import (
    COMPETITION,
    PRICE_GATE,
    PRICES,
    PURCHASER,
    QUALIFICATION,
    QUALIFICATION_ARTICLE,
    GateState,
    RequestKind,
    RequestState,
    Side,
    Verdict,
    abnormal_cause,
    cause_of,
    competition_node,
    fails,
    lapsed,
    reason_of,
)
from trading.tender.policy import Step
from trading.tender.queries import LotContext, lot_context
from trading.tender.schemas import BRAND
from trading.tender.suspensions import frozen_of

ALL = ""
"""What stands for a bid where a gate is about all of them together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateView:
    """A gate as it stands; `said` where text and article are the documents' own words, not keys of the catalogue."""

    node: str
    side: Side
    text: str
    article: str
    said: bool = False
    bid_id: str | None = None
    cause: str | None = None
    why: str = ""
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestView:
    """What was asked of a bidder; `until` counts suspensions in, `lapsed` that it went by without an answer."""

    id: str
    lot_id: str
    bid_id: str
    kind: RequestKind
    state: RequestState
    text: str
    detail: Mapping[str, Any]
    asked_at: datetime
    until: datetime
    lapsed: bool
    answer: str
    answered_at: datetime | None

    @property
    def waiting(self) -> bool:
        return self.state is RequestState.ASKED and not self.lapsed

    @property
    def confirmed(self) -> bool | None:
        """What the bidder said to a correction, by word or by silence; nothing while it may still say it."""
        if self.state is RequestState.CONFIRMED:
            return True
        return False if self.state is RequestState.REFUSED or self.lapsed else None


@dataclass(frozen=True)
class Facts:
    """The review of a lot at one moment."""

    context: LotContext
    bids: tuple[OpenedBid, ...]
    seats: tuple[Seat, ...]
    gates: tuple[GateView, ...]
    votes: Mapping[tuple[str, str], Sequence[Verdict]]
    requests: tuple[RequestView, ...]
    grants: tuple[Grant, ...]
    second_opening: bool = False
    """Whether prices were read out apart: in two envelopes, once both are open."""

    @property
    def voters(self) -> tuple[str, ...]:
        """Who decides the committee's gates: a void seat's votes are kept and count for nothing."""
        return tuple(seat.user_id for seat in self.seats)

    def gate(self, node: str) -> GateView | None:
        return next((gate for gate in self.gates if gate.node == node), None)

    def asked_about(self, gate: GateView) -> list[str]:
        """The bids on which a gate is voted."""
        if gate.cause == COMPETITION[self.context.rule_set.regime].id:
            return [ALL] if gate is self.competition else []
        if gate.bid_id is not None:
            return [gate.bid_id]
        if gate.side is Side.PURCHASER:
            return [bid.bid_id for bid in self.bids]
        priced_only = gate.node == PRICES
        return [
            bid.bid_id
            for bid in self.bids
            if bid.bid_id not in self.unqualified
            and self.affordable(bid)
            and not (priced_only and bid.price_fen is None)
        ]

    def verdicts(self, gate: GateView, bid_id: str) -> Sequence[Verdict]:
        """The votes that count, in the order of the seats."""
        voters = [PURCHASER] if gate.side is Side.PURCHASER else list(self.voters)
        given = {one.voter: one for one in self.votes.get((gate.node, bid_id), ())}
        return [given[voter] for voter in voters if voter in given]

    def missing(self, gate: GateView) -> int:
        """How many votes are not there yet."""
        voters = 1 if gate.side is Side.PURCHASER else len(self.voters)
        return sum(voters - len(self.verdicts(gate, bid_id)) for bid_id in self.asked_about(gate))

    def settled(self, gate: GateView) -> bool:
        """Closed, and every vote that counts is there: a substitute has to vote where its predecessor did.

        Where no bid is left to be asked about there is nothing to close.
        """
        if not self.asked_about(gate):
            return True
        return gate.closed_at is not None and not self.missing(gate)

    def revealed(self, gate: GateView) -> bool:
        """Votes are nobody else's to see until all are there."""
        return bool(self.asked_about(gate)) and not self.missing(gate)

    @cached_property
    def unqualified(self) -> frozenset[str]:
        """The bids that the purchaser's side found unqualified."""
        gate = self.gate(QUALIFICATION)
        if gate is None or gate.side is not Side.PURCHASER or not self.settled(gate):
            return frozenset()
        return frozenset(bid.bid_id for bid in self.bids if fails(self.verdicts(gate, bid.bid_id)))

    def affordable(self, bid: OpenedBid) -> bool:
        """Whether the price, corrected where the bidder agreed, is one that can win; a sealed one may still be."""
        price = self.price_of(bid)
        return price is None or 0 < price <= self.context.max_price_fen

    def price_of(self, bid: OpenedBid) -> int | None:
        """In fen: as read out, or as corrected with the bidder's word."""
        correction = self.correction(bid.bid_id)
        if correction is not None and correction.confirmed:
            return int(correction.detail["corrected_fen"])
        return bid.price_fen

    def correction(self, bid_id: str) -> RequestView | None:
        """The newest correction of a bid's arithmetic that was not taken back."""
        found = [
            one
            for one in self.requests
            if one.bid_id == bid_id
            and one.kind is RequestKind.CORRECTION
            and one.state is not RequestState.WITHDRAWN
        ]
        return found[-1] if found else None

    def abnormal(self, bid_id: str) -> str | None:
        """How the committee judged a price that looked too low."""
        cause = abnormal_cause(self.context.rule_set.regime)
        for gate in self.gates:
            if gate.cause == cause.id and gate.bid_id == bid_id and self.settled(gate):
                return "unexplained" if fails(self.verdicts(gate, bid_id)) else "explained"
        return None

    @property
    def competition(self) -> GateView | None:
        """The question whether the bids that are left now still compete, once it was asked.

        What was said while more were left holds no longer: prices that are read out later may put out others.
        """
        return self.gate(competition_node(self.context.rule_set.regime, self.competing))

    def failed(self, bid_id: str) -> tuple[GateView, str] | None:
        """The first gate at which a bid is out, and why."""
        for gate in self.plain_gates:
            if bid_id in self.asked_about(gate) and self.settled(gate):
                verdicts = self.verdicts(gate, bid_id)
                if fails(verdicts):
                    return gate, reason_of(verdicts)
        return None

    @cached_property
    def plain_gates(self) -> tuple[GateView, ...]:
        """The gates that are told as such: not the price that looked too low, not the competition as a whole."""
        regime = self.context.rule_set.regime
        others = (abnormal_cause(regime).id, COMPETITION[regime].id)
        return tuple(gate for gate in self.gates if gate.cause not in others)

    @cached_property
    def passing(self) -> tuple[OpenedBid, ...]:
        """The bids that no gate, price or silence has put out."""
        return tuple(bid for bid in self.bids if self._passes(bid))

    def _passes(self, bid: OpenedBid) -> bool:
        correction = self.correction(bid.bid_id)
        refused = correction is not None and correction.confirmed is False
        return (
            self.failed(bid.bid_id) is None
            and not refused
            and self.affordable(bid)
            and self.abnormal(bid.bid_id) != "unexplained"
        )

    @cached_property
    def brands(self) -> Mapping[str, str]:
        """The core product's brand by bid, in a purchase; only one of a brand's bids counts (87号令 art. 31)."""
        if self.context.rule_set.regime is not Regime.GP:
            return {}
        return brands_of(self.bids, {one.bid_id: one.value for one in self.grants if one.kind == BRAND})

    @property
    def competing(self) -> int:
        """How many valid bids there are, those of one brand counted once."""
        named = [self.brands[bid.bid_id] for bid in self.valid if bid.bid_id in self.brands]
        return len(self.valid) - len(named) + len(set(named))

    @cached_property
    def valid(self) -> tuple[OpenedBid, ...]:
        """Those of them that compete: a price that is still sealed after the second opening stays so for good."""
        return tuple(bid for bid in self.passing if not (self.second_opening and bid.price_fen is None))

    @property
    def least(self) -> int:
        """How many valid bids make a competition without further words."""
        return least_valid(self.context)

    @property
    def too_few(self) -> bool:
        return self.competing < self.least

    @property
    def competition_denied(self) -> str | None:
        """Why all bids that were left are rejected, where the committee decided so."""
        gate = self.competition
        if gate is None or not self.settled(gate):
            return None
        verdicts = self.verdicts(gate, ALL)
        return reason_of(verdicts) if fails(verdicts) else None


def facts(tx: Tx, lot_id: str) -> Facts:
    """The review of a lot as it stands now."""
    context = lot_context(tx, lot_id)
    second_opening = context.content.price_form is not None and all_read_out(tx, lot_id)
    return Facts(
        context=context,
        second_opening=second_opening,
        bids=tuple(opened_bids(tx, lot_id)),
        seats=active_seats(tx, lot_id),
        gates=tuple(_gates(tx, context, second_opening=second_opening)),
        votes=_votes(tx, lot_id),
        requests=tuple(requests(tx, lot_id)),
        grants=tuple(
            tx.scalars(select(Grant).where(Grant.lot_id == lot_id).order_by(Grant.kind, Grant.item))
        ),
    )


def requests(tx: Tx, lot_id: str) -> list[RequestView]:
    """Everything that was asked of bidders in a lot, the oldest first."""
    rows = tx.scalars(select(Request).where(Request.lot_id == lot_id).order_by(Request.asked_at, Request.id))
    now, frozen = clock.now(tx), frozen_of(tx, lot_id, Step.EVALUATION)
    return [request_view(row, frozen=frozen, at=now) for row in rows]


def request_view(row: Request, *, frozen: Sequence[Span], at: datetime) -> RequestView:
    end = row.asked_at + timedelta(seconds=row.window)
    until = moved(end, start=row.asked_at, frozen=frozen)
    state = RequestState(row.state)
    return RequestView(
        id=row.id,
        lot_id=row.lot_id,
        bid_id=row.bid_id,
        kind=RequestKind(row.kind),
        state=state,
        text=row.text,
        detail=row.detail or {},
        asked_at=row.asked_at,
        until=until,
        lapsed=lapsed(state, until, at),
        answer=row.answer or "",
        answered_at=row.answered_at,
    )


def _gates(tx: Tx, context: LotContext, *, second_opening: bool) -> list[GateView]:
    """Those of the documents first, the prices' of a second opening, then the raised ones in their order."""
    query = select(Gate).where(Gate.lot_id == context.lot_id).order_by(Gate.raised_at, Gate.node)
    rows = {row.node: row for row in tx.scalars(query)}
    found = []
    if purchaser_qualifies(context):
        found.append(
            GateView(
                node=QUALIFICATION,
                side=Side.PURCHASER,
                text=context.content.qualification,
                article=QUALIFICATION_ARTICLE,
                closed_at=_closed(rows.get(QUALIFICATION)),
            )
        )
    found += [
        GateView(
            node=gate.id,
            side=Side.COMMITTEE,
            text=gate.label,
            article=gate.article,
            said=True,
            closed_at=_closed(rows.get(gate.id)),
        )
        for gate in committee_gates(context)
    ]
    if second_opening:
        found.append(_price_gate(context, rows.get(PRICES)))
    return [*found, *(_raised(context, row) for row in rows.values() if row.cause is not None)]


def _price_gate(context: LotContext, row: Gate | None) -> GateView:
    asked = PRICE_GATE[context.rule_set.regime]
    return GateView(
        node=PRICES, side=Side.COMMITTEE, text=asked.text, article=asked.article, closed_at=_closed(row)
    )


def _raised(context: LotContext, row: Gate) -> GateView:
    cause = cause_of(context.rule_set.regime, row.cause or "")
    return GateView(
        node=row.node,
        side=Side(row.side),
        text=cause.text,
        article=cause.article,
        bid_id=row.bid_id,
        cause=row.cause,
        why=row.why or "",
        closed_at=_closed(row),
    )


def _closed(row: Gate | None) -> datetime | None:
    return row.closed_at if row is not None and row.state == GateState.CLOSED else None


def _votes(tx: Tx, lot_id: str) -> dict[tuple[str, str], list[Verdict]]:
    found: dict[tuple[str, str], list[Verdict]] = {}
    for row in tx.scalars(select(Vote).where(Vote.lot_id == lot_id)):
        found.setdefault((row.node, row.bid_id), []).append(Verdict(row.voter, row.passed, row.reason))
    return found
