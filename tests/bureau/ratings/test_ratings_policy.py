"""Levels, codes, percentages, the rule table and the working-day clocks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bureau.ratings.demo import yearbook
from bureau.ratings.policy import (
    BAD,
    CHANNEL_NAMES,
    CODE_LENGTH,
    LEVEL_NAMES,
    LOOP_RULES,
    MOVE_NAMES,
    NODE_NAMES,
    OPEN,
    OUTCOME_NAMES,
    REMEDY_NAMES,
    STATE_NAMES,
    Channel,
    Level,
    Move,
    Node,
    Outcome,
    Remedy,
    State,
    Terms,
    code_of,
    due,
    is_over,
    moves_from,
    percent,
    printed,
    typed,
)
from govcore.calendar import Due, vendored

ALL = frozenset({"ratings.handle", "ratings.decide"})


def test_everything_that_is_shown_has_its_words() -> None:
    tables = [
        (CHANNEL_NAMES, Channel),
        (NODE_NAMES, Node),
        (LEVEL_NAMES, Level),
        (STATE_NAMES, State),
        (MOVE_NAMES, Move),
        (REMEDY_NAMES, Remedy),
        (OUTCOME_NAMES, Outcome),
    ]

    assert [list(table) for table, _ in tables] == [list(kind) for _, kind in tables]
    assert len(Channel) == len(yearbook().channels) == 7
    assert {int(level) for level in BAD} == {1, 2}


@pytest.mark.parametrize(("state", "move"), list(product(State, Move)))
def test_a_bad_rating_goes_its_way_and_no_other(state: State, move: Move) -> None:
    allowed = {
        (State.RECEIVED, Move.CONFIRM): State.CONFIRMED,
        (State.RECEIVED, Move.DISPUTE): State.DISPUTED,
        (State.DISPUTED, Move.UPHOLD): State.DISMISSED,
        (State.DISPUTED, Move.REJECT): State.CONFIRMED,
        (State.CONFIRMED, Move.RECTIFY): State.RECTIFIED,
        (State.RECTIFIED, Move.REVISIT): State.CLOSED,
    }
    rule = LOOP_RULES[move]

    assert (move in moves_from(state, ALL)) == ((state, move) in allowed)
    assert rule.target == allowed.get((state, move), rule.target)
    assert moves_from(state, frozenset()) == []


def test_open_states_have_a_clock_and_ended_ones_none() -> None:
    assert {State.RECEIVED, State.DISPUTED, State.CONFIRMED, State.RECTIFIED} == OPEN
    assert [Terms().days_in(state) for state in State] == [1, 5, 15, 5, None, None]


@pytest.mark.parametrize(
    ("since", "days", "last"),
    [
        (datetime(2026, 11, 24, 2, tzinfo=UTC), 1, date(2026, 11, 25)),
        (datetime(2026, 11, 27, 2, tzinfo=UTC), 1, date(2026, 11, 30)),
        (datetime(2026, 11, 26, 17, tzinfo=UTC), 1, date(2026, 11, 30)),  # Friday one o'clock in Beijing
        (
            datetime(2026, 9, 18, 2, tzinfo=UTC),
            15,
            date(2026, 10, 15),
        ),  # over the National Day and a working Saturday
        (datetime(2026, 11, 24, 2, tzinfo=UTC), 15, date(2026, 12, 15)),
    ],
)
def test_steps_are_due_after_working_days(since: datetime, days: int, last: date) -> None:
    assert due(since, days, calendar=vendored()) == Due(last, provisional=False)


def test_a_day_lasts_until_midnight_in_beijing() -> None:
    last = Due(date(2026, 11, 25), provisional=False)

    assert is_over(last, now=datetime(2026, 11, 25, 15, 59, 59, tzinfo=UTC)) is False
    assert is_over(last, now=datetime(2026, 11, 25, 16, tzinfo=UTC)) is True


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (48, 39843, "0.12"),
        (39795, 39843, "99.88"),
        (48, 48, "100"),
        (0, 48, "0"),
        (1, 3, "33.33"),
        (2, 3, "66.67"),
        (1, 8, "12.5"),
        (0, 0, None),
        (99_999, 100_000, "99.99"),
        (1, 100_000, "0.01"),
    ],
)
def test_percentages_are_rounded_but_all_and_none_stay_apart(part: int, whole: int, text: str | None) -> None:
    assert percent(part, whole) == text


@given(st.binary(min_size=32, max_size=32))
def test_a_code_survives_people(tag: bytes) -> None:
    code = code_of(tag.hex())
    shown = printed(code)

    assert len(code) == CODE_LENGTH
    assert set(code) <= set("0123456789abcdefghjkmnpqrstvwxyz")
    for written in (shown, shown.upper(), shown.replace("-", " "), shown.replace("0", "O").replace("1", "l")):
        assert typed(written) == code


def test_codes_differ_where_tags_differ() -> None:
    tags: Sequence[str] = [bytes([n] * 32).hex() for n in range(256)]

    assert len({code_of(tag) for tag in tags}) == 256
