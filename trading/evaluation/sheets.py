"""Fill a sheet entry by entry, take the last one back, lock it with a signature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select, update

from govcore.audit.service import record
from govcore.db import Tx, upsert
from govcore.errors import Problem
from govcore.identity.policy import Actor, require
from trading.committee.blind import is_blind, reveal
from trading.committee.policy import EVALUABLE
from trading.committee.service import LotNotOpened, keep_in_session
from trading.evaluation.criteria import criteria_sha256
from trading.evaluation.entries import SHEET_TYPE, Change, changes, reason_for
from trading.evaluation.facts import present_number
from trading.evaluation.models import Entry, EvaluationRound, Reopening, SheetLock
from trading.evaluation.models import Sheet as SheetRow
from trading.evaluation.rounds import begin_round
from trading.evaluation.sheet_queries import Sheet, locked_sheets, my_sheet
from trading.evaluation.signature_rule import check_signed
from trading.review.queries import check_qualified, check_settled
from trading.tender.policy import Step
from trading.tender.queries import LotContext, lot_context
from trading.tender.suspensions import keep_running


class SheetLocked(Problem):
    code = "E_SHEET_LOCKED"
    text = "Your sheet is locked and can no longer be changed."


class OnlyReopened(Problem):
    """政府采购货物和服务招标投标管理办法 art. 64."""

    code = "E_SHEET_ITEM"
    text = "Your sheet was reopened for single items; all others stay as you locked them (87号令 art. 64)."


class NothingToUndo(Problem):
    code = "E_SHEET_UNDO"
    text = "There is nothing that could be taken back."


class SheetIncomplete(Problem):
    code = "E_SHEET_INCOMPLETE"
    text = "{missing} of {total} fields are still empty; fill them before you lock the sheet."


class SheetChanged(Problem):
    code = "E_SHEET_CHANGED"
    text = "The sheet is no longer the one you looked at. Check it again, then lock it."


class NotScored(Problem):
    """财库〔2014〕214号 art. 23."""

    code = "E_FIRST_RESPONSES"
    text = "First responses are not scored: the group scores responses and final offers once these are opened (财库〔2014〕214号 art. 23)."  # noqa: E501


class CriteriaChanged(Problem):
    """招标投标法 art. 40: by the standards and methods of the documents and no others."""

    code = "E_CRITERIA_CHANGED"
    text = "The criteria are not those that the evaluation began with; only those count (招标投标法 art. 40)."


def opened(tx: Tx, lot_id: str, *, at: datetime) -> LotContext:
    """The lot, while it is to be evaluated: opened, neither a prequalification nor suspended."""
    context = lot_context(tx, lot_id)
    if context.content.consults:
        raise NotScored
    if context.state not in EVALUABLE or context.content.prequalifies:
        raise LotNotOpened
    keep_running(tx, lot_id, Step.EVALUATION, at)
    return context


def save(
    tx: Tx,
    lot_id: str,
    *,
    given: Mapping[str, Mapping[str, object]],
    why: str = "",
    actor: Actor,
    at: datetime,
) -> int:
    """Enter what is named, by bid and item, and leave all else; how many items changed. An empty text empties one."""
    sheet = _hold(tx, lot_id, actor=actor, at=at)
    bids = [bid.bid_id for bid in sheet.bids]
    changed = changes({leaf.id: leaf for leaf in sheet.leaves}, bids, sheet.marks, given)
    if not all(sheet.may_change(one.bid, one.leaf.id) for one in changed):
        raise OnlyReopened
    if not sheet.reopened:
        why = reason_for(changed, sheet.leaves, sheet.marks, why)
    _write(
        tx, sheet, changed, why=why or "".join(one.reason for one in sheet.reopened[:1]), actor=actor, at=at
    )
    return len(changed)


def undo(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> None:
    """Take the last change of an open sheet back, and so on back to the first; the log of it keeps both."""
    sheet = _hold(tx, lot_id, actor=actor, at=at)
    last = sheet.undoable
    if last is None or sheet.reopened:
        raise NothingToUndo
    leaf = next((leaf for leaf in sheet.leaves if leaf.id == last.node_id), None)
    if leaf is None:
        raise NothingToUndo
    _write(tx, sheet, [Change(last.bid_id, leaf, last.before)], actor=actor, at=at, undoes=last.seq)


def lock(
    tx: Tx, lot_id: str, *, sha256: str, envelope: bytes | None = None, actor: Actor, at: datetime
) -> None:
    """Lock the member's complete sheet, exactly as it was shown; the log keeps its hash.

    Who holds a certificate signs; for everybody else the caller has asked for a fresh proof of who they are.
    """
    sheet = _hold(tx, lot_id, actor=actor, at=at)
    check_settled(tx, lot_id)
    if sheet.done < sheet.total:
        raise SheetIncomplete(missing=sheet.total - sheet.done, total=sheet.total)
    if sheet.sha256 != sha256:
        raise SheetChanged
    check_signed(
        tx,
        sheet.context,
        envelope,
        payload_type=SHEET_TYPE,
        payload=sheet.document,
        actor=actor,
        at=at,
    )
    mine = SheetLock.lot_id == lot_id, SheetLock.number == sheet.number, SheetLock.user_id == actor.user_id
    n = (tx.scalar(select(func.max(SheetLock.n)).where(*mine)) or 0) + 1
    whose = {"lot_id": lot_id, "number": sheet.number, "user_id": actor.user_id}
    tx.add(SheetLock(**whose, n=n, sha256=sha256, envelope=envelope, locked_at=at))
    tx.get_one(SheetRow, tuple(whose.values())).locked_at = at
    _close_reopenings(tx, sheet, at=at)
    tx.flush()
    if is_blind(tx, lot_id) and locked_sheets(tx, lot_id):
        reveal(tx, lot_id, at=at)
    data = {
        "lot": sheet.context.lot_code,
        "number": sheet.number,
        "n": n,
        "sheet_sha256": sha256,
        "signed": envelope is not None,
    }
    record(tx, "evaluation.sheet_locked", subject=lot_id, actor=actor.user_id, at=at, data=data)


def _hold(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> Sheet:
    """The member's open sheet, its row locked: nothing else saves or locks it until this transaction ends."""
    require(actor, "evaluation.score")
    keep_in_session(tx, lot_id, actor=actor, at=at)
    context = opened(tx, lot_id, at=at)
    check_qualified(tx, context)
    number = present_number(tx, lot_id)
    begin_round(tx, context, number=number, at=at)
    whose = {"lot_id": lot_id, "number": number, "user_id": actor.user_id}
    tx.execute(upsert(tx, SheetRow).values(**whose).on_conflict_do_nothing())
    open_ = update(SheetRow).filter_by(**whose).where(SheetRow.locked_at.is_(None))
    if tx.execute(open_.values(saved_at=at).returning(SheetRow.user_id)).one_or_none() is None:
        raise SheetLocked
    _check_criteria(tx, context, number)
    return my_sheet(tx, lot_id, actor=actor)


def _check_criteria(tx: Tx, context: LotContext, number: int) -> None:
    """Score by what the round began with."""
    row = tx.get_one(EvaluationRound, (context.lot_id, number))
    if row.criteria_sha256 not in (
        "",
        criteria_sha256(context),
    ):  # empty in rounds from before they were kept
        raise CriteriaChanged


def _write(
    tx: Tx,
    sheet: Sheet,
    changed: Sequence[Change],
    *,
    why: str = "",
    actor: Actor,
    at: datetime,
    undoes: int | None = None,
) -> None:
    whose = {"lot_id": sheet.context.lot_id, "number": sheet.number, "user_id": actor.user_id}
    last = tx.scalar(select(func.max(Entry.seq)).filter_by(**whose)) or 0
    tx.add_all(
        Entry(
            **whose,
            seq=last + n,
            bid_id=one.bid,
            node_id=one.leaf.id,
            value=one.value,
            why=why,
            undoes=undoes,
            at=at,
        )
        for n, one in enumerate(changed, start=1)
    )
    tx.flush()


def _close_reopenings(tx: Tx, sheet: Sheet, *, at: datetime) -> None:
    ids = [one.id for one in sheet.reopened]
    tx.execute(update(Reopening).where(Reopening.id.in_(ids)).values(closed_at=at))
