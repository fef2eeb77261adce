"""Rooms are added and booked, bookings cancelled, observations written down."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update

from govcore.audit.entries import time_text
from govcore.audit.service import record
from govcore.db import Tx, new_id
from govcore.errors import MoveNotAllowed, NotFound, Problem
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, Role, require
from trading.tender import queries as tenders
from trading.venue import queries
from trading.venue.models import Booking, Observation, Room
from trading.venue.policy import TEXT_MAX, Use, fits, may_have_been_seen


class RoomTaken(Problem):
    code = "E_ROOM_TAKEN"
    text = "This room is booked for some of that time already."


class HostTaken(Problem):
    code = "E_HOST_TAKEN"
    text = "This person hosts somewhere else in that time."


class WrongTime(Problem):
    code = "E_BOOKING_TIME"
    status = 422
    text = "A booking ends after it starts, lies ahead and lasts at most two weeks."


class WrongRoom(Problem):
    code = "E_ROOM"
    status = 422
    text = "A room has a name of its own, a place and 1 to 10,000 seats."


class WrongObservation(Problem):
    code = "E_OBSERVATION"
    status = 422
    text = "Write down in 1 to {most} characters what was seen, at a time that is not in the future."


def add_room(tx: Tx, *, name: str, place: str, seats: int, actor: Actor, at: datetime) -> str:
    require(actor, "venue.book")
    name, place = name.strip(), place.strip()
    used = tx.scalar(select(Room.id).where(Room.name == name))
    if not name or not place or not 0 < seats <= 10_000 or used is not None:
        raise WrongRoom
    room = Room(
        id=new_id(),
        name=name[:100],
        place=place[:200],
        seats=seats,
        networks=[],
        centre_id=actor.org_id,
        retired_at=None,
    )
    tx.add(room)
    record(tx, "venue.room_added", subject=room.id, actor=actor.user_id, at=at, data={"name": room.name})
    return room.id


def let_in(tx: Tx, room_id: str, *, networks: Sequence[str], actor: Actor, at: datetime) -> None:
    """Say from where a committee's members are let into a room; a session that is open there goes by it at once."""
    require(actor, "venue.book")
    room = tx.get(Room, room_id)
    if room is None or room.retired_at is not None:
        raise NotFound
    before, room.networks = list(room.networks), list(networks)
    tx.flush()
    data = {"name": room.name, "before": before, "networks": list(networks)}
    record(tx, "venue.networks_set", subject=room_id, actor=actor.user_id, at=at, data=data)


def book(
    tx: Tx,
    lot_id: str,
    *,
    room_id: str,
    use: Use,
    starts_at: datetime,
    ends_at: datetime,
    host_id: str,
    actor: Actor,
    at: datetime,
) -> str:
    """Book a room and its host for a lot; neither can be in two places at once."""
    require(actor, "venue.book")
    lot = tenders.published_lot(tx, lot_id)
    if not fits(starts_at, ends_at, at):
        raise WrongTime
    # All rooms are locked: a host could otherwise be booked in two of them at the same moment.
    tx.execute(select(Room.id).order_by(Room.id).with_for_update())
    room = tx.get(Room, room_id)
    if room is None or room.retired_at is not None:
        raise NotFound
    if host_id not in identity.users_with_role(tx, Role.CENTRE):
        raise NotFound
    room_taken, host_taken = queries.taken(tx, starts_at, ends_at, room_id=room_id, host_id=host_id)
    if room_taken:
        raise RoomTaken
    if host_taken:
        raise HostTaken
    row = Booking(
        id=new_id(),
        room_id=room_id,
        lot_id=lot_id,
        use=use,
        starts_at=starts_at,
        ends_at=ends_at,
        host_id=host_id,
        booked_by=actor.user_id,
        booked_at=at,
        cancelled_at=None,
    )
    tx.add(row)
    data = {"lot": lot.lot_code, "room": room.name, "use": use.value, "from": time_text(starts_at)}
    record(tx, "venue.booked", subject=lot_id, actor=actor.user_id, at=at, data=data)
    return row.id


def cancel(tx: Tx, booking_id: str, *, actor: Actor, at: datetime) -> None:
    """Free a room again."""
    require(actor, "venue.book")
    query = update(Booking).where(Booking.id == booking_id, Booking.cancelled_at.is_(None))
    lot_id = tx.scalar(query.values(cancelled_at=at).returning(Booking.lot_id))
    if lot_id is None:
        raise MoveNotAllowed(move="venue.cancel", state="cancelled")
    data = {"booking": booking_id}
    record(tx, "venue.cancelled", subject=lot_id, actor=actor.user_id, at=at, data=data)


def observe(
    tx: Tx, lot_id: str, *, use: Use, text: str, seen_at: datetime, actor: Actor, at: datetime
) -> None:
    """Write down what the witness saw; it is never changed, a correction is another observation."""
    require(actor, "venue.witness")
    lot = tenders.published_lot(tx, lot_id)
    if not 0 < len(text.strip()) <= TEXT_MAX or not may_have_been_seen(seen_at, at):
        raise WrongObservation(most=TEXT_MAX)
    row = Observation(
        id=new_id(),
        lot_id=lot_id,
        use=use,
        text=text.strip(),
        seen_at=seen_at,
        recorded_at=at,
        witness_id=actor.user_id,
    )
    tx.add(row)
    data = {"lot": lot.lot_code, "use": use.value, "seen_at": time_text(seen_at)}
    record(tx, "venue.observed", subject=lot_id, actor=actor.user_id, at=at, data=data)
