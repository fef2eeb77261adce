"""When an outage before a deadline calls for a later one, to the second; and until when, over lunch and weekends."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from govcore.calendar.notices import vendored
from govcore.clock import BEIJING
from govcore.outages.policy import Span
from trading.extension.policy import Terms, assess

TERMS = Terms(timedelta(hours=24), timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4))
FRIDAY_10 = datetime(2026, 11, 27, 10, 0, tzinfo=BEIJING)


def out(ends_before: timedelta, lasted: timedelta) -> Span:
    """An outage that ended so long before the deadline."""
    return Span(FRIDAY_10 - ends_before - lasted, FRIDAY_10 - ends_before)


MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("outages", "due"),
    [
        ([], False),
        ([out(3 * HOUR, 15 * MINUTE)], False),
        ([out(3 * HOUR, 15 * MINUTE + SECOND)], True),
        ([out(3 * HOUR, 8 * MINUTE), out(9 * HOUR, 8 * MINUTE)], True),
        ([out(24 * HOUR, 2 * HOUR)], False),
        ([out(23 * HOUR + 46 * MINUTE, 2 * HOUR)], False),
        ([out(23 * HOUR + 44 * MINUTE, 2 * HOUR)], True),
        ([out(HOUR, MINUTE)], False),
        ([out(HOUR - SECOND, MINUTE)], True),
        ([Span(FRIDAY_10 - MINUTE, FRIDAY_10 + HOUR)], True),
        ([Span(FRIDAY_10, FRIDAY_10 + HOUR)], False),
    ],
    ids=[
        "none",
        "a quarter of an hour is not more than one",
        "a second more",
        "two that add up",
        "over before the time that counts",
        "14 minutes of it inside",
        "16 minutes of it inside",
        "ends as the last hour begins",
        "reaches into the last hour",
        "over the deadline",
        "begins with the deadline",
    ],
)
def test_outages_call_for_a_later_deadline(outages: list[Span], due: bool) -> None:
    found = assess(FRIDAY_10, outages, TERMS, calendar=vendored())

    assert (found.proposed is not None) is due


@pytest.mark.parametrize(
    ("outage", "proposed"),
    [
        (Span(FRIDAY_10 - 20 * MINUTE, FRIDAY_10 - 3 * MINUTE), "2026-11-27T15:30+08:00"),
        (Span(FRIDAY_10 - 2 * MINUTE, FRIDAY_10 + 3 * HOUR), "2026-11-30T09:30+08:00"),
        (Span(FRIDAY_10 - 20 * HOUR, FRIDAY_10 - 12 * HOUR), "2026-11-27T18:00+08:00"),
        (Span(FRIDAY_10 - 18 * MINUTE, FRIDAY_10 - HOUR / 60 * 2 - SECOND), "2026-11-27T15:30+08:00"),
    ],
    ids=["three minutes restored are not enough", "over the weekend", "all that was lost", "rounded up"],
)
def test_the_proposal_gives_back_what_was_lost_and_office_hours(outage: Span, proposed: str) -> None:
    found = assess(FRIDAY_10, [outage], TERMS, calendar=vendored())

    assert found.proposed == datetime.fromisoformat(proposed)
    assert found.restored_at == outage.end


def test_days_without_a_holiday_notice_block_no_proposal() -> None:
    deadline = datetime(2031, 5, 6, 10, 0, tzinfo=BEIJING)
    outage = Span(deadline - 20 * MINUTE, deadline - 3 * MINUTE)

    found = assess(deadline, [outage], TERMS, calendar=vendored())

    assert found.proposed == datetime(2031, 5, 6, 14, 0, tzinfo=BEIJING)


def test_seconds_that_two_outages_share_count_once() -> None:
    one, other = out(3 * HOUR, 10 * MINUTE), out(3 * HOUR + 5 * MINUTE, 10 * MINUTE)

    found = assess(FRIDAY_10, [one, other], TERMS, calendar=vendored())

    assert (found.outages, found.total) == ((Span(other.start, one.end),), 15 * MINUTE)
    assert found.proposed is None
