"""Moments that decide outside the rule sets: the deadline, the hall's window, and how many are enough."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from govcore.calendar import vendored
from govcore.clock import BEIJING
from trading.opening.policy import gate_may_release, record_is_due, release_opens_at
from trading.procedure import deadlines
from trading.procedure.rules import rule_set
from trading.tender.policy import LotState, bidding_open

T = datetime(2026, 2, 24, 9, 30, tzinfo=BEIJING)
SECOND = timedelta(seconds=1)
AROUND = [(-SECOND, "before"), (timedelta(0), "at"), (SECOND, "after")]


@pytest.mark.parametrize(("apart", "moment"), AROUND)
def test_t13_bids_are_taken_until_the_deadline_and_opened_from_it_on(apart: timedelta, moment: str) -> None:
    now = T + apart
    opens = release_opens_at(seal_check_until=T, bidder_until=None, bidder_shares_missing=0, opening_at=T)

    taken = bidding_open(LotState.OPEN, T, now)
    opened = gate_may_release(valid_releases=2, k=2, release_opens_at=opens, objections=0, now=now)

    assert (taken, opened) == {"before": (True, False)}.get(moment, (False, True))


@pytest.mark.parametrize(("apart", "moment"), AROUND)
def test_t09_an_objection_on_the_spot_is_answered_before_the_record_is_written(
    apart: timedelta, moment: str
) -> None:
    window = {"confirmed": 0, "bids": 3, "until": T, "now": T + apart}

    due = [record_is_due(unanswered=unanswered, **window) for unanswered in (0, 1)]

    assert due == [moment != "before", False]


@pytest.mark.parametrize("releases", [1, 2, 3])
@pytest.mark.parametrize("objections", [0, 1])
def test_nothing_opens_with_too_few_shares_or_while_an_objection_stands(
    releases: int, objections: int
) -> None:
    found = gate_may_release(valid_releases=releases, k=2, release_opens_at=T, objections=objections, now=T)

    assert found is (releases >= 2 and objections == 0)


@pytest.mark.parametrize(
    ("rules", "rule", "due"),
    [
        ("tb-2026", "T18.start", "2026-02-24"),
        ("tb-2026", "T24", "2026-02-24"),
        ("tb-2026", "T25", "2026-02-24"),
        ("gp-2026", "G07", "2026-02-27"),
        ("gp-2026", "G08", "2026-02-27"),
        ("gp-2026", "G10", "2026-02-27"),
        ("gp-2026", "G17", "2026-02-24"),
    ],
)
def test_what_was_begun_before_the_festival_is_late_from_the_second_after_its_last_day(
    rules: str, rule: str, due: str
) -> None:
    """The 13th of February 2026 is a Friday, the 14th is worked, and the 15th to the 23rd are off."""
    found = deadlines.due(
        rule_set(rules), rule, datetime(2026, 2, 13, 16, tzinfo=BEIJING), calendar=vendored()
    )

    last = datetime.fromisoformat(due).replace(tzinfo=BEIJING) + timedelta(days=1) - SECOND
    assert [moment < found.at for moment in (last, last + SECOND)] == [True, False]
