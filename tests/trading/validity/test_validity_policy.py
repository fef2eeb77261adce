"""T32: validity from the deadline, its days, and who is out after an offer; one microsecond before, at, after."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from govcore.clock import BEIJING
from trading.validity.policy import Offered, Said, days_of, end_of_day, ends_at, is_over


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


FIRST, LATER, LATEST = at("2027-02-22"), at("2027-03-24"), at("2027-04-24")
ANSWER_BY, STEP = at("2027-02-10 17:00"), timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("deadline", "days", "end"),
    [
        (at("2026-11-23 09:00"), 90, at("2027-02-22")),
        (at("2026-11-23 23:59:59"), 90, at("2027-02-22")),
        (at("2026-12-31 09:30"), 1, at("2027-01-02")),
        (at("2027-02-27 09:30"), 2, at("2027-03-02")),
    ],
)
def test_t32_validity_ends_with_the_last_day_and_days_are_counted_back_from_it(
    deadline: datetime, days: int, end: datetime
) -> None:
    assert end_of_day(deadline, after=days, zone=BEIJING) == end
    assert days_of(deadline, end, zone=BEIJING) == days


@pytest.mark.parametrize(
    ("said", "end"),
    [
        ([], FIRST),
        ([None], FIRST),
        ([Said.REFUSED], FIRST),
        ([Said.ACCEPTED], LATER),
        ([Said.ACCEPTED, Said.ACCEPTED], LATEST),
        ([Said.ACCEPTED, None], LATER),
    ],
)
def test_a_bid_binds_as_long_as_its_bidder_agreed_to(said: list[Said | None], end: datetime) -> None:
    offers = [Offered(until, ANSWER_BY, one) for until, one in zip((LATER, LATEST), said, strict=False)]

    assert ends_at(FIRST, offers) == end


@pytest.mark.parametrize(
    ("said", "now", "out"),
    [
        (None, FIRST - STEP, False),
        (None, FIRST, True),
        (Said.ACCEPTED, FIRST, False),
        (Said.ACCEPTED, LATER - STEP, False),
        (Said.ACCEPTED, LATER, True),
        (Said.REFUSED, ANSWER_BY - STEP, True),
    ],
)
def test_silence_ends_a_bid_with_its_validity_and_a_refusal_at_once(
    said: Said | None, now: datetime, out: bool
) -> None:
    assert is_over(FIRST, [Offered(LATER, ANSWER_BY, said)], now) is out


def test_without_an_offer_nobody_is_put_out_by_a_sweep() -> None:
    assert is_over(FIRST, [], LATEST) is False
