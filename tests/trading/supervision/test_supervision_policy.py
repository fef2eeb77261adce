"""States, moves and words of supervision."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from govcore.calendar import Due, vendored
from trading.supervision import schemas
from trading.supervision.module import MODULE
from trading.supervision.policy import (
    CATEGORIES,
    LETTER_RULES,
    RECORD_RULES,
    LetterMove,
    LetterState,
    RecordMove,
    RecordState,
    Subject,
    hearing_over,
    letter_moves,
    record_moves,
    subject_of,
)
from trading.supervision.queries import reply_due

AT = datetime(2026, 12, 1, 1, tzinfo=UTC)
EVERYTHING = frozenset({"supervision.sign", "supervision.acknowledge"})


@pytest.mark.parametrize(
    ("state", "moves"),
    [
        (RecordState.RECORDED, [RecordMove.SIGN_NOTICE]),
        (RecordState.SIGNED, []),
        (RecordState.CIRCULATED, [RecordMove.RETRACT]),
        (RecordState.RETRACTED, []),
    ],
)
def test_people_move_a_record_only_as_the_table_says(state: RecordState, moves: list[RecordMove]) -> None:
    assert record_moves(state, EVERYTHING) == moves
    assert record_moves(state, frozenset({"supervision.acknowledge"})) == []


@pytest.mark.parametrize(
    ("state", "moves"),
    [
        (LetterState.DRAFTED, [LetterMove.SIGN]),
        (LetterState.SIGNED, []),
        (LetterState.SENT, [LetterMove.ACKNOWLEDGE]),
        (LetterState.ACKNOWLEDGED, []),
    ],
)
def test_people_move_a_letter_only_as_the_table_says(state: LetterState, moves: list[LetterMove]) -> None:
    assert letter_moves(state, EVERYTHING) == moves
    assert letter_moves(state, frozenset({"supervision.record"})) == []


@pytest.mark.parametrize("rule", [*RECORD_RULES.values(), *LETTER_RULES.values()])
def test_every_rule_names_a_registered_event_and_permission(rule: object) -> None:
    events = {event.name for event in MODULE.audit_events}
    permissions = {permission.name for permission in MODULE.permissions} | {None}

    assert rule.event in events
    assert rule.permission in permissions


def test_no_event_of_supervision_is_public() -> None:
    assert [event.name for event in MODULE.audit_events if event.public] == []


@pytest.mark.parametrize(
    ("answered", "now", "over"),
    [
        (False, AT, False),
        (False, AT + timedelta(seconds=59), False),
        (False, AT + timedelta(seconds=60), True),
        (True, AT, True),
    ],
)
def test_a_hearing_ends_with_the_answer_or_by_the_clock(answered: bool, now: datetime, over: bool) -> None:
    until = AT + timedelta(seconds=60)

    assert hearing_over(answered=answered, reply_until=until, now=now) is over


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_category_names_a_party_of_the_tender(category: str) -> None:
    assert subject_of(category) in Subject


@pytest.mark.parametrize(
    ("dated", "due"),
    [
        (date(2026, 11, 23), Due(date(2026, 12, 7), provisional=False)),
        (date(2026, 9, 18), Due(date(2026, 10, 9), provisional=False)),
        (date(2026, 12, 15), Due(date(2026, 12, 29), provisional=True)),
        (date(2026, 12, 28), Due(date(2027, 1, 11), provisional=True)),
    ],
)
def test_a_reply_is_due_after_ten_working_days_and_provisional_past_the_last_notice(
    dated: date, due: Due
) -> None:
    assert reply_due(dated, calendar=vendored()) == due


def test_a_centre_has_no_field_for_a_fine_or_a_ban() -> None:
    names = {
        name
        for struct in (schemas.NewMisconduct, schemas.NewNotice, schemas.NewLetter)
        for name in struct.__struct_fields__
    }

    assert names == {
        "lot_id",
        "subject_id",
        "category",
        "grade",
        "occurred_at",
        "facts",
        "basis",
        "evidence",
        "patrol_id",
        "scope",
        "handling",
        "requirements",
        "suggestion",
    }
