"""The session's windows, opened and closed by the centre's clerk, and the members who come into them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from govcore.audit.entries import time_text
from govcore.audit.service import record
from govcore.db import Tx, upsert
from govcore.errors import MoveNotAllowed, Problem
from govcore.identity.policy import Actor, require
from trading.committee import queries
from trading.committee.blind import assign_codes
from trading.committee.models import Committee, Presence, Promise, SeatRow, Window
from trading.committee.policy import EVALUABLE, SESSION_RULES, SessionMove, SessionState, promise_digest
from trading.committee.service import LotNotOpened, check_place, held, own_seat
from trading.tender.policy import Step
from trading.tender.queries import lot_context
from trading.tender.suspensions import keep_running
from trading.venue.queries import committee_rooms


class RoomUnknown(Problem):
    code = "E_ROOM_UNKNOWN"
    status = 422
    text = "There is no such room; choose one of those that were set up."


class RoomMissing(Problem):
    """电子招标投标办法 art. 33: in a monitored and confidential place."""

    code = "E_ROOM_MISSING"
    status = 422
    text = "Choose the room: this site lets committees meet only in rooms that were set up (E20 art. 33)."


class SessionEnd(Problem):
    code = "E_SESSION_END"
    status = 422
    text = "Say until when the session is planned, at a time that lies ahead."


class LeaderMissing(Problem):
    """评标委员会和评标方法暂行规定 art. 9."""

    code = "E_LEADER_MISSING"
    text = (
        "The tenderer names this committee's leader before it first meets "
        "(T14 · 评标委员会和评标方法暂行规定 art. 9)."
    )


class NothingToProlong(Problem):
    code = "E_NOTHING_TO_PROLONG"
    text = "No session is open whose end lies ahead; open another one instead."


class PromiseChanged(Problem):
    code = "E_PROMISE_TEXT"
    text = "The promise is another one now; read it again."


def move_session(tx: Tx, row: Committee, move: SessionMove) -> None:
    """Move a session's state, or raise `MoveNotAllowed` and change nothing."""
    rule = SESSION_RULES[move]
    moved = update(Committee).where(Committee.lot_id == row.lot_id, Committee.state.in_(rule.sources))
    if tx.execute(moved.values(state=rule.target).returning(Committee.lot_id)).one_or_none() is None:
        raise MoveNotAllowed(move=move, state=row.state)
    tx.refresh(row, ["state"])


def open_session(
    tx: Tx, lot_id: str, *, room_id: str | None, ends_at: datetime, actor: Actor, at: datetime
) -> None:
    """Open a window of the committee's session in a room until `ends_at`; one whose time is over ends by that.

    Without any room set up, members may come from anywhere.
    """
    rule = SESSION_RULES[SessionMove.OPEN]
    require(actor, rule.permission)
    committee = held(tx, lot_id)
    context = lot_context(tx, lot_id)
    if context.state not in EVALUABLE:
        raise LotNotOpened
    keep_running(tx, lot_id, Step.EVALUATION, at)
    _check_leader(tx, committee)
    if ends_at <= at:
        raise SessionEnd(field="ends_at")
    known = {room.id for room in committee_rooms(tx)}
    if room_id is not None and room_id not in known:
        raise RoomUnknown
    if room_id is None and known:
        raise RoomMissing
    last = queries.last_meeting(tx, lot_id)
    if last is not None and last.over(at):
        _close(tx, committee, by=None, at=at)
    move_session(tx, committee, SessionMove.OPEN)
    assign_codes(tx, lot_id)
    number = (tx.scalar(select(func.max(Window.number)).where(Window.lot_id == lot_id)) or 0) + 1
    tx.add(
        Window(
            lot_id=lot_id,
            number=number,
            room_id=room_id,
            opened_by=actor.user_id,
            opened_at=at,
            ends_at=ends_at,
        )
    )
    tx.flush()
    data = {
        "lot": context.lot_code,
        "window": number,
        "room": room_id or "",
        "ends_at": time_text(ends_at),
    }
    record(tx, rule.event, subject=lot_id, actor=actor.user_id, at=at, data=data)


def _check_leader(tx: Tx, committee: Committee) -> None:
    """Nobody scores before the named leader is known; one who leaves later is followed while the others go on."""
    first = committee.state == SessionState.SEATED
    if first and committee.leader is None and queries.names_leader(tx, committee.lot_id):
        raise LeaderMissing


def close_session(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> None:
    """Close the open window: from now on no member reads or writes anything, until another one is opened."""
    require(actor, SESSION_RULES[SessionMove.CLOSE].permission)
    _close(tx, held(tx, lot_id), by=actor.user_id, at=at)


def end_session(tx: Tx, lot_id: str, *, at: datetime) -> None:
    """Close a window whose planned end has come; doing it late or twice changes nothing."""
    committee, last = held(tx, lot_id), queries.last_meeting(tx, lot_id)
    if last is not None and last.over(at):
        _close(tx, committee, by=None, at=at)


def prolong_session(tx: Tx, lot_id: str, *, minutes: int, why: str, actor: Actor, at: datetime) -> None:
    """Move the planned end of the open window; `NothingToProlong` once its time is over.

    Members who find their time too short are given more (T16 · 实施条例 art. 48); the caller knows that two agree.
    """
    require(actor, "committee.convene")
    held(tx, lot_id)
    before, number = prolongable(tx, lot_id, at=at)
    then = before + timedelta(minutes=minutes)
    tx.execute(update(Window).where(Window.lot_id == lot_id, Window.number == number).values(ends_at=then))
    data = {
        "lot": lot_context(tx, lot_id).lot_code,
        "window": number,
        "ends_at": time_text(then),
        "seconds": minutes * 60,
        "reason": why,
    }
    record(tx, "committee.prolonged", subject=lot_id, actor=actor.user_id, at=at, data=data)


def prolongable(tx: Tx, lot_id: str, *, at: datetime) -> tuple[datetime, int]:
    """The planned end of the open window and its number; `NothingToProlong` without one, or once it has come."""
    last = queries.last_meeting(tx, lot_id)
    if last is None or last.ends_at is None or last.over(at):
        raise NothingToProlong
    return last.ends_at, last.number


def _close(tx: Tx, committee: Committee, *, by: str | None, at: datetime) -> None:
    """End the open window, at its planned end when that has come; without `by` its time was over."""
    lot_id = committee.lot_id
    move_session(tx, committee, SessionMove.CLOSE)
    window = tx.scalars(select(Window).where(Window.lot_id == lot_id, Window.closed_at.is_(None))).one()
    window.closed_at, window.closed_by = min(at, window.ends_at or at), by
    here = (Presence.lot_id == lot_id, Presence.left_at.is_(None))
    tx.execute(update(Presence).where(*here).values(left_at=window.closed_at))
    tx.flush()
    data = {"lot": lot_context(tx, lot_id).lot_code, "window": window.number}
    record(tx, SESSION_RULES[SessionMove.CLOSE].event, subject=lot_id, actor=by or "system", at=at, data=data)


def sign_in(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> None:
    """Come into the open window, from the room's network; coming in twice changes nothing."""
    require(actor, "committee.sit")
    held(tx, lot_id)
    seat = own_seat(tx, lot_id, actor)
    meeting = check_place(tx, lot_id, seat, actor, at=at)
    if queries.is_present(tx, lot_id, seat.seat, meeting.number):
        return
    tx.add(Presence(lot_id=lot_id, window=meeting.number, seat=seat.seat, came_at=at, address=actor.address))
    if seat.signed_in_at is None:
        tx.get_one(SeatRow, (lot_id, seat.seat)).signed_in_at = at
    tx.flush()
    data = {"seat": seat.seat, "window": meeting.number, "address": actor.address}
    record(tx, "committee.came", subject=lot_id, actor=actor.user_id, at=at, data=data)


def sign_out(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> None:
    """Leave the window; who is not in it has nothing to leave."""
    require(actor, "committee.sit")
    seat = own_seat(tx, lot_id, actor)
    here = (Presence.lot_id == lot_id, Presence.seat == seat.seat, Presence.left_at.is_(None))
    left = tx.execute(
        update(Presence).where(*here).values(left_at=at).returning(Presence.window)
    ).one_or_none()
    if left is not None:
        data = {"seat": seat.seat, "window": left.window}
        record(tx, "committee.went", subject=lot_id, actor=actor.user_id, at=at, data=data)


def promise(tx: Tx, lot_id: str, *, text: str, version: str, sha256: str, actor: Actor, at: datetime) -> None:
    """Accept the promise as it was read: `sha256` is what the member saw, `text` what is promised now.

    A promise is given once for all windows; giving it again changes nothing.
    """
    require(actor, "committee.sit")
    held(tx, lot_id)
    seat = own_seat(tx, lot_id, actor)
    check_place(tx, lot_id, seat, actor, at=at)
    if sha256 != promise_digest(text):
        raise PromiseChanged
    if seat.promised_at is not None:
        return
    kept = upsert(tx, Promise).values(sha256=sha256, version=version, text=text)
    tx.execute(kept.on_conflict_do_nothing(index_elements=["sha256"]))
    row = tx.get_one(SeatRow, (lot_id, seat.seat))
    row.promised_at, row.promise_sha256 = at, sha256
    data = {"seat": seat.seat, "version": version, "sha256": sha256}
    record(tx, "committee.promised", subject=lot_id, actor=actor.user_id, at=at, data=data)
