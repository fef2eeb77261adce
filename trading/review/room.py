"""What a member sees of a review: all bids and gates, the own votes, others' once all are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.policy import Actor, require
from trading.committee.queries import Seat
from trading.committee.service import check_in_session
from trading.opening.queries import OpenedBid
from trading.review.facts import ALL, Facts, GateView, RequestView, facts
from trading.review.models import AnswerFile, Change
from trading.review.policy import (
    ABNORMAL,
    ABNORMAL_TB,
    CAUSES,
    PRICES,
    Cause,
    LowPrice,
    RequestKind,
    Side,
    Verdict,
    abnormally_low,
    fails,
)
from trading.review.requests import files_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A vote with the seat that stands for its member."""

    seat: int
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One bid at one gate: the own vote, and what the committee found once that may be seen."""

    gate: GateView
    bid_id: str
    asked: bool
    mine: Verdict | None
    settled: bool
    votes: tuple[Spoken, ...] | None

    @property
    def passed(self) -> bool | None:
        """What the votes come to, where they may be seen."""
        return None if self.votes is None else not fails([one.verdict for one in self.votes])

    @property
    def against(self) -> int:
        return sum(1 for one in self.votes or () if not one.verdict.passed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A bid with its gates, what was asked of its bidder, and why it is out."""

    bid: OpenedBid
    cells: tuple[Cell, ...]
    requests: tuple[RequestView, ...]
    price_fen: int | None
    low: bool
    out: str | None

    @property
    def missing(self) -> int:
        """How many of the reader's own votes are not there."""
        return sum(1 for cell in self.cells if cell.asked and cell.mine is None)

    @property
    def judgeable(self) -> bool:
        """Whether the price was asked about, the answer or its time has come, and nobody voted on it yet."""
        asked = [one for one in self.requests if one.kind is RequestKind.ABNORMAL_PRICE]
        judged = any(cell.gate.cause in (ABNORMAL.id, ABNORMAL_TB.id) for cell in self.cells)
        return bool(asked) and not asked[-1].waiting and not judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The review as one member sees it."""

    known: Facts
    seat: Seat
    lines: tuple[Line, ...]
    competition: Cell | None
    changes: Sequence[Change]
    seats: Mapping[str, int]
    files: Mapping[str, Sequence[AnswerFile]]

    @property
    def gates(self) -> tuple[GateView, ...]:
        """The columns: what is asked about more than one bid."""
        return tuple(gate for gate in self.known.gates if gate.cause is None)

    @property
    def prices_open(self) -> bool:
        """Whether the prices of a second opening still wait for the committee."""
        gate = self.known.gate(PRICES)
        return gate is not None and not self.known.settled(gate)

    @property
    def closable(self) -> list[GateView]:
        """The gates at which all have voted and that the leader can close."""
        return [
            gate
            for gate in self.known.gates
            if gate.side is Side.COMMITTEE and self.known.revealed(gate) and not self.known.settled(gate)
        ]

    def line(self, bid_id: str) -> Line:
        """A bid of this review; `NotFound` for every other."""
        found = next((one for one in self.lines if one.bid.bid_id == bid_id), None)
        if found is None:
            raise NotFound
        return found

    @property
    def next_bid(self) -> str | None:
        """The first bid on which the reader has not voted at every gate."""
        return next((line.bid.bid_id for line in self.lines if line.missing), None)

    @property
    def causes(self) -> Sequence[Cause]:
        return CAUSES[self.known.context.rule_set.regime]


def room(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> Room:
    """The review for a member in the session; the committee's refusals for everybody else."""
    require(actor, "review.vote")
    seat = check_in_session(tx, lot_id, actor=actor, at=at)
    known = facts(tx, lot_id)
    low = _low(known)
    query = select(Change).where(Change.lot_id == lot_id).order_by(Change.at, Change.id)
    competition = known.competition
    return Room(
        known=known,
        seat=seat,
        lines=tuple(_line(known, bid, seat, bid.bid_id in low) for bid in known.bids),
        competition=None if competition is None else _cell(known, competition, ALL, seat),
        changes=list(tx.scalars(query)),
        seats={one.user_id: one.seat for one in known.seats},
        files={one.id: files_of(tx, one.id) for one in known.requests if one.answered_at is not None},
    )


def _line(known: Facts, bid: OpenedBid, seat: Seat, low: bool) -> Line:
    failed = known.failed(bid.bid_id)
    return Line(
        bid=bid,
        cells=tuple(
            _cell(known, gate, bid.bid_id, seat)
            for gate in known.gates
            if gate.cause is None or gate.bid_id == bid.bid_id
        ),
        requests=tuple(one for one in known.requests if one.bid_id == bid.bid_id),
        price_fen=known.price_of(bid),
        low=low,
        out=failed[1] if failed is not None else None,
    )


def _cell(known: Facts, gate: GateView, bid_id: str, seat: Seat) -> Cell:
    given = {one.voter: one for one in known.verdicts(gate, bid_id)}
    seats = {one.user_id: one.seat for one in known.seats}
    ours = gate.side is Side.COMMITTEE
    shown = known.revealed(gate) and bid_id in known.asked_about(gate)
    return Cell(
        gate=gate,
        bid_id=bid_id,
        asked=ours and bid_id in known.asked_about(gate),
        mine=given.get(seat.user_id),
        settled=known.settled(gate),
        votes=tuple(Spoken(seat=seats.get(voter, 0), verdict=one) for voter, one in given.items())
        if shown
        else None,
    )


def _low(known: Facts) -> set[str]:
    """The bids whose price the rules of the round call too low to believe; none while they are off."""
    rules = known.context.rule_set
    if rules.choice("abnormal_low.triggers") != "ON":
        return set()
    shares = LowPrice(
        of_mean=rules.share("abnormal_low.mean"),
        of_next=rules.share("abnormal_low.next"),
        of_max=rules.share("abnormal_low.max"),
    )
    prices = {bid.bid_id: price for bid in known.passing if (price := known.price_of(bid)) is not None}
    return abnormally_low(prices, shares, max_price=known.context.max_price_fen)
