"""The calendar for programs."""

from __future__ import annotations

from datetime import date

import msgspec
from litestar import get
from litestar.di import NamedDependency

from govcore.calendar import queries
from govcore.calendar.notices import Days
from govcore.platform import Platform


class CalendarShown(msgspec.Struct):
    """The notices in force by year; days after `provisional_after` may still change."""

    version: str
    provisional_after: date
    years: dict[int, Days]


@get("/api/calendar", permission="public", sync_to_thread=True)
def calendar_data(platform: NamedDependency[Platform]) -> CalendarShown:
    """All working days that the platform reckons with, in the shape that a notice is loaded in."""
    with platform.db.read() as tx:
        calendar, years = queries.calendar_of(tx), queries.in_force(tx)
    return CalendarShown(
        version=calendar.version,
        provisional_after=calendar.provisional_after,
        years={year: notice.days for year, notice in sorted(years.items())},
    )


ROUTES = [calendar_data]
