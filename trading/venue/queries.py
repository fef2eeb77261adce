"""Reads of rooms and of the witness's log: rooms for the centre, the log for the centre and the lot's department."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select

from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity import queries as identity
from govcore.identity.models import User
from govcore.identity.policy import Actor, Role
from trading.tender.models import Lot, Tender
from trading.tender.policy import ENDED, LotState, TenderState
from trading.tender.queries import LotContext, published_lot
from trading.venue.models import Booking, Observation, Room
from trading.venue.policy import Use


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomShown:
    id: str
    name: str
    place: str
    seats: int
    networks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingShown:
    id: str
    room: str
    place: str
    lot_id: str
    title: str
    lot_name: str
    use: Use
    starts_at: datetime
    ends_at: datetime
    host: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An observation; a `late` one was written down more than an hour after it was made."""

    use: Use
    text: str
    seen_at: datetime
    recorded_at: datetime
    witness: str

    @property
    def late(self) -> bool:
        return (self.recorded_at - self.seen_at).total_seconds() > 3600


def rooms(tx: Tx) -> list[RoomShown]:
    """The rooms that can be booked."""
    rows = tx.scalars(select(Room).where(Room.retired_at.is_(None)).order_by(Room.name))
    return [
        RoomShown(
            id=one.id, name=one.name, place=one.place, seats=one.seats, networks=tuple(one.networks or ())
        )
        for one in rows
    ]


def committee_rooms(tx: Tx) -> list[RoomShown]:
    """The rooms in which committees may meet: those of which it is said from where members are let in."""
    return [one for one in rooms(tx) if one.networks]


def bookings(tx: Tx, first: datetime, end: datetime) -> list[BookingShown]:
    """What is booked in a span of time, by its hour."""
    overlap = Booking.starts_at < end, Booking.ends_at > first
    return _bookings(tx, *overlap)


def bookings_of(tx: Tx, lot_id: str) -> list[BookingShown]:
    return _bookings(tx, Booking.lot_id == lot_id)


def _bookings(tx: Tx, *wanted: ColumnElement[bool]) -> list[BookingShown]:
    query = (
        select(Booking, Room, Lot.name, Tender.title, User.name)
        .join(Room, Room.id == Booking.room_id)
        .join(Lot, Lot.id == Booking.lot_id)
        .join(Tender, Tender.id == Lot.tender_id)
        .join(User, User.id == Booking.host_id)
        .where(Booking.cancelled_at.is_(None), *wanted)
        .order_by(Booking.starts_at, Room.name)
    )
    return [
        BookingShown(
            id=one.id,
            room=room.name,
            place=room.place,
            lot_id=one.lot_id,
            title=title,
            lot_name=lot_name,
            use=Use(one.use),
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            host=host,
        )
        for one, room, lot_name, title, host in tx.execute(query)
    ]


def taken(tx: Tx, starts_at: datetime, ends_at: datetime, *, room_id: str, host_id: str) -> tuple[bool, bool]:
    """Whether the room, and whether the host, is booked at some moment of this time."""
    overlap = Booking.starts_at < ends_at, Booking.ends_at > starts_at, Booking.cancelled_at.is_(None)
    rows = tx.execute(select(Booking.room_id, Booking.host_id).where(*overlap)).all()
    return any(row.room_id == room_id for row in rows), any(row.host_id == host_id for row in rows)


def lots_to_host(tx: Tx) -> list[tuple[str, str]]:
    """The published lots that have an opening or an evaluation ahead, by id and name."""
    going_on = Lot.state.in_((LotState.OPEN, LotState.CLOSED, LotState.OPENED)), Lot.state.not_in(ENDED)
    query = select(Lot.id, Lot.name, Tender.title).join(Tender, Tender.id == Lot.tender_id)
    query = query.where(Tender.state == TenderState.PUBLISHED, *going_on).order_by(Lot.opening_at, Lot.code)
    return [(row.id, f"{row.title} · {row.name}") for row in tx.execute(query)]


def hosts(tx: Tx, *, actor: Actor) -> list[tuple[str, str]]:
    """The centre's staff by name, for a member of it; `NotFound` for everybody else."""
    if Role.CENTRE not in actor.roles:
        raise NotFound
    staff = identity.users_with_role(tx, Role.CENTRE)
    rows = tx.execute(select(User.id, User.name).where(User.id.in_(staff)).order_by(User.name))
    return [(row.id, row.name) for row in rows]


def log_of(tx: Tx, lot_id: str, *, actor: Actor) -> tuple[LotContext, list[Seen]]:
    """The witness's log of a lot, for the centre and the lot's department; `NotFound` for everybody else."""
    lot = published_lot(tx, lot_id)
    if Role.CENTRE not in actor.roles and not (
        Role.REGULATOR in actor.roles and actor.org_id == lot.regulator.id
    ):
        raise NotFound
    return lot, observations(tx, lot_id)


def observations(tx: Tx, lot_id: str) -> list[Seen]:
    """What was seen, in the order in which it happened; for the archive too."""
    query = select(Observation, User.name).join(User, User.id == Observation.witness_id)
    query = query.where(Observation.lot_id == lot_id).order_by(Observation.seen_at, Observation.recorded_at)
    return [
        Seen(
            use=Use(one.use),
            text=one.text,
            seen_at=one.seen_at,
            recorded_at=one.recorded_at,
            witness=witness,
        )
        for one, witness in tx.execute(query)
    ]
