"""Working days against the worked cases and simple legal periods."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from govcore.calendar import CalendarNotPublished, Due, RollPolicy, vendored

CALENDAR = vendored()
ORACLES = Path(__file__).resolve().parents[3] / "shared" / "oracles" / "rules.json"

ADDED = {
    "CAL01": ("2024-02-09", 3, "2024-02-20"),
    "CAL03": ("2024-04-30", 5, "2024-05-10"),
    "CAL05": ("2024-09-13", 5, "2024-09-23"),
    "CAL07": ("2025-01-24", 5, "2025-02-07"),
    "CAL09": ("2025-05-30", 2, "2025-06-04"),
    "CAL11": ("2025-12-31", 2, "2026-01-05"),
    "CAL13": ("2026-04-30", 5, "2026-05-11"),
    "CAL15": ("2026-09-18", 5, "2026-09-24"),
}
COUNTED = {2019: 250, 2024: 251, 2025: 248, 2026: 248}
KINDS = {
    "2024-02-04": True,
    "2024-02-09": True,
    "2024-04-07": True,
    "2025-01-26": True,
    "2025-02-08": True,
    "2025-05-31": False,
    "2025-10-08": False,
    "2025-10-11": True,
    "2026-01-02": False,
    "2026-01-04": True,
    "2026-02-23": False,
    "2026-09-25": False,
}
# id: start, calendar days, the day it must be done by once rolled
ROLLED = {
    "DL07": ("2025-03-17", 3, "2025-03-20"),
    "DL09": ("2025-04-28", 3, "2025-05-06"),
    "DL11": ("2025-01-02", 30, "2025-02-05"),
    "DL13": ("2025-09-27", 5, "2025-10-09"),
    "DL15": ("2025-01-25", 5, "2025-02-05"),
    "DL21": ("2025-04-10", 90, "2025-07-09"),
}


@pytest.mark.parametrize(("start", "days", "expected"), ADDED.values(), ids=ADDED)
def test_working_days_are_counted_from_the_next_day(start: str, days: int, expected: str) -> None:
    assert CALENDAR.add_working_days(date.fromisoformat(start), days) == date.fromisoformat(expected)


@pytest.mark.parametrize(("year", "expected"), COUNTED.items())
def test_a_year_has_the_working_days_of_its_notices(year: int, expected: int) -> None:
    assert CALENDAR.working_days_in(year) == expected


@pytest.mark.parametrize(("day", "works"), KINDS.items())
def test_notices_overrule_the_weekday(day: str, works: bool) -> None:
    assert CALENDAR.is_working_day(date.fromisoformat(day)) is works


@pytest.mark.parametrize(("start", "days", "expected"), ROLLED.values(), ids=ROLLED)
def test_a_maximum_period_ends_on_a_working_day(start: str, days: int, expected: str) -> None:
    raw = date.fromisoformat(start) + timedelta(days=days)

    assert CALENDAR.roll_forward(raw, RollPolicy.NON_WORKING_DAY) == date.fromisoformat(expected)


def test_a_licence_is_delivered_within_ten_working_days() -> None:  # DL23
    assert CALENDAR.add_working_days(date(2026, 9, 21), 10) == date(2026, 10, 12)


@pytest.mark.skipif(not ORACLES.exists(), reason="the folder of worked cases is not beside the repository")
def test_the_literals_here_are_the_worked_cases() -> None:
    cases = {case["id"]: case for case in json.loads(ORACLES.read_text(encoding="utf-8"))}

    assert {
        key: (case["input"]["start"], case["input"]["n"], case["expected"])
        for key, case in cases.items()
        if case["group"] == "addWorkdays"
    } == ADDED
    counted = cases["CAL17"]
    assert dict(zip(counted["input"]["year"], counted["expected"], strict=True)) == COUNTED
    kinds = cases["CAL19"]
    assert dict(zip(kinds["input"]["dates"], kinds["expected"], strict=True)) == KINDS
    for key, (start, _, expected) in ROLLED.items():
        assert cases[key]["expected"] == expected
        assert start in cases[key]["input"].values()
    assert cases["DL23"]["expected"] == "2026-10-12"


@pytest.mark.parametrize(
    ("day", "policy", "expected"),
    [
        ("2025-05-31", RollPolicy.NON_WORKING_DAY, "2025-06-03"),
        ("2025-05-31", RollPolicy.STATUTORY_HOLIDAY_ONLY, "2025-06-03"),
        ("2025-05-31", RollPolicy.NONE, "2025-05-31"),
        ("2025-05-24", RollPolicy.NON_WORKING_DAY, "2025-05-26"),
        ("2025-05-24", RollPolicy.STATUTORY_HOLIDAY_ONLY, "2025-05-24"),
        ("2025-10-11", RollPolicy.NON_WORKING_DAY, "2025-10-11"),
    ],
)
def test_the_policy_says_which_last_days_move(day: str, policy: RollPolicy, expected: str) -> None:
    assert CALENDAR.roll_forward(date.fromisoformat(day), policy) == date.fromisoformat(expected)


@pytest.mark.parametrize("day", [date(2017, 12, 31), date(2027, 1, 1)])
def test_days_without_a_notice_are_refused(day: date) -> None:
    with pytest.raises(CalendarNotPublished) as refusal:
        CALENDAR.is_working_day(day)

    assert (refusal.value.code, refusal.value.data) == ("E_CALENDAR", {"year": day.year})


def test_counting_does_not_guess_past_the_last_notice() -> None:
    assert CALENDAR.add_working_days(date(2026, 12, 30), 1) == date(2026, 12, 31)
    with pytest.raises(CalendarNotPublished):
        CALENDAR.add_working_days(date(2026, 12, 30), 2)
    with pytest.raises(CalendarNotPublished):
        CALENDAR.roll_forward(date(2027, 1, 1), RollPolicy.STATUTORY_HOLIDAY_ONLY)


def test_the_last_week_of_the_last_year_is_provisional() -> None:
    assert [CALENDAR.is_provisional(date(2026, 12, day)) for day in (24, 25)] == [False, True]
    assert CALENDAR.is_provisional(date(2025, 12, 31)) is False


def test_a_period_past_the_last_notice_counts_weekdays_and_says_so() -> None:
    assert CALENDAR.due_after(date(2026, 9, 30), 1) == Due(date(2026, 10, 8), provisional=False)
    assert CALENDAR.due_after(date(2026, 12, 24), 1) == Due(date(2026, 12, 25), provisional=True)
    assert CALENDAR.due_after(date(2026, 12, 31), 1) == Due(date(2027, 1, 1), provisional=True)


def test_no_days_means_the_start_and_less_is_a_mistake() -> None:
    assert CALENDAR.add_working_days(date(2025, 5, 31), 0) == date(2025, 5, 31)
    with pytest.raises(ValueError, match="forward"):
        CALENDAR.add_working_days(date(2025, 5, 31), -1)


def test_the_table_has_a_name_to_store_with_due_dates() -> None:
    year, digest = CALENDAR.version.split("-")

    assert (year, len(digest)) == ("2026", 12)
