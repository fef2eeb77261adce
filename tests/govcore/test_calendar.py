"""Working days against the worked cases and simple legal periods."""

from __future__ import annotations

from datetime import date

import pytest

from govcore.calendar import CalendarNotPublished, Due, RollPolicy, vendored

CALENDAR = vendored()


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
