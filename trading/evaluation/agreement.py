"""What must be settled between locked sheets and a result: objective items agree, far points are explained.

87号令 art. 64: one value for an objective item, and a word about what is abnormally high or low.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import select

from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.policy import Actor
from trading.committee import queries as committees
from trading.evaluation.criteria import leaves
from trading.evaluation.entries import Leaf
from trading.evaluation.facts import present_number, seats
from trading.evaluation.files import aggregator, member_id
from trading.evaluation.models import Explanation, Reopening
from trading.evaluation.scoring import Refused
from trading.evaluation.sheet_queries import LockedSheet, sheets_locked_once
from trading.opening.queries import OpenedBid
from trading.review.queries import bids_left
from trading.tender.queries import LotContext, lot_context


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """An objective item on which members differ, with each seat's points."""

    bid: OpenedBid
    leaf: Leaf
    points: tuple[tuple[int, Decimal], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Far:
    """A seat's points that lie farther from the mean of the others than the documents allow without a word."""

    bid: OpenedBid
    leaf: Leaf
    seat: int
    user_id: str
    seq: int
    points: Decimal
    deviation: Fraction
    explained: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What a round's locked sheets leave to be settled."""

    differences: tuple[Difference, ...]
    far: tuple[Far, ...]

    @property
    def settled(self) -> bool:
        return not self.differences and all(one.explained for one in self.far)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """The same for a member, with what was reopened so far."""

    context: LotContext
    seat: int
    findings: Findings
    reopenings: tuple[Reopening, ...]

    @property
    def own_far(self) -> tuple[Far, ...]:
        """What the member itself has to explain."""
        return tuple(one for one in self.findings.far if one.seat == self.seat and not one.explained)


def agreement(tx: Tx, lot_id: str, *, actor: Actor) -> Agreement:
    """What is to be settled, for those who sit, once all of them have locked; `NotFound` for all else and before."""
    context, sitting = lot_context(tx, lot_id), seats(tx, lot_id)
    sheets = sheets_locked_once(tx, lot_id)
    if actor.user_id not in sitting or committees.must_avoid(tx, context, actor.org_id) or not sheets:
        raise NotFound
    return Agreement(
        context=context,
        seat=sitting[actor.user_id],
        findings=findings(tx, context, sheets),
        reopenings=tuple(reopenings_of(tx, lot_id, present_number(tx, lot_id))),
    )


def is_settled(tx: Tx, context: LotContext) -> bool:
    """Whether nothing is to be settled: also while some member has never locked, when nobody can know."""
    sheets = sheets_locked_once(tx, context.lot_id)
    return not sheets or findings(tx, context, sheets).settled


def findings(tx: Tx, context: LotContext, sheets: Sequence[LockedSheet]) -> Findings:
    """Compare the sheets of a round; all of them have been locked once."""
    known, adding = {leaf.id: leaf for leaf in leaves(context)}, aggregator(context, sheets)
    by_member = {member_id(sheet.seat): sheet for sheet in sheets}
    said = _explained(tx, context.lot_id, present_number(tx, context.lot_id))
    differences, far = [], []
    for bid in bids_left(tx, context.lot_id):
        try:
            scores = adding.read(bid.bid_id)
        except Refused:  # let in by a review after the locks: `score` refuses the sheets as incomplete
            continue
        for index in scores.wide:
            if adding.leaves[index].objective:
                leaf = known[adding.leaves[index].id]
                points = tuple((sheet.seat, _points(sheet, bid, leaf)) for sheet in sheets)
                differences.append(Difference(bid=bid, leaf=leaf, points=points))
        for alarm in adding.alarms(bid.bid_id, scores):
            sheet, leaf = by_member[alarm.member], known[alarm.node]
            seq = sheet.seqs[bid.bid_id, leaf.id]
            one = Far(
                bid=bid,
                leaf=leaf,
                seat=sheet.seat,
                user_id=sheet.user_id,
                seq=seq,
                points=_points(sheet, bid, leaf),
                deviation=alarm.deviation,
                explained=said.get((sheet.user_id, seq), ""),
            )
            far.append(one)
    return Findings(differences=tuple(differences), far=tuple(far))


def _points(sheet: LockedSheet, bid: OpenedBid, leaf: Leaf) -> Decimal:
    found = sheet.points_of(bid.bid_id, leaf)
    assert found is not None  # a locked sheet is complete
    return found


def _explained(tx: Tx, lot_id: str, number: int) -> dict[tuple[str, int], str]:
    query = select(Explanation).where(Explanation.lot_id == lot_id, Explanation.number == number)
    return {(row.user_id, row.seq): row.text for row in tx.scalars(query)}


def reopenings_of(tx: Tx, lot_id: str, number: int) -> list[Reopening]:
    """Every reopening of a round, the first one first."""
    query = select(Reopening).where(Reopening.lot_id == lot_id, Reopening.number == number)
    return list(tx.scalars(query.order_by(Reopening.opened_at, Reopening.id)))
