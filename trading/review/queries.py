"""Reads of reviews, for the services and pages of this slice and those of later stages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from govcore.db import Tx
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor, Role
from trading.opening.queries import OpenedBid, all_read_out, opened_bids
from trading.procedure.policy import Regime
from trading.review.models import Gate, Vote
from trading.review.policy import (
    PURCHASER,
    QUALIFICATION,
    QUALIFICATION_ARTICLE,
    GateState,
    Side,
    Verdict,
    fails,
    reason_of,
)
from trading.tender.queries import LotContext, lot_context


class QualificationOpen(Problem):
    """政府采购货物和服务招标投标管理办法 art. 44."""

    code = "E_QUALIFICATION_OPEN"
    text = "The purchaser has not finished the qualification review (G12 · 87号令 art. 44)."


class TooFewQualified(Problem):
    """政府采购货物和服务招标投标管理办法 art. 44."""

    code = "E_TOO_FEW_QUALIFIED"
    text = "Fewer than {least} bidders are qualified: nothing may be evaluated (G11 · 87号令 art. 44)."


@dataclass(frozen=True, slots=True, kw_only=True)
class GateView:
    """A gate as it stands; `text` is in the words of the documents or of the law."""

    node: str
    side: Side
    text: str
    article: str
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Judged:
    """An opened bid and what the purchaser's side found; nothing before it was judged."""

    bid: OpenedBid
    passed: bool | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Qualification:
    """The purchaser's qualification review of a lot."""

    context: LotContext
    bids: tuple[Judged, ...]
    closed_at: datetime | None

    @property
    def least(self) -> int:
        return self.context.rule_set.count("G11.qualified")

    @property
    def qualified(self) -> int:
        return sum(1 for one in self.bids if one.passed)

    @property
    def missing(self) -> int:
        return sum(1 for one in self.bids if one.passed is None)

    @property
    def too_few(self) -> bool:
        """Whether it ended with fewer qualified bidders than an evaluation needs."""
        return self.closed_at is not None and self.qualified < self.least


def purchaser_qualifies(context: LotContext) -> bool:
    """Under the Tendering Law the committee reviews qualification itself (domain: I7)."""
    return context.rule_set.regime is Regime.GP


def gates(tx: Tx, context: LotContext) -> list[GateView]:
    """All gates of a lot, those of the documents first."""
    rows = {row.node: row for row in tx.scalars(select(Gate).where(Gate.lot_id == context.lot_id))}
    if not purchaser_qualifies(context):
        return []
    row = rows.get(QUALIFICATION)
    gate = GateView(
        node=QUALIFICATION,
        side=Side.PURCHASER,
        text=context.content.qualification,
        article=QUALIFICATION_ARTICLE[context.rule_set.regime],
        closed_at=row.closed_at if row is not None and row.state == GateState.CLOSED else None,
    )
    return [gate]


def votes(tx: Tx, lot_id: str) -> dict[tuple[str, str], list[Verdict]]:
    """The votes that count, by gate and bid."""
    found: dict[tuple[str, str], list[Verdict]] = {}
    for row in tx.scalars(select(Vote).where(Vote.lot_id == lot_id).order_by(Vote.at, Vote.voter)):
        found.setdefault((row.node, row.bid_id), []).append(Verdict(row.voter, row.passed, row.reason))
    return found


def reviews_of(tx: Tx, lot_id: str) -> dict[str, dict[str, Any]]:
    """The member `reviews` of sheets/1: what was found about every opened bid outside the sheets.

    Only closed gates are in it. See docs/guide/evaluation-files.md.
    """
    context = lot_context(tx, lot_id)
    closed = [gate for gate in gates(tx, context) if gate.closed_at is not None]
    given = votes(tx, lot_id)
    return {
        bid.bid_id: {
            "gates": _gates_of(bid.bid_id, closed, given),
            "confirmed": None,
            "policies": [],
            "adjustments": {},
            "abnormal": None,
            "other": None,
        }
        for bid in opened_bids(tx, lot_id)
    }


def _gates_of(
    bid_id: str, closed: list[GateView], given: Mapping[tuple[str, str], list[Verdict]]
) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for gate in closed:
        verdicts = given.get((gate.node, bid_id), [])
        passed = not fails(verdicts)
        reason = "" if passed else reason_of(verdicts)
        found.append({"id": gate.node, "article": gate.article, "reason": reason, "passed": passed})
    return found


def bids_left(tx: Tx, lot_id: str) -> list[OpenedBid]:
    """The bids that are still to be scored: at no closed gate, and not by their price, are they out.

    In two envelopes those whose price is still sealed are among them.
    """
    context, found = lot_context(tx, lot_id), reviews_of(tx, lot_id)
    return [
        bid
        for bid in opened_bids(tx, lot_id)
        if all(gate["passed"] for gate in found[bid.bid_id]["gates"])
        and (bid.price_fen is None or 0 < bid.price_fen <= context.max_price_fen)
    ]


def rejected(tx: Tx, lot_id: str) -> dict[str, str]:
    """Why each bid that failed at a closed gate did, by its id."""
    return {
        bid_id: next(str(gate["reason"]) for gate in found["gates"] if not gate["passed"])
        for bid_id, found in reviews_of(tx, lot_id).items()
        if not all(gate["passed"] for gate in found["gates"])
    }


def qualification(tx: Tx, lot_id: str, *, actor: Actor) -> Qualification:
    """The purchaser's review, for its own side; `NotFound` for everybody else, and where the committee does it."""
    context = lot_context(tx, lot_id)
    tenderer = Role.TENDERER in actor.roles and actor.org_id == context.tenderer.id
    own = tenderer or (Role.AGENCY in actor.roles and actor.org_id == context.agency.id)
    if not own or not purchaser_qualifies(context) or not all_read_out(tx, lot_id):
        raise NotFound
    return qualification_of(tx, context)


def qualification_of(tx: Tx, context: LotContext) -> Qualification:
    """The same, for services of later stages."""
    gate = next(one for one in gates(tx, context) if one.side is Side.PURCHASER)
    given = {
        row.bid_id: row
        for row in tx.scalars(
            select(Vote).where(
                Vote.lot_id == context.lot_id, Vote.node == QUALIFICATION, Vote.voter == PURCHASER
            )
        )
    }
    bids = tuple(
        Judged(bid, given[bid.bid_id].passed, given[bid.bid_id].reason)
        if bid.bid_id in given
        else Judged(bid, None, "")
        for bid in opened_bids(tx, context.lot_id)
    )
    return Qualification(context=context, bids=bids, closed_at=gate.closed_at)


def check_qualified(tx: Tx, context: LotContext) -> None:
    """Raise `QualificationOpen` or `TooFewQualified` unless the committee may begin."""
    if not purchaser_qualifies(context):
        return
    found = qualification_of(tx, context)
    if found.closed_at is None:
        raise QualificationOpen
    if found.too_few:
        raise TooFewQualified(least=found.least)
