"""Pages of the centre's rooms by week, and of the witness's log of a lot."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import groupby

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.clock import BEIJING
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.rendering import AnyRequest, language
from trading.tender.pages import band
from trading.venue import queries, service
from trading.venue.policy import TEXT_MAX, USE_WORDS, Use

WEEK = timedelta(days=7)


class RoomForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str = ""
    place: str = ""
    seats: str = ""


class BookingForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    lot: str = ""
    room: str = ""
    use: Use = Use.OPENING
    starts_at: str = ""
    ends_at: str = ""
    host: str = ""


class ObservationForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    use: Use = Use.OPENING
    seen_at: str = ""
    text: str = ""


@get("/rooms", permission="venue.book", sync_to_thread=True)
def rooms_page(
    request: AnyRequest,
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
    week: FromQuery[str] = "",
    lot: FromQuery[str] = "",
) -> Response[str]:
    """The rooms and what is booked in a week, Monday first; a booking may begin with a lot."""
    return _rooms(request, platform, actor, week=week, entered=BookingForm(lot=lot))


@post("/rooms", permission="venue.book", sync_to_thread=True, status_code=200)
def add_room(
    request: AnyRequest,
    data: URLEncodedBody[RoomForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Add a room."""
    seats = int(data.seats) if data.seats.isascii() and data.seats.isdigit() and len(data.seats) < 6 else 0
    try:
        with platform.db.transaction() as tx:
            service.add_room(tx, name=data.name, place=data.place, seats=seats, actor=actor, at=clock.now(tx))
    except service.WrongRoom as problem:
        return _rooms(request, platform, actor, problem=problem, field="name", room=data)
    return redirect("/rooms")


@post("/rooms/bookings", permission="venue.book", sync_to_thread=True, status_code=200)
def book(
    request: AnyRequest,
    data: URLEncodedBody[BookingForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Book a room and its host."""
    starts_at, ends_at = _moment(data.starts_at), _moment(data.ends_at)
    try:
        with platform.db.transaction() as tx:
            if starts_at is None or ends_at is None:
                raise service.WrongTime
            service.book(
                tx,
                data.lot,
                room_id=data.room,
                use=data.use,
                starts_at=starts_at,
                ends_at=ends_at,
                host_id=data.host,
                actor=actor,
                at=clock.now(tx),
            )
    except (service.WrongTime, service.RoomTaken, service.HostTaken) as problem:
        return _rooms(request, platform, actor, problem=problem, field="starts_at", entered=data)
    return redirect(f"/rooms?week={starts_at.astimezone(BEIJING).date().isoformat()}")


@post("/rooms/bookings/{booking_id:str}/cancel", permission="venue.book", sync_to_thread=True)
def cancel(
    booking_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    """Free the room again."""
    with platform.db.transaction() as tx:
        service.cancel(tx, booking_id, actor=actor, at=clock.now(tx))
    return redirect("/rooms")


@get("/lots/{lot_id:str}/witness", permission="venue.read", sync_to_thread=True)
def witness_page(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """The witness's log of a lot."""
    return _witness(request, platform, lot_id, actor)


@post("/lots/{lot_id:str}/witness", permission="venue.witness", sync_to_thread=True, status_code=200)
def observe(
    request: AnyRequest,
    lot_id: FromPath[str],
    data: URLEncodedBody[ObservationForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Write down what was seen; without a time it was now."""
    try:
        with platform.db.transaction() as tx:
            at = clock.now(tx)
            seen_at = _moment(data.seen_at) if data.seen_at else at
            if seen_at is None:
                raise service.WrongObservation(most=TEXT_MAX)
            service.observe(tx, lot_id, use=data.use, text=data.text, seen_at=seen_at, actor=actor, at=at)
    except service.WrongObservation as problem:
        return _witness(request, platform, lot_id, actor, problem=problem, entered=data)
    return redirect(f"/lots/{lot_id}/witness")


def _rooms(
    request: AnyRequest,
    platform: Platform,
    actor: Actor,
    *,
    week: str = "",
    problem: Problem | None = None,
    field: str = "",
    entered: BookingForm | None = None,
    room: RoomForm | None = None,
) -> Response[str]:
    with platform.db.read() as tx:
        today = clock.now(tx).astimezone(BEIJING).date()
        first = _monday(week, today)
        start = datetime.combine(first, time(), BEIJING)
        found = queries.bookings(tx, start, start + WEEK)
        found_rooms = queries.rooms(tx)
        context = {
            "lots": queries.lots_to_host(tx),
            "hosts": queries.hosts(tx, actor=actor),
        }
    days = groupby(found, key=lambda one: max(one.starts_at.astimezone(BEIJING).date(), first))
    return page(
        request,
        "venue/rooms.html",
        status=problem.status if problem else 200,
        days=[(day, list(rows)) for day, rows in days],
        first=first,
        last=first + WEEK - timedelta(days=1),
        before=first - WEEK,
        after=first + WEEK,
        today=today,
        use_words=USE_WORDS,
        use_options=_uses(request, platform),
        room_options=[(one.id, f"{one.name} · {one.place}") for one in found_rooms],
        rooms=found_rooms,
        problem=problem,
        field=field,
        entered=entered or BookingForm(),
        room=room or RoomForm(),
        **context,
    )


def _witness(
    request: AnyRequest,
    platform: Platform,
    lot_id: str,
    actor: Actor,
    *,
    problem: Problem | None = None,
    entered: ObservationForm | None = None,
) -> Response[str]:
    with platform.db.read() as tx:
        lot, seen = queries.log_of(tx, lot_id, actor=actor)
        booked = queries.bookings_of(tx, lot_id)
    return page(
        request,
        "venue/witness.html",
        status=problem.status if problem else 200,
        lot=lot,
        seen=seen,
        booked=booked,
        use_words=USE_WORDS,
        use_options=_uses(request, platform),
        text_max=TEXT_MAX,
        problem=problem,
        entered=entered or ObservationForm(),
        band=band(lot.rule_set),
    )


def _uses(request: AnyRequest, platform: Platform) -> list[tuple[str, str]]:
    _ = platform.catalogue.translator(language(request))
    return [(use.value, _(word)) for use, word in USE_WORDS.items()]


def _monday(week: str, today: date) -> date:
    try:
        asked = date.fromisoformat(week) if week else today
    except ValueError:
        raise NotFound from None
    if abs(asked - today) > timedelta(days=3650):
        raise NotFound
    return asked - timedelta(days=asked.weekday())


def _moment(typed: str) -> datetime | None:
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=BEIJING)
    except ValueError:
        return None


PAGES = [rooms_page, add_room, book, cancel, witness_page, observe]
