"""The calendar of openings: which lots open on a day, with the time left; public, and nothing about bids."""

from __future__ import annotations

from datetime import date, timedelta

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from govcore import clock
from govcore.platform import Platform
from govcore.web import page
from govcore.web.rendering import AnyRequest
from trading.desk import queries
from trading.desk.words import LOT_WORDS, lot_kind

FARTHEST = timedelta(days=3650)


@get("/openings", permission="public", sync_to_thread=True)
def openings_page(
    request: AnyRequest, platform: NamedDependency[Platform], day: FromQuery[str] = ""
) -> Response[str]:
    """The openings of a day in Beijing, today's without one; how to plan rooms without knowing a count."""
    with platform.db.read() as tx:
        at = clock.now(tx)
        today = at.astimezone(clock.BEIJING).date()
        shown = _day(day, near=today)
        openings = queries.openings_on(tx, shown, at=at)
        ahead = queries.opening_days(tx, after=shown)
    return page(
        request,
        "desk/openings.html",
        day=shown,
        today=today,
        before=shown - timedelta(days=1),
        after=shown + timedelta(days=1),
        openings=openings,
        ahead=ahead,
        lot_words=LOT_WORDS,
        lot_kind=lot_kind,
    )


def _day(text: str, *, near: date) -> date:
    """The day asked for; today when it is no date or too far away to mean anything."""
    try:
        wanted = date.fromisoformat(text)
    except ValueError:
        return near
    return wanted if abs(wanted - near) < FARTHEST else near


PAGES = [openings_page]
