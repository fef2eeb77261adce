"""The worked cases of working days, deadlines and identifiers, each computed by what the platform computes it with."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from govcore.calendar import vendored
from govcore.calendar.business_hours import add_business_hours
from govcore.clock import BEIJING
from govcore.errors import Problem
from govcore.identifiers import check_resident_id, check_uscc
from guarantees.checks import required_expiry
from trading.challenge import clocks
from trading.challenge.clocks import Anchors, Prior
from trading.challenge.policy import Kind, Stage, way
from trading.procedure import deadlines
from trading.procedure.deadlines import Limit
from trading.procedure.policy import Regime
from trading.procedure.rules import rule_set

CASES = json.loads((Path(__file__).parent / "worked_cases.json").read_text(encoding="utf-8"))
TB, GP = rule_set("tb-2026"), rule_set("gp-2026")
CALENDAR = vendored()
OBJECTION, CHALLENGE = way(Regime.TB, Kind.OBJECTION), way(Regime.GP, Kind.CHALLENGE)
assert OBJECTION is not None
assert CHALLENGE is not None


def moment(text: str) -> datetime:
    """A moment in Beijing, nine in the morning where the case names a day only."""
    found = datetime.fromisoformat(text)
    return (found if "T" in text else found.replace(hour=9)).replace(tzinfo=BEIJING)


def day(limit: Limit) -> str:
    return limit.last_day.isoformat()


def starts(limit: Limit) -> str:
    return limit.at.astimezone(BEIJING).date().isoformat()


def due(rules: Any, rule: str, start: str) -> str:
    return day(deadlines.due(rules, rule, moment(start), calendar=CALENDAR))


def gap(rule: str, start: str, first: str) -> dict[str, str]:
    """The earliest deadline and the one suggested, by the names a case has for them."""
    at = moment(start)
    return {
        first: starts(deadlines.earliest(TB, rule, at, calendar=CALENDAR)),
        "default_business_day": starts(deadlines.suggested(TB, rule, at, calendar=CALENDAR)),
    }


def tender_period(docs_issued: str, deadline: str) -> str:
    start, end = moment(docs_issued), moment(deadline)
    with pytest.raises(deadlines.PeriodTooShort) as refusal:
        deadlines.check_gap(TB, "T01", start, end, calendar=CALENDAR)
    return f"violation {refusal.value.data['rule']} ({(end.date() - start.date()).days} days)"


def complaint(known: str, objection_filed: str, replied: str) -> str:
    filed = moment(objection_filed)
    due = clocks.reply_due(TB, OBJECTION, Stage.DOCUMENTS, filed, calendar=CALENDAR)
    prior = Prior(filed_at=filed, due_at=due.at, replied_at=moment(replied))
    return day(clocks.complaint_due(TB, moment(known), prior, calendar=CALENDAR))


def challenge(result_published: str, notice_wd: int) -> dict[str, str]:
    assert GP["G17.notice"].number == notice_wd
    at = moment(result_published)
    anchors = Anchors(result_at=at)
    last = clocks.filing_limit(GP, CHALLENGE, Stage.RESULT, anchors, calendar=CALENDAR, at=at)
    assert last is not None
    return {
        "notice_end": day(deadlines.window_end(GP, "G17.notice", at, calendar=CALENDAR)),
        "due": day(last),
    }


def validity(deadline: str, days: int) -> str:
    assert TB["T32"].number == days
    return due(TB, "T32", deadline)


def business_hours(start: str, hours: int, open: list[str]) -> str:
    times = [tuple(time.fromisoformat(one) for one in part.split("-")) for part in open]
    found = add_business_hours(CALENDAR, moment(start), timedelta(hours=hours), hours=times)  # type: ignore[arg-type]
    return found.strftime("%Y-%m-%dT%H:%M")


def guarantee(deadline: str, validity: int, guarantee_end: str) -> str:
    short = (required_expiry(date.fromisoformat(deadline), validity) - date.fromisoformat(guarantee_end)).days
    return f"reject (short by {short} day)" if short > 0 else "accept"


def identifier(check: Callable[[str], object]) -> Callable[..., str]:
    def checked(**given: str) -> str:
        try:
            check(*given.values())
        except Problem:
            return "invalid"
        return "valid"

    return checked


WAYS: dict[str, Callable[..., Any]] = {
    "addWorkdays": lambda start, n: CALENDAR.add_working_days(date.fromisoformat(start), n).isoformat(),
    "workdaysInYear": lambda year: [CALENDAR.working_days_in(one) for one in year],
    "isWorkday": lambda dates: [CALENDAR.is_working_day(date.fromisoformat(one)) for one in dates],
    "minTenderPeriod TB": lambda docs_issued: gap("T01", docs_issued, "earliest_deadline_date"),
    "checkTenderPeriod": tender_period,
    "deadlineAfterClarification": lambda deadline, clarified: gap("T04", clarified, "earliest"),
    "objectionReplyDue": lambda received: due(TB, "T08", received),
    "candidatePublicityStartDue": lambda report_received: due(TB, "T18.start", report_received),
    "contractDue": lambda award_notice: due(TB, "T21", award_notice),
    "refundDue TB after contract": lambda signed: due(TB, "T25", signed),
    "refundDue TB withdrawal": lambda notice: due(TB, "T24", notice),
    "complaintDue TB after objection": complaint,
    "GP challenge (质疑) due on result": challenge,
    "bidValidityEnd": validity,
    "licenceDeliveryDue": lambda decided: CALENDAR.due_after(date.fromisoformat(decided), 10).day.isoformat(),
    "businessHours": business_hours,
    "guaranteeExpiryCheck": guarantee,
    "uscc": identifier(check_uscc),
    "residentId": identifier(check_resident_id),
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_worked_case_comes_out_as_written(case: dict[str, Any]) -> None:
    found = WAYS[case["group"]](**case["input"])

    expected = case["expected"]
    if case["group"] in ("uscc", "residentId"):
        expected = expected.split()[0]
    assert found == expected


def test_all_cases_of_days_and_identifiers_are_here() -> None:
    assert [sum(case["id"].startswith(kind) for case in CASES) for kind in ("CAL", "DL", "ID")] == [10, 14, 7]
