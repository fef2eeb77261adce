"""The session's windows, opened and closed by the centre's clerk, and the members who come into them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, update

from govcore.audit.service import record
from govcore.db import Tx, upsert
from govcore.errors import MoveNotAllowed, Problem
from govcore.identity.policy import Actor, require
from trading.committee import queries
from trading.committee.blind import assign_codes
from trading.committee.models import Committee, Presence, Promise, SeatRow, Window
from trading.committee.policy import EVALUABLE, SESSION_RULES, SessionMove, promise_digest
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


def open_session(tx: Tx, lot_id: str, *, room_id: str | None, actor: Actor, at: datetime) -> None:
    """Open a window of the committee's session in a room; without any room set up, members may come from anywhere."""
    rule = SESSION_RULES[SessionMove.OPEN]
    require(actor, rule.permission)
    committee = held(tx, lot_id)
    context = lot_context(tx, lot_id)
    if context.state not in EVALUABLE:
        raise LotNotOpened
    keep_running(tx, lot_id, Step.EVALUATION, at)
    known = {room.id for room in committee_rooms(tx)}
    if room_id is not None and room_id not in known:
        raise RoomUnknown
    if room_id is None and known:
        raise RoomMissing
    move_session(tx, committee, SessionMove.OPEN)
    assign_codes(tx, lot_id)
    last = tx.scalar(select(func.max(Window.number)).where(Window.lot_id == lot_id)) or 0
    tx.add(Window(lot_id=lot_id, number=last + 1, room_id=room_id, opened_by=actor.user_id, opened_at=at))
    tx.flush()
    data = {"lot": context.lot_code, "window": last + 1, "room": room_id or ""}
    record(tx, rule.event, subject=lot_id, actor=actor.user_id, at=at, data=data)


def close_session(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> None:
    """Close the open window: from now on no member reads or writes anything, until another one is opened."""
    rule = SESSION_RULES[SessionMove.CLOSE]
    require(actor, rule.permission)
    committee = held(tx, lot_id)
    move_session(tx, committee, SessionMove.CLOSE)
    here = (Presence.lot_id == lot_id, Presence.left_at.is_(None))
    tx.execute(update(Presence).where(*here).values(left_at=at))
    closed = update(Window).where(Window.lot_id == lot_id, Window.closed_at.is_(None))
    number = tx.execute(
        closed.values(closed_at=at, closed_by=actor.user_id).returning(Window.number)
    ).scalar_one()
    data = {"lot": lot_context(tx, lot_id).lot_code, "window": number}
    record(tx, rule.event, subject=lot_id, actor=actor.user_id, at=at, data=data)


def sign_in(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> None:
    """Come into the open window, from the room's network; coming in twice changes nothing."""
    require(actor, "committee.sit")
    held(tx, lot_id)
    seat = own_seat(tx, lot_id, actor)
    meeting = check_place(tx, lot_id, seat, actor)
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
    check_place(tx, lot_id, seat, actor)
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
