"""Hours promised at a counter: only those count in which it is open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from govcore.calendar.working_days import Calendar
from govcore.clock import BEIJING

Hours = Sequence[tuple[time, time]]
"""When the counter opens and closes, in order, in Beijing time."""


def add_business_hours(calendar: Calendar, start: datetime, length: timedelta, *, hours: Hours) -> datetime:
    """The moment at which so much open time has passed since `start`.

    Raise `CalendarNotPublished` where the days leave the loaded notices, ValueError when the counter is never open.
    """
    if not any(opens < closes for opens, closes in hours):
        raise ValueError("the counter is never open")
    now = start.astimezone(BEIJING)
    left = length
    day = now.date()
    while True:
        for opens, closes in hours if calendar.is_working_day(day) else ():
            begin = max(datetime.combine(day, opens, BEIJING), now)
            end = datetime.combine(day, closes, BEIJING)
            if begin >= end:
                continue
            if left <= end - begin:
                return begin + left
            left -= end - begin
        day += timedelta(days=1)
