"""Reads of sheets: a member its own, nobody another's before all are locked."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from sqlalchemy import select

from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.policy import Actor
from trading.committee import queries as committees
from trading.committee.blind import masked
from trading.evaluation.criteria import criteria_sha256, leaves
from trading.evaluation.entries import Leaf, Marks, Value, open_fields, points, sheet_document
from trading.evaluation.facts import present_number, seats
from trading.evaluation.models import Entry, EvaluationRound, Reopening, SheetLock
from trading.evaluation.models import Sheet as SheetRow
from trading.opening.queries import OpenedBid
from trading.review.queries import bids_left, prices_open
from trading.tender.queries import LotContext, lot_context


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopened:
    """One item of a locked sheet that its member has to look at again."""

    id: str
    bid_id: str
    node_id: str
    cause: str
    reason: str
    opened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoable:
    """The last change of a sheet, which can be taken back: to `before`."""

    seq: int
    bid_id: str
    node_id: str
    before: Value | None
    after: Value | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A member's own sheet in the present round."""

    context: LotContext
    number: int
    leaves: tuple[Leaf, ...]
    bids: tuple[OpenedBid, ...]
    marks: Marks
    seat: int
    saved_at: datetime | None
    locked_at: datetime | None
    completed_at: datetime | None
    reopened: tuple[Reopened, ...] = ()
    undoable: Undoable | None = None
    prices_open: bool = False
    """Whether it is locked and the prices of a second opening wait for the committee."""

    @property
    def total(self) -> int:
        return len(self.bids) * len(self.leaves)

    @property
    def done(self) -> int:
        return self.total - self.missing_of([bid.bid_id for bid in self.bids])

    @property
    def document(self) -> bytes:
        """The exact bytes that locking binds the member to."""
        return sheet_document(
            lot_id=self.context.lot_id,
            number=self.number,
            seat=self.seat,
            criteria_sha256=criteria_sha256(self.context),
            marks={bid.bid_id: self.marks.get(bid.bid_id, {}) for bid in self.bids},
        )

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.document).hexdigest()

    def missing_of(self, bid_ids: Sequence[str]) -> int:
        """How many items of these bids are still open."""
        return open_fields(self.leaves, bid_ids, self.marks)

    def missing_in(self, leaf: Leaf) -> int:
        """How many bids are still open in one criterion."""
        return open_fields([leaf], [bid.bid_id for bid in self.bids], self.marks)

    def value(self, bid_id: str, leaf: Leaf) -> Value | None:
        return self.marks.get(bid_id, {}).get(leaf.id)

    def points_of(self, bid_id: str, leaf: Leaf) -> Decimal | None:
        return points(leaf, self.value(bid_id, leaf))

    def section_points(self, bid_id: str, section: str) -> Decimal | None:
        """The member's points for a bid in a section; nothing while an item of it is open."""
        found = [self.points_of(bid_id, leaf) for leaf in self.leaves if leaf.section == section]
        return None if None in found else sum((one or Decimal(0) for one in found), Decimal(0))

    def sections(self) -> list[tuple[str, list[Leaf]]]:
        """The leaves by their section, in the documents' order."""
        return [(name, list(group)) for name, group in groupby(self.leaves, key=lambda leaf: leaf.section)]

    def may_change(self, bid_id: str, leaf_id: str) -> bool:
        """Whether this item is open: all are until the lock, then those that were reopened."""
        if self.locked_at is not None:
            return False
        return not self.reopened or any(
            (one.bid_id, one.node_id) == (bid_id, leaf_id) for one in self.reopened
        )

    def bid_to_score(self, bid_id: str) -> OpenedBid | None:
        """The bid that was asked for, else the first unfinished one; nothing once all are done or locked."""
        if self.locked_at is not None:
            return None
        for bid in self.bids:
            if bid.bid_id == bid_id or (not bid_id and self.missing_of([bid.bid_id])):
                return bid
        return None

    def leaf_to_score(self, leaf_id: str) -> Leaf | None:
        """The criterion that was asked for, while the sheet is open."""
        found = next((leaf for leaf in self.leaves if leaf.id == leaf_id), None)
        return found if self.locked_at is None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedSheet:
    """A seat's locked sheet; the seat's number stands for the member."""

    seat: int
    user_id: str
    locked_at: datetime
    sha256: str
    envelope: bytes | None
    """The sheet as its member signed it; nothing where the member proved afresh who it is."""

    marks: Marks
    seqs: dict[tuple[str, str], int]
    """Which entry each item of each bid stands in."""

    def points_of(self, bid_id: str, leaf: Leaf) -> Decimal | None:
        return points(leaf, self.marks.get(bid_id, {}).get(leaf.id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One change of a sheet as it was kept."""

    seat: int
    seq: int
    bid_id: str
    node_id: str
    old: Value | None
    new: Value | None
    why: str
    undoes: int | None
    at: datetime

    @property
    def first(self) -> bool:
        """Whether the field was empty before."""
        return self.old is None


def my_sheet(tx: Tx, lot_id: str, *, actor: Actor) -> Sheet:
    """The actor's own sheet; `NotFound` unless the actor sits on this lot's committee."""
    context = lot_context(tx, lot_id)
    seat = seats(tx, lot_id).get(actor.user_id)
    if seat is None or committees.must_avoid(tx, context, actor.org_id):
        raise NotFound
    number = present_number(tx, lot_id)
    row = tx.get(SheetRow, (lot_id, number, actor.user_id))
    marks, _, undoable = _read(tx, lot_id, number, actor.user_id)
    round_ = tx.get(EvaluationRound, (lot_id, number))
    return Sheet(
        context=context,
        number=number,
        leaves=leaves(context),
        bids=tuple(masked(tx, lot_id, bids_left(tx, lot_id))),
        marks=marks,
        seat=seat,
        saved_at=row.saved_at if row else None,
        locked_at=row.locked_at if row else None,
        completed_at=round_.completed_at if round_ else None,
        reopened=tuple(reopened_of(tx, lot_id, number, actor.user_id)),
        undoable=undoable,
        prices_open=bool(row and row.locked_at and round_ and not round_.completed_at)
        and prices_open(tx, lot_id),
    )


def marks_of(tx: Tx, lot_id: str, number: int, user_id: str) -> Marks:
    """What a member's sheet says now."""
    return _read(tx, lot_id, number, user_id)[0]


def _read(
    tx: Tx, lot_id: str, number: int, user_id: str
) -> tuple[Marks, dict[tuple[str, str], int], Undoable | None]:
    """The sheet, the entry that each item stands in, and the last change that was not taken back."""
    query = select(Entry.seq, Entry.bid_id, Entry.node_id, Entry.value, Entry.undoes)
    mine = query.where(Entry.lot_id == lot_id, Entry.number == number, Entry.user_id == user_id)
    marks: dict[str, dict[str, Value]] = defaultdict(dict)
    seqs: dict[tuple[str, str], int] = {}
    stack: list[Undoable] = []
    for seq, bid_id, node_id, value, undoes in tx.execute(mine.order_by(Entry.seq)):
        before = marks[bid_id].pop(node_id, None)
        seqs[bid_id, node_id] = seq
        if value is not None:
            marks[bid_id][node_id] = value
        if undoes is not None:
            stack.pop()
        else:
            stack.append(Undoable(seq=seq, bid_id=bid_id, node_id=node_id, before=before, after=value))
    return {bid: row for bid, row in marks.items() if row}, seqs, stack[-1] if stack else None


def reopened_of(tx: Tx, lot_id: str, number: int, user_id: str) -> list[Reopened]:
    """The items that a member has to look at again."""
    mine = Reopening.lot_id == lot_id, Reopening.number == number, Reopening.user_id == user_id
    query = select(Reopening).where(*mine, Reopening.closed_at.is_(None)).order_by(Reopening.opened_at)
    return [
        Reopened(
            id=row.id,
            bid_id=row.bid_id,
            node_id=row.node_id,
            cause=row.cause,
            reason=row.reason,
            opened_at=row.opened_at,
        )
        for row in tx.scalars(query)
    ]


def locked_members(tx: Tx, lot_id: str, number: int | None = None) -> dict[str, datetime]:
    """When each of those who sit locked, in a round or the present one; who has not is left out."""
    number = number or present_number(tx, lot_id)
    query = select(SheetRow.user_id, SheetRow.locked_at).where(SheetRow.lot_id == lot_id)
    locked = query.where(SheetRow.number == number, SheetRow.locked_at.is_not(None))
    round_ = tx.get(EvaluationRound, (lot_id, number))
    sitting = seats(tx, lot_id, then=round_.completed_at if round_ else None)
    return {user_id: at for user_id, at in tx.execute(locked) if user_id in sitting and at is not None}


def locked_sheets(tx: Tx, lot_id: str, number: int | None = None) -> list[LockedSheet]:
    """All sheets of a round, or none at all while a member has not locked: nobody's points are shown before.

    None either while a void seat waits for its substitute; a round that is complete keeps those who sat then.
    """
    number = number or present_number(tx, lot_id)
    round_ = tx.get(EvaluationRound, (lot_id, number))
    done = round_.completed_at if round_ else None
    locked, sitting = locked_members(tx, lot_id, number), seats(tx, lot_id, then=done)
    if len(locked) < len(sitting) or (done is None and not committees.is_complete(tx, lot_id)):
        return []
    return [_locked(tx, lot_id, number, user_id, seat, locked[user_id]) for user_id, seat in sitting.items()]


def sheets_locked_once(tx: Tx, lot_id: str) -> list[LockedSheet]:
    """The present sheets, once every member has locked, also while one of them is open again for an item."""
    number, sitting = present_number(tx, lot_id), seats(tx, lot_id)
    locks = {user_id: locks_of(tx, lot_id, number, user_id) for user_id in sitting}
    if not all(locks.values()):
        return []
    return [
        _locked(tx, lot_id, number, user_id, seat, locks[user_id][-1].locked_at)
        for user_id, seat in sitting.items()
    ]


def _locked(tx: Tx, lot_id: str, number: int, user_id: str, seat: int, locked_at: datetime) -> LockedSheet:
    marks, seqs, _ = _read(tx, lot_id, number, user_id)
    last = next(iter(locks_of(tx, lot_id, number, user_id)[-1:]), None)
    return LockedSheet(
        seat=seat,
        user_id=user_id,
        locked_at=locked_at,
        sha256=last.sha256 if last else "",
        envelope=last.envelope if last else None,
        marks=marks,
        seqs=seqs,
    )


def history(tx: Tx, lot_id: str, number: int, user_id: str, seat: int) -> list[Written]:
    """Every entry of a sheet in its order, with what stood there before: for who may see the sheet."""
    mine = Entry.lot_id == lot_id, Entry.number == number, Entry.user_id == user_id
    stood: dict[tuple[str, str], Value | None] = {}
    found = []
    for row in tx.scalars(select(Entry).where(*mine).order_by(Entry.seq)):
        key = row.bid_id, row.node_id
        found.append(
            Written(
                seat=seat,
                seq=row.seq,
                bid_id=row.bid_id,
                node_id=row.node_id,
                old=stood.get(key),
                new=row.value,
                why=row.why,
                undoes=row.undoes,
                at=row.at,
            )
        )
        stood[key] = row.value
    return found


def my_changes(tx: Tx, lot_id: str, *, actor: Actor) -> tuple[Sheet, list[Written]]:
    """The actor's own sheet and every entry that it made on it."""
    sheet = my_sheet(tx, lot_id, actor=actor)
    return sheet, history(tx, lot_id, sheet.number, actor.user_id, sheet.seat)


def locks_of(tx: Tx, lot_id: str, number: int, user_id: str) -> list[SheetLock]:
    """Every lock of a sheet, the first one first."""
    mine = SheetLock.lot_id == lot_id, SheetLock.number == number, SheetLock.user_id == user_id
    return list(tx.scalars(select(SheetLock).where(*mine).order_by(SheetLock.n)))


def changes_of(tx: Tx, lot_id: str, number: int) -> list[Written]:
    """Every change after a first save on the sheets of a round, the oldest first: once the round is complete."""
    found = [
        one
        for user_id, seat in seats(tx, lot_id).items()
        for one in history(tx, lot_id, number, user_id, seat)
        if not one.first
    ]
    return sorted(found, key=lambda one: (one.at, one.seat, one.seq))
