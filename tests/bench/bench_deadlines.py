"""All deadlines of a procedure against bare date arithmetic.

Ours asks the engine for every period in days of both laws, each from a day of its own, some with a suspension. The peer
knows no rules: its figures stand in a list, it adds days to a date, steps over days off found in a set, and turns the
day into a moment. Both must come to the same moments. Explanations are made on demand and are not measured.
"""

from __future__ import annotations

import time as stopwatch
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from statistics import median

from govcore.calendar import vendored
from govcore.clock import BEIJING
from tests.bench.results import Result
from trading.procedure.deadlines import reckon
from trading.procedure.policy import DAYS, Kind, Unit
from trading.procedure.rules import rule_set

TURNS = 60
START = datetime(2025, 9, 22, 2, tzinfo=UTC)
CALENDAR = vendored()
DAY = timedelta(days=1)
OFF = CALENDAR.off | frozenset(
    day
    for day in (CALENDAR.first + n * DAY for n in range((CALENDAR.last - CALENDAR.first).days + 1))
    if not CALENDAR.is_working_day(day)
)
ASKED = [
    (rules, one, START + n * DAY)
    for rules in (rule_set("tb-2026"), rule_set("gp-2026"))
    for n, one in enumerate(one for one in rules.rules.values() if one.unit in DAYS)
]
STOPS = [(START + 2 * DAY, START + 4 * DAY)]

Bare = tuple[datetime, int, bool, bool, bool]
"""Start, days, whether they are working days, whether the end moves, whether it is the end of a day."""


def measure() -> list[Result]:
    """The time of all deadlines of a works tender and a purchase, in turns."""
    bare = [_bare(one.kind, one.unit, one.number, start, one.freezes) for _, one, start in ASKED]
    if _ours() != _peer(bare):
        raise AssertionError("the two do not come to the same moments")
    ours, peer = _in_turns(_ours, lambda: _peer(bare))
    return [
        Result(
            name=f"all {len(ASKED)} deadlines of a works tender and a purchase, against bare date arithmetic",
            unit="ms",
            ours=ours,
            peer=peer,
            most=5,
        )
    ]


def _ours() -> list[datetime]:
    return [
        reckon(rules, one.id, start, calendar=CALENDAR, spans=STOPS if one.freezes else ()).at
        for rules, one, start in ASKED
    ]


def _bare(kind: Kind, unit: Unit, number: int, start: datetime, freezes: bool) -> Bare:
    """What the peer is told of a period: its figure, and how it is counted, without any rule."""
    ends = kind is not Kind.GAP
    moves = kind is Kind.WINDOW or (kind is Kind.DUE and unit is Unit.DAY)
    days = -number if kind is Kind.LAST_DAY else number
    lost = _lost(unit, start) if freezes else 0
    return start, days + lost, unit is Unit.WORKING_DAY, moves, ends


def _lost(unit: Unit, start: datetime) -> int:
    """What the suspension adds, worked out before: the peer only adds it."""
    [(begin, end)] = STOPS
    first = max(begin, start).astimezone(BEIJING).date()
    last = end.astimezone(BEIJING).date()
    if last <= first:
        return 0
    days = [first + n * DAY for n in range(1, (last - first).days + 1)]
    return sum(day not in OFF for day in days) if unit is Unit.WORKING_DAY else len(days)


def _peer(asked: list[Bare]) -> list[datetime]:
    found = []
    for start, days, working, moves, ends in asked:
        day: date = start.astimezone(BEIJING).date()
        if working:
            while days:
                day += DAY
                days -= day not in OFF
        else:
            day += days * DAY
        while moves and day in OFF:
            day += DAY
        found.append(datetime.combine(day + DAY if ends else day, time(), BEIJING).astimezone(UTC))
    return found


def _in_turns(*ways: Callable[[], object]) -> list[float]:
    taken: list[list[float]] = [[] for _ in ways]
    for _ in range(TURNS):
        for times, way in zip(taken, ways, strict=True):
            begun = stopwatch.perf_counter()
            way()
            times.append((stopwatch.perf_counter() - begun) * 1000)
    return [median(times) for times in taken]
