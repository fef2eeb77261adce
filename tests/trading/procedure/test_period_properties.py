"""What holds of every period, whatever day it begins on."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govcore.calendar import vendored
from govcore.clock import BEIJING
from trading.procedure import deadlines
from trading.procedure.policy import DAYS, Kind, RuleSet, Unit
from trading.procedure.rules import rule_set
from trading.procedure.spans import Span

CALENDAR = vendored()
SETS = [rule_set("tb-2026"), rule_set("gp-2026")]
FIRST = datetime(2019, 1, 1, tzinfo=BEIJING)
MOMENTS = st.integers(0, 2_800 * 86_400).map(lambda seconds: FIRST + timedelta(seconds=seconds))
SPANS = st.lists(
    st.tuples(st.integers(-5, 60), st.integers(0, 20)).map(lambda one: (one[0], one[0] + one[1])), max_size=4
)


def rules_of_kind(*kinds: Kind) -> st.SearchStrategy[tuple[RuleSet, str]]:
    found = [
        (rules, one.id)
        for rules in SETS
        for one in rules.rules.values()
        if one.kind in kinds and one.unit in DAYS
    ]
    return st.sampled_from(found)


def in_days(start: datetime, spans: list[tuple[int, int]]) -> list[Span]:
    return [(start + timedelta(days=begin), start + timedelta(days=end)) for begin, end in spans]


@given(rules_of_kind(Kind.DUE, Kind.CAP, Kind.TERM), MOMENTS, SPANS)
def test_nothing_is_due_before_its_period_is_over(one: tuple, start: datetime, spans: list) -> None:
    rules, rule = one
    found = deadlines.due(rules, rule, start, calendar=CALENDAR, frozen=in_days(start, spans))

    assert (found.last_day - start.date()).days >= rules[rule].number


@given(rules_of_kind(Kind.DUE), MOMENTS, SPANS, st.tuples(st.integers(-5, 60), st.integers(0, 20)))
def test_one_more_suspension_never_makes_it_earlier(
    one: tuple, start: datetime, spans: list, more: tuple[int, int]
) -> None:
    rules, rule = one
    longer = [*spans, (more[0], more[0] + more[1])]

    less, much = (
        deadlines.due(rules, rule, start, calendar=CALENDAR, frozen=in_days(start, one)).at
        for one in (spans, longer)
    )

    assert less <= much
    if not rules[rule].freezes:
        assert less == much


@given(rules_of_kind(Kind.WINDOW), MOMENTS)
def test_a_window_is_open_for_all_its_days_and_ends_on_a_working_day(one: tuple, start: datetime) -> None:
    rules, rule = one
    last = deadlines.window_end(rules, rule, start, calendar=CALENDAR).last_day

    whole = (
        CALENDAR.working_days_between(start.date(), last)
        if rules[rule].unit is Unit.WORKING_DAY
        else (last - start.date()).days
    )
    assert whole >= rules[rule].number
    assert CALENDAR.is_working_day(last)


@given(rules_of_kind(Kind.GAP), MOMENTS)
def test_what_is_suggested_is_lawful_and_never_earlier(one: tuple, start: datetime) -> None:
    rules, rule = one
    first = deadlines.earliest(rules, rule, start, calendar=CALENDAR)
    found = deadlines.suggested(rules, rule, start, calendar=CALENDAR)

    deadlines.check_gap(rules, rule, start, found.at, calendar=CALENDAR)
    assert found.at >= first.at
    assert CALENDAR.is_working_day(found.at.astimezone(BEIJING).date())


@given(st.dates(date(2018, 1, 1), date(2026, 10, 31)), st.integers(0, 30))
def test_counting_by_look_up_is_counting_day_by_day(start: date, days: int) -> None:
    day, left = start, days
    while left:
        day += timedelta(days=1)
        left -= CALENDAR.is_working_day(day)

    assert CALENDAR.add_working_days(start, days) == day
    assert CALENDAR.working_days_between(start, day) == days


def test_working_days_are_those_of_another_library() -> None:
    other = pytest.importorskip("chinese_calendar")
    first = date(2018, 1, 1)
    days = [first + timedelta(days=n) for n in range((CALENDAR.last - first).days + 1)]

    def by_other(day: date) -> bool | None:
        try:
            return bool(other.is_workday(day))
        except NotImplementedError:  # it knows fewer years
            return None

    different = [day for day in days if by_other(day) not in (None, CALENDAR.is_working_day(day))]
    assert different == []
