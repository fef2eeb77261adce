"""Days, weeks and months of Beijing as a calendar of openings shows them; pure."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from govcore.clock import BEIJING

_DAY = timedelta(days=1)
FARTHEST = timedelta(days=3650)


class Span(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Shown:
    """The days from `first` up to, not including, `end`, and a day of the spans before and after."""

    span: Span
    first: date
    end: date
    before: date
    after: date

    @property
    def last(self) -> date:
        return self.end - _DAY


def shown(span: str, day: str, *, today: date) -> Shown:
    """What an address asks for; today's where it is no day or too far away to mean anything."""
    wanted = _day(day, near=today)
    if span == Span.MONTH:
        first = wanted.replace(day=1)
        end = first + monthrange(first.year, first.month)[1] * _DAY
        return Shown(Span.MONTH, first, end, (first - _DAY).replace(day=1), end)
    if span == Span.WEEK:
        first = wanted - wanted.weekday() * _DAY
        return Shown(Span.WEEK, first, first + 7 * _DAY, first - 7 * _DAY, first + 7 * _DAY)
    return Shown(Span.DAY, wanted, wanted + _DAY, wanted - _DAY, wanted + _DAY)


def end_of_day(moment: datetime, *, after: int) -> datetime:
    """24:00 in Beijing of the day so many days after a moment's."""
    return datetime.combine(moment.astimezone(BEIJING).date() + (after + 1) * _DAY, time(), BEIJING)


def _day(text: str, *, near: date) -> date:
    try:
        wanted = date.fromisoformat(text)
    except ValueError:
        return near
    return wanted if abs(wanted - near) < FARTHEST else near
