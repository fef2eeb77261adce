"""What is due for a draw, by its state and the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from trading.draws.policy import DONE, EVENTS, OPEN_PURPOSES, RULES, DrawState, Due, Purpose, due, logged_as
from trading.draws.replay import LAWFUL

UNTIL = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
BEFORE, AFTER = UNTIL - timedelta(seconds=1), UNTIL
USUAL = {
    "ended": False,
    "keys_missing": 0,
    "expected": 4,
    "committed": 0,
    "revealed": 0,
    "held": False,
    "commit_until": UNTIL,
    "reveal_until": None,
    "now": BEFORE,
}


@pytest.mark.parametrize(
    ("state", "changed", "expected"),
    [
        ("announced", {}, Due.BEGIN),
        ("announced", {"keys_missing": 1}, Due.NOTHING),
        ("announced", {"keys_missing": 1, "now": AFTER}, Due.GIVE_UP),
        ("announced", {"now": AFTER}, Due.GIVE_UP),
        ("committing", {"committed": 3}, Due.NOTHING),
        ("committing", {"committed": 4}, Due.REVEAL),
        ("committing", {"committed": 4, "held": True}, Due.NOTHING),
        ("committing", {"committed": 3, "now": AFTER}, Due.REVEAL),
        ("committing", {"committed": 3, "now": AFTER, "held": True}, Due.NOTHING),
        ("committing", {"committed": 2, "now": AFTER}, Due.GIVE_UP),
        ("committing", {"committed": 2, "now": AFTER, "held": True}, Due.GIVE_UP),
        ("revealing", {"committed": 3, "revealed": 2, "reveal_until": UNTIL}, Due.NOTHING),
        (
            "revealing",
            {"committed": 3, "revealed": 2, "reveal_until": UNTIL, "now": AFTER},
            Due.ASK_CUSTODIANS,
        ),
        ("revealing", {"committed": 3, "revealed": 3, "reveal_until": UNTIL, "now": AFTER}, Due.DRAW),
        ("revealing", {"committed": 3, "revealed": 3, "ended": True}, Due.GIVE_UP),
        ("drawn", {"committed": 3, "revealed": 3}, Due.NOTHING),
        ("void", {"now": AFTER}, Due.NOTHING),
    ],
)
def test_one_step_is_due(state: str, changed: dict[str, object], expected: Due):
    assert due(state, **{**USUAL, **changed}) is expected


def test_a_lot_that_ended_ends_its_draws_but_not_those_that_are_done():
    ended = {**USUAL, "ended": True}

    assert {state: due(state, **ended) for state in DrawState} == {
        DrawState.ANNOUNCED: Due.GIVE_UP,
        DrawState.COMMITTING: Due.GIVE_UP,
        DrawState.REVEALING: Due.GIVE_UP,
        DrawState.DRAWN: Due.NOTHING,
        DrawState.VOID: Due.NOTHING,
    }


def test_nothing_leads_out_of_a_draw_that_is_done_or_void():
    assert [rule for rule in RULES.values() if rule.sources & DONE] == []
    assert {rule.event.removeprefix("draw.") for rule in RULES.values()} <= EVENTS.keys()


def test_only_draws_of_an_opening_are_logged_in_clear():
    assert {one: logged_as("draw.drawn", one) for one in Purpose if one in OPEN_PURPOSES} == {
        Purpose.OPENING: "draw.drawn"
    }
    assert {logged_as("draw.drawn", one) for one in Purpose if one not in OPEN_PURPOSES} == {
        "draw.blind_drawn"
    }
    assert frozenset.union(*LAWFUL.values()) == frozenset(Purpose)
