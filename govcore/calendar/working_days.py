"""Counting working days and moving last days off holidays (民法典 第二百零一、二百零三条)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from govcore.errors import Problem

_DAY = timedelta(days=1)
SATURDAY = 5


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
class Due:
    """The last day of a period; provisional while a holiday notice may still move it."""

    day: date
    provisional: bool


class Calendar:
    """The working days of whole years, by the notices for them; `version` names what they say.

    Every day knows how many working days there were up to it, so counting takes two look-ups however far it goes.
    """

    def __init__(
        self, years: Collection[int], *, off: Collection[date], work: Collection[date], version: str
    ) -> None:
        self.first = date(min(years), 1, 1)
        self.last = date(max(years), 12, 31)
        self.version = version
        self.off = frozenset(off)
        self.provisional_after = date(max(years), 12, 24)
        self._origin = self.first.toordinal()
        self._working: list[date] = []
        self._up_to: list[int] = []
        made_up = frozenset(work)
        for ordinal in range(self._origin, self.last.toordinal() + 1):
            day = date.fromordinal(ordinal)
            if day not in self.off and (day in made_up or day.weekday() < SATURDAY):
                self._working.append(day)
            self._up_to.append(len(self._working))

    def is_working_day(self, day: date) -> bool:
        """Say whether offices work on `day`; raise `CalendarNotPublished` outside the loaded notices."""
        place = self._place(day)
        return self._up_to[place] > (self._up_to[place - 1] if place else 0)

    def add_working_days(self, start: date, days: int) -> date:
        """The `days`-th working day after `start`, which itself is not counted; 0 gives `start`.

        Raise `CalendarNotPublished` where the count leaves the loaded notices.
        """
        if days < 0:
            raise ValueError("working days are counted forward")
        if not days:
            return start
        place = self._up_to[self._place(start)] + days - 1
        if place >= len(self._working):
            raise CalendarNotPublished(year=self.last.year + 1)
        return self._working[place]

    def due_after(self, start: date, days: int) -> Due:
        """The last of so many working days after `start`; where no notice is loaded, weekdays are counted."""
        try:
            day = self.add_working_days(start, days)
        except CalendarNotPublished:
            return Due(self._past_the_notices(start, days), provisional=True)
        return Due(day, provisional=day > self.provisional_after)

    def rolled(self, day: date, policy: RollPolicy = RollPolicy.NON_WORKING_DAY) -> Due:
        """The first day from `day` on that `policy` lets a period end on; without a notice, `day` as it is."""
        try:
            moved = self.roll_forward(day, policy)
        except CalendarNotPublished:
            return Due(day, provisional=True)
        return Due(moved, provisional=moved > self.provisional_after)

    def roll_forward(self, day: date, policy: RollPolicy = RollPolicy.NON_WORKING_DAY) -> date:
        """Move the last day of a *maximum* period to the first later day that `policy` lets it end on."""
        if policy is RollPolicy.NON_WORKING_DAY and not self.is_working_day(day):
            return self.add_working_days(day, 1)
        while policy is RollPolicy.STATUTORY_HOLIDAY_ONLY and self._is_holiday(day):
            day += _DAY
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """The working days after `start` up to and with `end`; weekdays where no notice is loaded."""
        try:
            return max(self._up_to[self._place(end)] - self._up_to[self._place(start)], 0)
        except CalendarNotPublished:
            days = (start + n * _DAY for n in range(1, (end - start).days + 1))
            return sum(map(self._works_as_far_as_known, days))

    def working_days_in(self, year: int) -> int:
        """Count the working days of a calendar year."""
        self._place(date(year, 1, 1))
        return self.working_days_between(date(year, 1, 1) - _DAY, date(year, 12, 31))

    def is_provisional(self, day: date) -> bool:
        """Say whether a notice still to come may change `day`: after 24 December of the last loaded year."""
        return day > self.provisional_after

    def _place(self, day: date) -> int:
        if not self.first <= day <= self.last:
            raise CalendarNotPublished(year=day.year)
        return day.toordinal() - self._origin

    def _is_holiday(self, day: date) -> bool:
        return not self.is_working_day(day) and day in self.off

    def _past_the_notices(self, start: date, days: int) -> date:
        day = start
        while days:
            day += _DAY
            days -= self._works_as_far_as_known(day)
        return day

    def _works_as_far_as_known(self, day: date) -> bool:
        known = self.first <= day <= self.last
        return self.is_working_day(day) if known else day.weekday() < SATURDAY
