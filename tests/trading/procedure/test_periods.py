"""Every period one moment before, at and after its boundary: on plain days, make-up days, holidays, at year's end."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from govcore.calendar import vendored
from govcore.clock import BEIJING
from trading.procedure import deadlines
from trading.procedure.deadlines import PeriodTooShort
from trading.procedure.policy import RuleSet, binds
from trading.procedure.rules import rule_set
from trading.procedure.thresholds import (
    Subject,
    highest_bond,
    highest_deposit,
    least_experts,
    least_members,
)

CALENDAR = vendored()
SECOND = timedelta(seconds=1)
SETS = {"T": rule_set("tb-2026"), "G": rule_set("gp-2026")}
DEMO = rule_set("demo")


def rules_of(rule: str) -> RuleSet:
    return SETS[rule[0]]


def beijing(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def day_after(text: str) -> datetime:
    """24:00 of a day."""
    return beijing(text) + timedelta(days=1)


GAPS = [
    # rule, start, the first lawful day, and the working day suggested
    ("T01", "2025-03-03T09:00", "2025-03-23", "2025-03-24"),
    ("T01", "2025-03-03T23:59:59", "2025-03-23", "2025-03-24"),
    ("T01", "2025-03-04T00:00", "2025-03-24", "2025-03-24"),
    ("T01", "2026-01-26T09:00", "2026-02-15", "2026-02-24"),  # in the Spring Festival of 2026
    ("T01", "2025-01-06T09:00", "2025-01-26", "2025-01-26"),  # a make-up Sunday is a working day
    ("T01", "2025-12-15T09:00", "2026-01-04", "2026-01-04"),  # over the year's end to a make-up Sunday
    ("T03", "2025-09-26T12:00", "2025-10-01", "2025-10-09"),
    ("T03", "2025-09-23T12:00", "2025-09-28", "2025-09-28"),  # make-up Sunday
    ("T04", "2025-03-14T17:00", "2025-03-29", "2025-03-31"),
    ("T04", "2025-12-20T17:00", "2026-01-04", "2026-01-04"),
    ("T05", "2025-04-27T08:00", "2025-04-30", "2025-04-30"),
    ("T05", "2025-04-28T08:00", "2025-05-01", "2025-05-06"),
    ("G03", "2026-04-30T10:00", "2026-05-11", "2026-05-11"),  # the holiday is out, the make-up Saturday in
    ("G03", "2025-01-24T10:00", "2025-02-07", "2025-02-07"),
    ("G03", "2025-12-31T10:00", "2026-01-08", "2026-01-08"),
    ("G04", "2025-03-03T09:00", "2025-03-23", "2025-03-24"),
    ("G05", "2025-03-14T09:00", "2025-03-29", "2025-03-31"),
    ("G05.prequalification", "2025-09-28T09:00", "2025-10-01", "2025-10-09"),
]


@pytest.mark.parametrize(("rule", "start", "first", "suggested"), GAPS)
def test_a_gap_is_kept_from_the_first_second_of_its_day(
    rule: str, start: str, first: str, suggested: str
) -> None:
    rules, boundary = rules_of(rule), beijing(first)

    for end in (boundary, boundary + SECOND):
        deadlines.check_gap(rules, rule, beijing(start), end, calendar=CALENDAR)
    with pytest.raises(PeriodTooShort) as refusal:
        deadlines.check_gap(rules, rule, beijing(start), boundary - SECOND, calendar=CALENDAR)

    assert refusal.value.data["rule"] == rule
    found = deadlines.suggested(rules, rule, beijing(start), calendar=CALENDAR)
    assert found.at == beijing(suggested)


WINDOWS = [
    # rule, start, its last day
    ("T02", "2025-03-03T09:00", "2025-03-10"),  # the 8th is a Saturday
    ("T02", "2025-09-26T09:00", "2025-10-09"),
    ("T02", "2025-01-21T09:00", "2025-01-26"),  # ends on a make-up Sunday
    ("T02", "2025-12-27T09:00", "2026-01-04"),
    ("T18", "2025-04-28T09:00", "2025-05-06"),
    ("T18", "2025-03-03T23:59:59", "2025-03-06"),
    ("T18", "2025-12-29T09:00", "2026-01-04"),
    ("T18", "2026-02-11T09:00", "2026-02-14"),  # a make-up Saturday
    ("G01", "2025-01-24T09:00", "2025-02-07"),
    ("G01", "2025-12-31T09:00", "2026-01-08"),
    ("G02", "2024-09-13T09:00", "2024-09-23"),
    ("G02", "2026-04-30T09:00", "2026-05-11"),
    ("G17.notice", "2024-09-29T09:00", "2024-09-30"),
    ("G17.notice", "2024-09-30T09:00", "2024-10-08"),
    ("G23", "2025-09-24T09:00", "2025-09-30"),
]


@pytest.mark.parametrize(("rule", "start", "last"), WINDOWS)
def test_a_window_is_open_until_the_end_of_its_last_day(rule: str, start: str, last: str) -> None:
    end = deadlines.window_end(rules_of(rule), rule, beijing(start), calendar=CALENDAR)

    assert (end.at, end.last_day.isoformat()) == (day_after(last), last)


LAST_DAYS = [
    # rule, deadline, the last day
    ("T06", "2025-04-10T09:30", "2025-04-08"),
    ("T06", "2025-02-05T09:30", "2025-02-03"),  # a holiday, and it stays there
    ("T06", "2026-01-01T00:00", "2025-12-30"),
    ("T07", "2025-04-10T09:30", "2025-03-31"),
    ("T07", "2025-10-12T09:30", "2025-10-02"),
    ("T07", "2026-01-05T09:30", "2025-12-26"),
    ("T07", "2025-03-10T00:00", "2025-02-28"),
]


@pytest.mark.parametrize(("rule", "deadline", "last"), LAST_DAYS)
def test_a_last_day_before_the_deadline_ends_at_24_and_is_never_moved(
    rule: str, deadline: str, last: str
) -> None:
    limit = deadlines.last_moment(rules_of(rule), rule, beijing(deadline))

    assert (limit.at, limit.last_day.isoformat()) == (day_after(last), last)


DUES = [
    # rule, start, its last day
    ("T08", "2025-03-17T09:00", "2025-03-20"),
    ("T08", "2025-04-28T00:00", "2025-05-06"),
    ("T08", "2025-04-24T23:59:59", "2025-04-27"),  # a make-up Sunday
    ("T08", "2025-12-29T10:00", "2026-01-04"),
    ("T18.start", "2025-04-28T10:00", "2025-05-06"),
    ("T19", "2025-10-08T10:00", "2025-10-11"),  # a make-up Saturday
    ("T19", "2025-10-09T10:00", "2025-10-13"),
    ("T20", "2025-09-16T10:00", "2025-10-09"),
    ("T20", "2025-12-17T10:00", "2026-01-04"),
    ("T21", "2025-01-02T10:00", "2025-02-05"),
    ("T21", "2025-12-05T10:00", "2026-01-04"),
    ("T24", "2025-01-25T10:00", "2025-02-05"),
    ("T25", "2025-09-27T10:00", "2025-10-09"),
    ("T29", "2025-09-21T10:00", "2025-10-09"),
    ("T30", "2025-09-29T10:00", "2025-10-10"),
    ("T30.decide", "2025-09-15T10:00", "2025-10-31"),
    ("T32", "2025-04-10T10:00", "2025-07-09"),
    ("T32", "2025-07-04T10:00", "2025-10-02"),  # validity ends on a holiday
    ("G07", "2026-04-30T10:00", "2026-05-11"),
    ("G07.winner", "2025-12-31T10:00", "2026-01-08"),
    ("G08", "2025-01-24T10:00", "2025-02-07"),
    ("G10", "2025-03-03T10:00", "2025-03-10"),
    ("G16", "2025-09-30T10:00", "2025-10-10"),
    ("G16.decide", "2025-09-28T10:00", "2025-10-11"),
    ("G17", "2025-12-31T10:00", "2026-01-05"),
    ("G18", "2025-01-02T10:00", "2025-02-05"),
    ("G18.publish", "2025-05-30T10:00", "2025-06-04"),
    ("G18.file", "2025-09-30T10:00", "2025-10-16"),
    ("G21.query", "2024-02-09T10:00", "2024-02-20"),
    ("G21.challenge", "2024-09-30T10:00", "2024-10-15"),
    ("G21.reply", "2024-10-15T10:00", "2024-10-24"),
    ("G21.complaint", "2024-10-24T10:00", "2024-11-14"),
    ("G21.decide", "2025-09-15T10:00", "2025-10-31"),
    ("G21.suspension", "2025-09-06T10:00", "2025-10-06"),  # a cap on power stays on the holiday
]


@pytest.mark.parametrize(("rule", "start", "last"), DUES)
def test_what_is_due_is_due_until_the_end_of_its_last_day(rule: str, start: str, last: str) -> None:
    found = deadlines.due(rules_of(rule), rule, beijing(start), calendar=CALENDAR)

    assert (found.at, found.provisional) == (day_after(last), False)


@pytest.mark.parametrize(("rule", "start", "last"), DUES)
def test_the_whole_first_day_gives_the_same_last_day(rule: str, start: str, last: str) -> None:
    first = beijing(start[:10])
    moments = (first - SECOND, first, first + timedelta(days=1) - SECOND, first + timedelta(days=1))

    before, *same, after = (
        deadlines.due(rules_of(rule), rule, moment, calendar=CALENDAR).at for moment in moments
    )

    assert same == [day_after(last)] * 2
    assert before <= day_after(last) <= after


FREEZES = [
    # rule, start, suspension, last day: Spring Festival 2025 is 28 January to 4 February, 26 January works
    ("T21", "2025-01-02T10:00", ("2025-01-10T09:00", "2025-01-13T17:00"), "2025-02-05"),
    ("T21", "2025-01-02T10:00", ("2025-01-10T09:00", "2025-01-15T17:00"), "2025-02-06"),
    ("T21", "2025-01-02T10:00", ("2025-01-10T09:00", "2025-01-10T17:00"), "2025-02-05"),
    ("T18.start", "2025-03-03T10:00", ("2025-03-04T09:00", "2025-03-05T09:00"), "2025-03-07"),
    ("G16", "2025-01-23T10:00", ("2025-01-24T09:00", "2025-02-06T09:00"), "2025-02-07"),
    ("G17", "2025-03-03T10:00", ("2025-03-07T09:00", "2025-03-10T09:00"), "2025-03-05"),  # after it was due
    ("G18", "2025-01-02T10:00", ("2024-12-30T09:00", "2025-01-07T09:00"), "2025-02-06"),  # began before
    ("T08", "2025-03-17T09:00", ("2025-03-18T09:00", "2025-03-28T09:00"), "2025-03-20"),  # never frozen
    ("T20", "2025-03-03T09:00", ("2025-03-04T09:00", "2025-03-06T09:00"), "2025-03-18"),
    ("T29", "2025-03-03T09:00", ("2025-03-04T09:00", "2025-03-06T09:00"), "2025-03-13"),
    ("T32", "2025-04-10T10:00", ("2025-04-12T09:00", "2025-05-12T09:00"), "2025-07-09"),
    ("G07", "2025-03-03T09:00", ("2025-03-04T09:00", "2025-03-06T09:00"), "2025-03-10"),
]


@pytest.mark.parametrize(("rule", "start", "stop", "last"), FREEZES)
def test_a_suspension_adds_its_days_to_what_it_stops(
    rule: str, start: str, stop: tuple[str, str], last: str
) -> None:
    frozen = [(beijing(stop[0]), beijing(stop[1]))]

    found = deadlines.due(rules_of(rule), rule, beijing(start), calendar=CALENDAR, frozen=frozen)

    assert found.last_day.isoformat() == last


def test_suspensions_that_overlap_are_counted_once() -> None:
    stops = [("2025-03-04", "2025-03-07"), ("2025-03-05", "2025-03-10"), ("2025-03-05", "2025-03-06")]
    frozen = [(beijing(begin), beijing(end)) for begin, end in stops]

    found = deadlines.due(SETS["T"], "T21", beijing("2025-03-03"), calendar=CALENDAR, frozen=frozen)

    assert found.frozen == ((beijing("2025-03-04"), beijing("2025-03-10")),)
    assert found.last_day.isoformat() == "2025-04-08"


YUAN = 100


@pytest.mark.parametrize(
    ("rules", "subject", "base", "highest"),
    [
        ("T", Subject.WORKS, 3_000_000_000, 60_000_000),  # MN01
        ("T", Subject.WORKS, 4_000_000_000, 80_000_000),
        ("T", Subject.WORKS, 4_000_000_100, 80_000_000),
        ("T", Subject.SERVICES, 600_000_000, 10_000_000),
        ("T", Subject.GOODS, 199, 3),
        ("G", Subject.GOODS, 450_000_000, 9_000_000),  # MN03
        ("G", Subject.SERVICES, 9_000_000_000, 180_000_000),
    ],
)
def test_a_deposit_has_a_highest_amount(rules: str, subject: Subject, base: int, highest: int) -> None:
    assert highest_deposit(SETS[rules], subject, base) == highest  # T22, T36, G06


@pytest.mark.parametrize("rules", ["T", "G"])
def test_a_performance_bond_is_at_most_a_tenth(rules: str) -> None:  # T28, G19
    assert [highest_bond(SETS[rules], fen) for fen in (999, 1000, 1009)] == [99, 100, 100]


@pytest.mark.parametrize(
    ("rules", "fen", "members"),
    [("G", 999_999_999, 5), ("G", 1_000_000_000, 7), ("T", 1_000_000_000, 5)],  # MN11
)
def test_a_committee_is_large_from_the_threshold_on(rules: str, fen: int, members: int) -> None:
    assert least_members(SETS[rules], fen) == members  # T14, G13


@pytest.mark.parametrize(("members", "experts"), [(5, 4), (7, 5), (9, 6)])
def test_two_thirds_of_a_committee_are_experts(members: int, experts: int) -> None:
    """MN10, BH11: of five, four."""
    assert [least_experts(rules, members) for rules in SETS.values()] == [experts, experts]  # T14, G13


@pytest.mark.parametrize(
    "rule", ["T10", "T11", "T12", "G02.takers", "G11", "G11.qualified", "G11.responsive"]
)
def test_competition_begins_with_three(rule: str) -> None:
    assert rules_of(rule).count(rule) == 3


@pytest.mark.parametrize(
    ("rule", "choice"),
    [
        ("T09", "ON_THE_SPOT"),
        ("T13", "AT_DEADLINE"),
        ("T23", "BASIC_ACCOUNT"),
        ("T26", "PROMPTLY"),
        ("T27", "MAY_BE_KEPT"),
        ("T33", "DISCLOSED"),
        ("T38", "FIRST_RANKED"),
        ("G12", "PURCHASER_AFTER_OPENING"),
        ("G22", "END_OF_NOTICE_OR_STAGE"),
    ],
)
def test_what_is_no_number_leaves_no_choice(rule: str, choice: str) -> None:
    assert (rules_of(rule).choice(rule), rules_of(rule)[rule].options) == (choice, (choice,))


@pytest.mark.parametrize(
    ("rule", "mandatory", "state_funded", "law"),
    [
        ("T01", True, False, True),
        ("T01", False, True, False),
        ("T38", True, False, False),
        ("T38", False, True, True),
        ("T04", False, False, True),
    ],
)
def test_the_law_binds_the_projects_it_names(
    rule: str, mandatory: bool, state_funded: bool, law: bool
) -> None:
    assert binds(SETS["T"][rule], mandatory=mandatory, state_funded=state_funded) is law


def test_with_seconds_the_same_rules_hold_to_the_second() -> None:
    start = beijing("2025-01-27T10:00:00")
    length = timedelta(seconds=DEMO["T01"].number)

    deadlines.check_gap(DEMO, "T01", start, start + length, calendar=CALENDAR)
    with pytest.raises(PeriodTooShort):
        deadlines.check_gap(DEMO, "T01", start, start + length - SECOND, calendar=CALENDAR)
    assert deadlines.window_end(DEMO, "T18", start, calendar=CALENDAR).at == start + 2 * SECOND
    assert deadlines.last_moment(DEMO, "T07", start).at == start - 3 * SECOND
    stop = (start + 100 * SECOND, start + 150 * SECOND)
    assert deadlines.due(DEMO, "T21", start, calendar=CALENDAR, frozen=[stop]).at == start + 650 * SECOND
    assert deadlines.suggested(DEMO, "T01", start, calendar=CALENDAR).at == start + length
