"""The deadline after a change (T04, T05, G05), when questions are shown and end, and what may not change."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from govcore.calendar import vendored
from govcore.clock import BEIJING
from trading.clarification.moving import Judged, judge
from trading.clarification.policy import RULES, Move, State, Subject, asking_ends, collected_at, forbidden
from trading.procedure.rules import rule_set

SECOND = timedelta(seconds=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def judged(rule: str, released: str, deadline: str, *, rules: str = "tb-2026") -> Judged:
    return judge(rule_set(rules), rule, at(released), at(deadline), calendar=vendored())


def test_dl05_a_deadline_fourteen_days_after_a_clarification_moves_over_the_weekend() -> None:
    found = judged("T04", "2025-03-14T10:00", "2025-03-28T09:30")

    assert found == Judged(14, at("2025-03-29T00:00"), at("2025-03-31T09:30"))


@pytest.mark.parametrize(
    ("rules", "rule", "days"),
    [
        ("tb-2026", "T04", 15),
        ("tb-2026", "T05", 3),
        ("gp-2026", "G05", 15),
        ("gp-2026", "G05.prequalification", 3),
    ],
)
@pytest.mark.parametrize("deadline", ["2025-03-28T09:30", "2026-01-04T09:30", "2025-10-08T23:59:59"])
def test_a_deadline_stays_with_the_days_of_the_law_and_moves_with_one_second_or_day_less(
    rules: str, rule: str, days: int, deadline: str
) -> None:
    last_day = at(deadline).replace(hour=0, minute=0, second=0) - timedelta(days=days)
    moments = {
        "a day before": last_day - timedelta(days=1),
        "the last second": last_day + timedelta(days=1) - SECOND,
        "one second later": last_day + timedelta(days=1),
        "a day later": last_day + timedelta(days=1, hours=12),
    }

    found = {
        name: judge(rule_set(rules), rule, moment, at(deadline), calendar=vendored())
        for name, moment in moments.items()
    }

    assert {name: (one.left, one.earliest is None) for name, one in found.items()} == {
        "a day before": (days + 1, True),
        "the last second": (days, True),
        "one second later": (days - 1, False),
        "a day later": (days - 1, False),
    }
    assert found["one second later"].earliest == last_day + timedelta(days=days + 1)


@pytest.mark.parametrize(
    ("released", "deadline", "earliest", "suggested"),
    [  # a make-up Sunday; a Saturday of the New Year's holiday before it; another make-up Sunday; Spring Festival
        ("2025-12-20T10:00", "2025-12-31T09:30", "2026-01-04T00:00", "2026-01-04T09:30"),
        ("2025-12-19T10:00", "2025-12-31T09:30", "2026-01-03T00:00", "2026-01-04T09:30"),
        ("2026-09-05T10:00", "2026-09-18T14:00", "2026-09-20T00:00", "2026-09-20T14:00"),
        ("2026-02-01T10:00", "2026-02-13T09:00", "2026-02-16T00:00", "2026-02-24T09:00"),
    ],
)
def test_the_suggested_deadline_is_on_a_working_day_by_the_calendar_and_never_earlier(
    released: str, deadline: str, earliest: str, suggested: str
) -> None:
    found = judged("T04", released, deadline)

    assert (found.earliest, found.suggested) == (at(earliest), at(suggested))


def test_shortened_rules_count_seconds() -> None:
    released = at("2026-03-03T10:00:00")
    found = [
        judge(rule_set("demo"), "T04", released, released + timedelta(seconds=s), calendar=vendored())
        for s in (4, 5)
    ]

    assert found == [Judged(4, released + 5 * SECOND, released + 5 * SECOND), Judged(5, None, None)]


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("2026-03-03T10:00:00", "2026-03-03T10:30"),
        ("2026-03-03T10:29:59.999999", "2026-03-03T10:30"),
        ("2026-03-03T10:30:00", "2026-03-03T11:00"),
        ("2026-03-03T23:59:59", "2026-03-04T00:00"),
    ],
)
def test_questions_are_shown_at_the_next_full_half_hour(asked: str, shown: str) -> None:
    assert collected_at(at(asked)) == at(shown)


@pytest.mark.parametrize(
    ("deadline", "days", "ends"),
    [
        ("2026-03-20T09:30", 0, "2026-03-20T09:30"),
        ("2026-03-20T09:30", 1, "2026-03-20T00:00"),
        ("2026-03-20T23:59:59", 10, "2026-03-11T00:00"),
        ("2026-01-02T00:00", 2, "2026-01-01T00:00"),
    ],
)
def test_questions_end_with_the_documents_last_day(deadline: str, days: int, ends: str) -> None:
    assert asking_ends(at(deadline), days) == at(ends)


def test_g05_procurement_keeps_its_object_and_its_qualification() -> None:
    wanted = [Subject.OBJECT, Subject.TERMS, Subject.QUALIFICATION]

    assert (forbidden("GP", wanted), forbidden("TB", wanted), forbidden("GP", [Subject.CRITERIA])) == (
        [Subject.OBJECT, Subject.QUALIFICATION],
        [],
        [],
    )


def test_a_clarification_is_prepared_handed_over_given_back_and_released_and_then_never_moves() -> None:
    found = {(rule.source, move): rule.target for move, rule in RULES.items()}

    assert found == {
        (State.PREPARING, Move.HAND_OVER): State.READY,
        (State.READY, Move.RETURN): State.PREPARING,
        (State.READY, Move.RELEASE): State.RELEASED,
    }
