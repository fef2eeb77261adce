"""Rooms, bookings and the witness's log: JSON."""

from __future__ import annotations

import msgspec
from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from govcore import clock
from govcore.identity.policy import Actor
from govcore.platform import Platform
from trading.venue import queries, service
from trading.venue.schemas import BookingView, Made, NewBooking, NewObservation, NewRoom, SeenView


@post("/api/rooms", permission="venue.book", sync_to_thread=True, status_code=201)
def add_room(
    data: JSONBody[NewRoom], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Made:
    """Add a room of the centre."""
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        room_id = service.add_room(tx, name=data.name, place=data.place, seats=data.seats, actor=actor, at=at)
    return Made(room_id)


@post("/api/lots/{lot_id:str}/bookings", permission="venue.book", sync_to_thread=True, status_code=201)
def book(
    lot_id: FromPath[str],
    data: JSONBody[NewBooking],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Made:
    """Book a room and its host for a lot."""
    with platform.db.transaction() as tx:
        booking_id = service.book(
            tx,
            lot_id,
            room_id=data.room,
            use=data.use,
            starts_at=data.starts_at,
            ends_at=data.ends_at,
            host_id=data.host,
            actor=actor,
            at=clock.now(tx),
        )
    return Made(booking_id)


@get("/api/lots/{lot_id:str}/bookings", permission="venue.book", sync_to_thread=True)
def show_bookings(lot_id: FromPath[str], platform: NamedDependency[Platform]) -> list[BookingView]:
    """The rooms of a lot."""
    with platform.db.read() as tx:
        found = queries.bookings_of(tx, lot_id)
    return [msgspec.convert(one, BookingView, from_attributes=True) for one in found]


@delete("/api/bookings/{booking_id:str}", permission="venue.book", sync_to_thread=True)
def cancel(
    booking_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> None:
    """Free a room again."""
    with platform.db.transaction() as tx:
        service.cancel(tx, booking_id, actor=actor, at=clock.now(tx))


@post("/api/lots/{lot_id:str}/observations", permission="venue.witness", sync_to_thread=True, status_code=204)
def observe(
    lot_id: FromPath[str],
    data: JSONBody[NewObservation],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Write down what the witness saw."""
    with platform.db.transaction() as tx:
        service.observe(
            tx, lot_id, use=data.use, text=data.text, seen_at=data.seen_at, actor=actor, at=clock.now(tx)
        )


@get("/api/lots/{lot_id:str}/observations", permission="venue.read", sync_to_thread=True)
def show_log(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> list[SeenView]:
    """The witness's log of a lot."""
    with platform.db.read() as tx:
        _, seen = queries.log_of(tx, lot_id, actor=actor)
    return [msgspec.convert(one, SeenView, from_attributes=True) for one in seen]


ROUTES = [add_room, book, show_bookings, cancel, observe, show_log]
