"""Holiday notices as data: one year's days off and make-up days, in the shape of `holidays.json`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path

import msgspec

from govcore.calendar.working_days import SATURDAY, Calendar
from govcore.errors import Detail, Problem

_SHIPPED = Path(__file__).with_name("holidays.json")
_FEWEST_OFF = 7
"""A notice of a whole year names more days than this."""


class UnusableNotice(Problem):
    code = "E_CALENDAR_NOTICE"
    status = 422
    text = "The notice cannot be loaded: {detail}"


class Days(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a year's notice was published, which days are off and on which weekend days offices work."""

    notices: tuple[str, ...]
    off: tuple[date, ...]
    work: tuple[date, ...]


class YearNotice(msgspec.Struct, frozen=True):
    year: int
    days: Days

    @property
    def holidays(self) -> list[str]:
        """The days off in words: each row of days by its first and last one."""
        rows: list[list[date]] = []
        for day in sorted(self.days.off):
            if rows and (day - rows[-1][-1]).days == 1:
                rows[-1].append(day)
            else:
                rows.append([day])
        return [f"{row[0]} – {row[-1]}" if len(row) > 1 else f"{row[0]}" for row in rows]

    @property
    def content(self) -> bytes:
        """The same notice in the shape that files have, in one fixed form."""
        return msgspec.json.encode({str(self.year): self.days}, order="sorted")

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def read_notice(content: bytes | str) -> YearNotice:
    """The one year of a file; raise `UnusableNotice` saying what is wrong with it."""
    try:
        years = msgspec.json.decode(content, type=dict[int, Days])
    except msgspec.DecodeError as error:
        raise UnusableNotice(detail=str(error)) from error
    if len(years) != 1:
        raise UnusableNotice(detail=Detail("it holds {n} years instead of one", n=len(years)))
    [(year, days)] = years.items()
    for detail in _wrong(year, days):
        raise UnusableNotice(detail=detail)
    return YearNotice(year, Days(days.notices, tuple(sorted(days.off)), tuple(sorted(days.work))))


def _wrong(year: int, days: Days) -> list[Detail]:
    both = [*days.off, *days.work]
    astray = [day for day in both if day.year != year and (day.year, day.month) != (year - 1, 12)]
    twice = [day for day in both if both.count(day) > 1]
    weekdays = [day for day in days.work if day.weekday() < SATURDAY]
    return [
        Detail(text, day=found[0].isoformat() if found else "", year=year)
        for text, found, wrong in (
            (
                "it does not say where it was published",
                [],
                not days.notices or not all(map(_is_address, days.notices)),
            ),
            ("it names fewer days off than a year has", [], len(days.off) < _FEWEST_OFF),
            ("{day} is neither in {year} nor in the December before", astray, bool(astray)),
            ("{day} is named twice", twice, bool(twice)),
            ("{day} is no weekend day that offices could make up on", weekdays, bool(weekdays)),
        )
        if wrong
    ]


def _is_address(text: str) -> bool:
    return text.startswith(("https://", "http://"))


@cache
def shipped() -> Mapping[int, YearNotice]:
    """The notices that come with the platform, by year."""
    years = msgspec.json.decode(_SHIPPED.read_bytes(), type=dict[int, Days])
    return {year: YearNotice(year, days) for year, days in years.items()}


@cache
def vendored() -> Calendar:
    """The calendar of the notices that come with the platform."""
    return calendar_from(list(shipped().values()))


def calendar_from(notices: Sequence[YearNotice]) -> Calendar:
    """The calendar of one notice a year; where two speak of a day, that of the later year counts."""
    works: dict[date, bool] = {}
    for notice in sorted(notices, key=lambda one: one.year):
        works |= dict.fromkeys(notice.days.work, True) | dict.fromkeys(notice.days.off, False)
    digest = hashlib.sha256("".join(sorted(one.sha256 for one in notices)).encode()).hexdigest()
    years = [one.year for one in notices]
    return Calendar(
        years,
        off=[day for day, working in works.items() if not working],
        work=[day for day, working in works.items() if working],
        version=f"{max(years)}-{digest[:12]}",
    )
