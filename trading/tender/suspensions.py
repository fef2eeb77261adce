"""Suspensions of lots: what is refused meanwhile, and which time does not count (domain: I3).

Each lot is held alone, by as many causes at once as there are; it goes on by itself when the last one is released.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from govcore import clock
from govcore.audit.entries import time_text
from govcore.audit.service import record
from govcore.db import Tx, new_id
from govcore.errors import MoveNotAllowed, Problem
from trading.procedure.spans import Span, union
from trading.tender.models import Hold, Lot
from trading.tender.policy import CAUSES, ENDED, STEP_NAMES, Cause, CauseRule, Step


class Suspended(Problem):
    code = "E_SUSPENDED"
    text = "This lot is suspended: {cause} ({basis}). {what} waits until the suspension ends."


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldFor:
    """One suspension of a lot as everybody may see it."""

    id: str
    ref: str
    cause: Cause
    began_at: datetime
    ended_at: datetime | None
    notice: str

    @property
    def rule(self) -> CauseRule:
        return CAUSES[self.cause]


def hold(
    tx: Tx,
    *,
    lot_ids: Collection[str],
    cause: Cause,
    ref: str,
    at: datetime,
    actor: str,
    since: datetime | None = None,
    notice: str = "",
    until: datetime | None = None,
) -> list[str]:
    """Suspend these lots for the cause that `ref` names; the ids of those that it held not yet.

    `since` is when it began by law, where the platform learns of it later: what was done meanwhile stays done. `until`
    is when the law ends it by itself; `release_hold` still notes that it ended.
    The lots' rows are locked: a move either came first or finds the suspension. The log tells it to everybody.
    """
    lots = _locked(tx, lot_ids)
    known = set(tx.scalars(select(Hold.lot_id).where(Hold.ref == ref, Hold.lot_id.in_(lot_ids))))
    held = [lot for lot in lots if lot.id not in known]
    for lot in held:
        row = Hold(
            id=new_id(),
            lot_id=lot.id,
            ref=ref,
            cause=cause,
            began_at=since or at,
            recorded_at=at,
            held_by=actor,
            notice=notice,
            ended_at=until,
        )
        tx.add(row)
        data = _told(lot, row, notice) | {
            "stops": sorted(CAUSES[cause].stops),
            "since": time_text(row.began_at),
        }
        record(tx, "tender.suspended", subject=lot.id, actor="system", at=at, data=data)
    tx.flush()
    return [lot.id for lot in held]


def end_at(tx: Tx, *, ref: str, until: datetime) -> None:
    """Let what `ref` suspends end at a moment that lies ahead; `release_hold` still notes that it ended."""
    waiting = Hold.ref == ref, Hold.released_by.is_(None)
    _locked(tx, list(tx.scalars(select(Hold.lot_id).where(*waiting))))
    for row in tx.scalars(select(Hold).where(*waiting)):
        row.ended_at = until
    tx.flush()


def release_hold(tx: Tx, *, ref: str, at: datetime, actor: str, notice: str = "") -> list[str]:
    """End what `ref` suspends; the ids of the lots that it held until now, though others may still hold them."""
    waiting = Hold.ref == ref, Hold.released_by.is_(None)
    lots = _locked(tx, list(tx.scalars(select(Hold.lot_id).where(*waiting))))
    for lot in lots:
        row = tx.scalar(select(Hold).where(*waiting, Hold.lot_id == lot.id))
        if row is not None:
            row.ended_at, row.released_by = at, actor
            record(tx, "tender.resumed", subject=lot.id, actor="system", at=at, data=_told(lot, row, notice))
    tx.flush()
    return [lot.id for lot in lots]


def _locked(tx: Tx, lot_ids: Collection[str]) -> Sequence[Lot]:
    """The lots, in one order, so that two suspensions do not wait for each other."""
    return tx.scalars(select(Lot).where(Lot.id.in_(lot_ids)).order_by(Lot.id).with_for_update()).all()


def _told(lot: Lot, row: Hold, notice: str) -> dict[str, object]:
    said = {"notice": notice} if notice else {}
    basis = CAUSES[Cause(row.cause)].basis
    return {"lot": lot.code, "hold": row.id, "cause": row.cause, "basis": basis, **said}


def holds_of(tx: Tx, lot_id: str) -> list[HeldFor]:
    """All suspensions of a lot, the oldest first: public."""
    return holds_of_lots(tx, [lot_id])[lot_id]


def holds_of_lots(tx: Tx, lot_ids: Collection[str]) -> dict[str, list[HeldFor]]:
    """The suspensions of each of these lots, in one statement: public."""
    found: dict[str, list[HeldFor]] = {lot_id: [] for lot_id in lot_ids}
    for row in tx.scalars(select(Hold).where(Hold.lot_id.in_(lot_ids)).order_by(Hold.began_at, Hold.id)):
        shown = HeldFor(
            id=row.id,
            ref=row.ref,
            cause=Cause(row.cause),
            began_at=row.began_at,
            ended_at=row.ended_at,
            notice=row.notice,
        )
        found[row.lot_id].append(shown)
    return found


def frozen_of(tx: Tx, lot_id: str, what: Step = Step.OPENING) -> tuple[Span, ...]:
    """The time in which this step was stopped, up to now where it still is."""
    return frozen(holds_of(tx, lot_id), what, clock.now(tx))


def frozen(holds: Iterable[HeldFor], what: Step, now: datetime) -> tuple[Span, ...]:
    """The same, of suspensions that were read before."""
    stopping = [one for one in holds if what in one.rule.stops]
    return union((one.began_at, min(one.ended_at or now, now)) for one in stopping)


def stopped_by(tx: Tx, lot_id: str, what: Step, at: datetime) -> HeldFor | None:
    """The oldest suspension that stops this step at this moment."""
    return stopping(holds_of(tx, lot_id), what, at)


def stopping(holds: Iterable[HeldFor], what: Step, at: datetime) -> HeldFor | None:
    """The same, of suspensions that were read before."""
    return next(
        (
            one
            for one in holds
            if what in one.rule.stops and one.began_at <= at and (one.ended_at is None or at < one.ended_at)
        ),
        None,
    )


def check_running(tx: Tx, lot_id: str, what: Step, at: datetime) -> None:
    """Raise `Suspended`, naming cause and article, when a suspension stops this step of the lot at this moment.

    A lot that was given up raises `MoveNotAllowed`. A move of the lot (`move_lot`) checks by itself, after it has
    locked the row.
    """
    state = tx.scalar(select(Lot.state).where(Lot.id == lot_id))
    if state in ENDED:
        raise MoveNotAllowed(move=what, state=state)
    found = stopped_by(tx, lot_id, what, at)
    if found is not None:
        raise Suspended(cause=found.rule.text, basis=found.rule.basis, what=STEP_NAMES[what])


def keep_running(tx: Tx, lot_id: str, what: Step, at: datetime) -> None:
    """`check_running` for who writes: no suspension begins before this transaction ends."""
    tx.execute(select(Lot.id).where(Lot.id == lot_id).with_for_update(read=True))
    check_running(tx, lot_id, what, at)


def held_lots(tx: Tx, lot_ids: Collection[str], what: Step, at: datetime) -> set[str]:
    """Those of the lots in which this step is stopped, for a time or for good: what a sweep passes over."""
    causes = [cause for cause, rule in CAUSES.items() if what in rule.stops]
    open_ = or_(Hold.ended_at.is_(None), Hold.ended_at > at)
    query = select(Hold.lot_id).where(Hold.lot_id.in_(lot_ids), Hold.cause.in_(causes))
    ended = select(Lot.id).where(Lot.id.in_(lot_ids), Lot.state.in_(ENDED))
    return {*tx.scalars(query.where(Hold.began_at <= at, open_)), *tx.scalars(ended)}


def is_stopped(tx: Tx, lot_id: str, what: Step, at: datetime) -> bool:
    return bool(held_lots(tx, [lot_id], what, at))
