"""The calendar of openings: which lots open on a day, in a week, in a month; public, and nothing about bids."""

from __future__ import annotations

from itertools import groupby

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from govcore import clock
from govcore.platform import Platform
from govcore.web import page
from govcore.web.rendering import AnyRequest
from trading.desk import queries
from trading.desk.calendars import Span, shown
from trading.desk.words import LOT_WORDS, lot_kind

SPAN_WORDS = {Span.DAY: "One day", Span.WEEK: "One week", Span.MONTH: "One month"}


@get("/openings", permission="public", sync_to_thread=True)
def openings_page(
    request: AnyRequest,
    platform: NamedDependency[Platform],
    day: FromQuery[str] = "",
    span: FromQuery[str] = "day",
) -> Response[str]:
    """The openings of a span in Beijing, today's without one; how to plan rooms without knowing a count."""
    with platform.db.read() as tx:
        at = clock.now(tx)
        today = at.astimezone(clock.BEIJING).date()
        asked = shown(span, day, today=today)
        openings = queries.openings_between(tx, asked.first, asked.end, at=at)
        ahead = queries.opening_days(tx, after=asked.end)
    days = groupby(
        openings, key=lambda lot: lot.opening_at and lot.opening_at.astimezone(clock.BEIJING).date()
    )
    return page(
        request,
        "desk/openings.html",
        asked=asked,
        today=today,
        days=[(one, list(lots)) for one, lots in days],
        ahead=ahead,
        span_words=SPAN_WORDS,
        lot_words=LOT_WORDS,
        lot_kind=lot_kind,
    )


PAGES = [openings_page]
