"""Counting working days and moving last days off holidays (民法典 第二百零一、二百零三条)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path

from govcore.errors import Problem

_NOTICES = Path(__file__).with_name("holidays.json")
_DAY = timedelta(days=1)
_SATURDAY = 5


class CalendarNotPublished(Problem):
    """The State Council has published no holiday notice for the year of this day."""

    code = "E_CALENDAR"
    status = 409
    text = "The holiday notice for {year} is not loaded, so working days there cannot be counted."


class RollPolicy(StrEnum):
    """Which last days move a maximum period forward."""

    NON_WORKING_DAY = "NON_WORKING_DAY"
    STATUTORY_HOLIDAY_ONLY = "STATUTORY_HOLIDAY_ONLY"
    NONE = "NONE"


@dataclass(frozen=True, slots=True)
class _Notices:
    first_year: int
    last_year: int
    off: frozenset[date]
    work: frozenset[date]
    version: str


def is_working_day(day: date) -> bool:
    """Say whether offices work on `day`; raise `CalendarNotPublished` outside the loaded notices."""
    notices = _notices()
    if not notices.first_year <= day.year <= notices.last_year:
        raise CalendarNotPublished(year=day.year)
    if day in notices.off:
        return False
    return day in notices.work or day.weekday() < _SATURDAY


def add_working_days(start: date, days: int) -> date:
    """Return the `days`-th working day after `start`, which itself is not counted; 0 gives `start`."""
    if days < 0:
        raise ValueError("working days are counted forward")
    day = start
    while days:
        day += _DAY
        days -= is_working_day(day)
    return day


@dataclass(frozen=True, slots=True)
class Due:
    """The last day of a period; provisional while a holiday notice may still move it."""

    day: date
    provisional: bool


def due_after(start: date, days: int) -> Due:
    """The last of so many working days after `start`; where no notice is loaded, weekdays alone are counted."""
    try:
        day = add_working_days(start, days)
    except CalendarNotPublished:
        return Due(_add_weekdays(start, days), provisional=True)
    return Due(day, provisional=is_provisional(day))


def working_days_in(year: int) -> int:
    """Count the working days of a calendar year."""
    first = date(year, 1, 1)
    return sum(is_working_day(first + n * _DAY) for n in range((date(year + 1, 1, 1) - first).days))


def roll_forward(day: date, policy: RollPolicy = RollPolicy.NON_WORKING_DAY) -> date:
    """Move the last day of a *maximum* period to the first later day that `policy` lets it end on."""
    while (policy is RollPolicy.NON_WORKING_DAY and not is_working_day(day)) or (
        policy is RollPolicy.STATUTORY_HOLIDAY_ONLY and _is_statutory_holiday(day)
    ):
        day += _DAY
    return day


def is_provisional(day: date) -> bool:
    """Say whether a notice still to come may change `day`: after 24 December of the last loaded year."""
    return day > date(_notices().last_year, 12, 24)


def version() -> str:
    """Name the loaded table, to be stored with every due date computed from it."""
    return _notices().version


def _add_weekdays(start: date, days: int) -> date:
    day = start
    while days:
        day += _DAY
        days -= day.weekday() < _SATURDAY
    return day


def _is_statutory_holiday(day: date) -> bool:
    working = is_working_day(day)
    return not working and day in _notices().off


@cache
def _notices() -> _Notices:
    raw = _NOTICES.read_bytes()
    years: dict[str, dict[str, list[str]]] = json.loads(raw)
    # A notice lists days of the neighbouring years too: 2018-12-31 stands in that of 2019.
    return _Notices(
        first_year=int(min(years)),
        last_year=int(max(years)),
        off=frozenset(date.fromisoformat(text) for year in years.values() for text in year["off"]),
        work=frozenset(date.fromisoformat(text) for year in years.values() for text in year["work"]),
        version=f"{max(years)}-{hashlib.sha256(raw).hexdigest()[:12]}",
    )
