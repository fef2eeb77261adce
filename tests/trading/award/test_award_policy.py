"""Who may win and in what order, and where a lot's award is: pure tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from trading.award.policy import (
    Basis,
    Facts,
    Ranked,
    Stage,
    basis_of,
    eligible,
    order_binds,
    publicity_is_over,
    stage,
)
from trading.procedure.policy import Regime

ENDS_AT = datetime(2026, 11, 27, 16, 0, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
A, B, C = Ranked("a", 1), Ranked("b", 2), Ranked("c", 3)
A_OUT, B_OUT, C_OUT = Ranked("a", 1, True), Ranked("b", 2, True), Ranked("c", 3, True)


@pytest.mark.parametrize(
    ("candidates", "strict", "expected"),
    [
        ((A, B, C), True, ("a",)),
        ((A, B, C), False, ("a", "b", "c")),
        ((A_OUT, B, C), True, ("b",)),
        ((A_OUT, B_OUT, C), True, ("c",)),
        ((A_OUT, B, C), False, ("b", "c")),
        ((A_OUT, B_OUT, C_OUT), True, ()),
        ((A_OUT, B_OUT, C_OUT), False, ()),
        ((A, Ranked("b", 1), C), True, ("a", "b")),
        ((), True, ()),
    ],
)
def test_of_those_left_the_best_ranked_may_win_where_the_order_binds(
    candidates: tuple[Ranked, ...], strict: bool, expected: tuple[str, ...]
) -> None:
    assert eligible(candidates, strict=strict) == expected


@pytest.mark.parametrize(
    ("candidates", "bid_id", "expected"),
    [
        ((A, B, C), "a", Basis.FIRST),
        ((A, B, C), "b", Basis.CHOSEN),
        ((A_OUT, B, C), "b", Basis.NEXT),
        ((A_OUT, B, C), "c", Basis.CHOSEN),
        ((A_OUT, B_OUT, C), "c", Basis.NEXT),
        ((A, Ranked("b", 1), C), "b", Basis.FIRST),
    ],
)
def test_a_choice_is_first_next_or_made_with_a_reason(
    candidates: tuple[Ranked, ...], bid_id: str, expected: Basis
) -> None:
    assert basis_of(candidates, bid_id) is expected


@pytest.mark.parametrize(
    ("regime", "state_funded", "binds"),
    [(Regime.TB, True, True), (Regime.TB, False, False), (Regime.GP, False, True)],
)
def test_the_order_binds_purchases_and_state_funds(regime: Regime, state_funded: bool, binds: bool) -> None:
    assert order_binds(regime, state_funded=state_funded) is binds


@pytest.mark.parametrize(
    ("now", "held", "over"),
    [
        (ENDS_AT - MOMENT, False, False),
        (ENDS_AT, False, True),
        (ENDS_AT + MOMENT, False, True),
        (ENDS_AT + timedelta(days=9), True, False),
    ],
)
def test_publicity_is_over_from_its_end_on_unless_the_lot_is_held(
    now: datetime, held: bool, over: bool
) -> None:
    assert publicity_is_over(ENDS_AT, now, held=held) is over


@pytest.mark.parametrize(
    ("facts", "now", "expected"),
    [
        (Facts(regime=Regime.TB, state="evaluated", ranked=0), ENDS_AT, Stage.FAIL),
        (Facts(regime=Regime.TB, state="evaluated", ranked=1), ENDS_AT, Stage.PUBLICISE),
        (Facts(regime=Regime.TB, state="publicity", ranked=3, ends_at=ENDS_AT), ENDS_AT - MOMENT, Stage.WAIT),
        (Facts(regime=Regime.TB, state="publicity", ranked=3, ends_at=ENDS_AT), ENDS_AT, Stage.DECIDE),
        (
            Facts(regime=Regime.TB, state="publicity", ranked=3, ends_at=ENDS_AT, held=True),
            ENDS_AT,
            Stage.HELD,
        ),
        (
            Facts(regime=Regime.TB, state="awarded", ranked=3, ends_at=ENDS_AT, decided=True, announced=True),
            ENDS_AT,
            Stage.AWARDED,
        ),
        (
            Facts(
                regime=Regime.TB,
                state="awarded",
                ranked=3,
                ends_at=ENDS_AT,
                decided=True,
                announced=True,
                current_out=True,
            ),
            ENDS_AT,
            Stage.DECIDE,
        ),
        (Facts(regime=Regime.TB, state="failed", ranked=0), ENDS_AT, Stage.FAILED),
        (Facts(regime=Regime.GP, state="evaluated", ranked=2), ENDS_AT, Stage.FAIL),
        (Facts(regime=Regime.GP, state="evaluated", ranked=3), ENDS_AT, Stage.HAND_OVER),
        (Facts(regime=Regime.GP, state="evaluated", ranked=3, handed_over=True), ENDS_AT, Stage.DECIDE),
        (
            Facts(regime=Regime.GP, state="evaluated", ranked=3, handed_over=True, decided=True),
            ENDS_AT,
            Stage.ANNOUNCE,
        ),
    ],
)
def test_the_stage_follows_from_facts_and_clock(facts: Facts, now: datetime, expected: Stage) -> None:
    assert stage(facts, now) is expected
