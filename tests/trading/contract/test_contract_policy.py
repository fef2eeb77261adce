"""Caps, deviations and refund triggers; and the clocks T18-T28, G07-G19 over holidays and the year's end."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

import pytest

from govcore.calendar import vendored
from govcore.clock import BEIJING, end_text
from trading.contract.policy import Security, Trigger, deviations, highest, trigger_of
from trading.procedure import deadlines
from trading.procedure.rules import rule_set

BID = {"amount_fen": 100, "duration_days": 5, "quality": "合格", "manager": "甲"}
LOSER, WINNER = Security(won=False, forfeitable=False), Security(won=True, forfeitable=False)
KEPT = Security(won=False, forfeitable=True)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"amount_fen": 101}, ["amount_fen"]),
        ({"amount_fen": 99}, ["amount_fen"]),
        ({"duration_days": 6, "manager": "乙"}, ["duration_days", "manager"]),
        ({"terms": "付款方式另行约定"}, []),
    ],
)
def test_a_contract_may_not_change_what_the_bid_decides(
    changes: dict[str, object], expected: list[str]
) -> None:
    assert deviations(BID, BID | changes) == expected


@pytest.mark.parametrize(("amount", "most"), [(1000, 100), (1009, 100), (1010, 101), (9, 0)])
def test_a_share_of_the_price_is_rounded_down_to_the_fen(amount: int, most: int) -> None:
    assert highest(amount, Fraction(1, 10)) == most


@pytest.mark.parametrize(
    ("security", "losers_after", "ended", "announced", "signed", "expected"),
    [
        (LOSER, "CONTRACT", None, True, False, None),
        (LOSER, "CONTRACT", None, True, True, Trigger.CONTRACT),
        (WINNER, "CONTRACT", None, True, True, Trigger.CONTRACT),
        (LOSER, "AWARD_NOTICE", None, True, False, Trigger.AWARD),
        (LOSER, "AWARD_NOTICE", None, False, False, None),
        (WINNER, "AWARD_NOTICE", None, True, False, None),
        (WINNER, "AWARD_NOTICE", None, True, True, Trigger.CONTRACT),
        (LOSER, "CONTRACT", Trigger.FAILED, False, False, Trigger.FAILED),
        (WINNER, "AWARD_NOTICE", Trigger.FAILED, True, False, Trigger.FAILED),
        (KEPT, "CONTRACT", None, True, True, None),
        (KEPT, "AWARD_NOTICE", Trigger.FAILED, True, False, None),
    ],
)
def test_what_sends_a_deposit_back(
    security: Security,
    losers_after: str,
    ended: Trigger | None,
    announced: bool,
    signed: bool,
    expected: Trigger | None,
) -> None:
    found = trigger_of(security, losers_after=losers_after, ended=ended, announced=announced, signed=signed)

    assert found is expected


@pytest.mark.parametrize(
    ("rules", "rule", "start", "last_day"),
    [
        ("tb-2026", "T18.start", "2025-04-28", "2025-05-06"),  # DL09: the third day is Labour Day
        ("tb-2026", "T20", "2025-12-17", "2026-01-04"),  # 1 January is off, Sunday the 4th is worked
        ("tb-2026", "T21", "2025-01-02", "2025-02-05"),  # DL11: the thirtieth day falls into Spring Festival
        ("tb-2026", "T24", "2025-01-25", "2025-02-05"),  # DL15
        ("tb-2026", "T25", "2025-09-27", "2025-10-09"),  # DL13
        ("gp-2026", "G07", "2025-12-31", "2026-01-08"),
        ("gp-2026", "G07.winner", "2026-04-30", "2026-05-11"),  # Saturday the 9th is worked
        ("gp-2026", "G10", "2026-09-18", "2026-09-24"),  # Sunday the 20th is worked
        ("gp-2026", "G16", "2024-09-13", "2024-09-18"),  # Saturday the 14th is worked, 15 to 17 are off
        ("gp-2026", "G16.decide", "2024-04-30", "2024-05-10"),
        ("gp-2026", "G17", "2025-12-31", "2026-01-05"),
        ("gp-2026", "G18", "2025-01-02", "2025-02-05"),
        ("gp-2026", "G18.publish", "2025-05-30", "2025-06-04"),
        ("gp-2026", "G18.file", "2024-02-09", "2024-02-26"),
    ],
)
def test_clocks_after_the_evaluation_end_with_their_last_day(
    rules: str, rule: str, start: str, last_day: str
) -> None:
    begun = datetime.fromisoformat(f"{start}T15:30:00").replace(tzinfo=BEIJING)

    limit = deadlines.due(rule_set(rules), rule, begun, calendar=vendored())

    assert end_text(limit.at) == f"{last_day} 24:00:00"


@pytest.mark.parametrize(
    ("rules", "rule", "start", "last_day"),
    [
        ("tb-2026", "T18", "2025-04-29", "2025-05-06"),  # three days end on a holiday: moved to a working day
        ("tb-2026", "T18", "2025-03-03", "2025-03-06"),
        ("gp-2026", "G17.notice", "2024-09-29", "2024-09-30"),  # DL19
        ("gp-2026", "G17.notice", "2025-12-31", "2026-01-04"),
    ],
)
def test_windows_after_the_evaluation_end_on_a_working_day(
    rules: str, rule: str, start: str, last_day: str
) -> None:
    begun = datetime.fromisoformat(f"{start}T09:00:00").replace(tzinfo=BEIJING)

    limit = deadlines.window_end(rule_set(rules), rule, begun, calendar=vendored())

    assert end_text(limit.at) == f"{last_day} 24:00:00"


def test_a_suspension_adds_its_days_to_the_contract_and_none_to_the_report() -> None:
    start = datetime(2025, 3, 3, 10, 0, tzinfo=BEIJING)
    stop = (datetime(2025, 3, 10, 9, 0, tzinfo=BEIJING), datetime(2025, 3, 15, 9, 0, tzinfo=BEIJING))
    rules = rule_set("tb-2026")

    contract, report, refund = (
        deadlines.due(rules, rule, start, calendar=vendored(), frozen=[stop])
        for rule in ("T21", "T20", "T25")
    )

    assert end_text(contract.at) == "2025-04-07 24:00:00"  # 2 April and five days
    assert end_text(report.at) == "2025-03-18 24:00:00"
    assert end_text(refund.at) == "2025-03-10 24:00:00"  # 8 March is a Saturday
