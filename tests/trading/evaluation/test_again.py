"""Evaluating again: for listed causes only, the round before stays, a changed ranking is published anew."""

from __future__ import annotations

from datetime import timedelta

import pytest
from evaluated_city import EXPERTS, NOW, City, build

from govcore.db import Database
from govcore.errors import MoveNotAllowed, NotFound, Problem
from govcore.identity.queries import actor_of_user
from govcore.platform import Platform
from trading.award.queries import candidates_of, public_notices
from trading.award.service import StoredPaper, publicise
from trading.evaluation.again import Repeat, repeat, repetition
from trading.evaluation.causes import Cause
from trading.evaluation.files import kept_benchmark
from trading.evaluation.models import EvaluationRound
from trading.evaluation.queries import outcome_rows, outcomes, reports
from trading.evaluation.tasks import complete_one
from trading.tender.queries import lot_context


def again(city: City, cause: Cause = Cause.OBJECTION) -> None:
    with city.database.transaction() as tx:
        proposer, second = actor_of_user(tx, "tenderer"), actor_of_user(tx, "regulator")
        found = Repeat(cause=cause, text="异议成立")
        repeat(tx, None, city.lot_id, found, proposer=proposer, second=second)  # type: ignore[arg-type]


def publish(city: City, n: int) -> None:
    with city.database.transaction() as tx:
        paper = StoredPaper(id=f"paper-{n}", key=f"award/{n}", sha256=f"{n}" * 64, size=1)
        actor, at = actor_of_user(tx, "tenderer"), NOW + timedelta(hours=n)
        publicise(tx, city.lot_id, notice=paper, actor=actor, at=at)


def state(city: City) -> str:
    with city.database.read() as tx:
        return lot_context(tx, city.lot_id).state


def test_the_next_round_goes_on_from_the_sheets_and_keeps_the_first(
    platform: Platform, evaluated: City
) -> None:
    city = evaluated
    publish(city, 1)
    again(city)
    assert state(city) == "opened"
    for expert in EXPERTS:
        city.fill(expert, {"bid-2": {"plan": "1.00"}}, why="异议成立，重新核对")
        city.lock(expert)

    assert complete_one(platform, city.lot_id) is True

    with city.database.read() as tx:
        first = {row.bid_id: row.rank for row in outcome_rows(tx, city.lot_id, 1)}
        now = {one.bid.bid_id: one.rank for one in outcomes(tx, city.lot_id)}
        kept = [number for number, _, _ in reports(tx, city.lot_id)]
        row = tx.get_one(EvaluationRound, (city.lot_id, 2))
    assert (first["bid-2"], now["bid-2"], kept) == (1, 3, [1, 2])
    assert (row.cause, row.reason, row.proposed_by, row.confirmed_by) == (
        "objection",
        "异议成立",
        "tenderer",
        "regulator",
    )
    assert state(city) == "evaluated"
    publish(city, 2)
    with city.database.read() as tx:
        assert [one.bid_id for one in candidates_of(tx, city.lot_id)] == ["bid-1", "bid-3", "bid-2"]
        assert len(public_notices(tx)) == 2


def test_the_same_ranking_lets_the_publicity_go_on(platform: Platform, evaluated: City) -> None:
    publish(evaluated, 1)
    again(evaluated)
    for expert in EXPERTS:
        evaluated.lock(expert)

    complete_one(platform, evaluated.lot_id)

    assert state(evaluated) == "publicity"


def test_only_the_causes_of_the_regime_begin_a_new_round(evaluated: City) -> None:
    with pytest.raises(Problem) as refused:
        again(evaluated, Cause.ERROR)
    assert (refused.value.code, state(evaluated)) == ("E_EVALUATE_AGAIN", "evaluated")
    with evaluated.database.read() as tx:
        for name in ("centre", "expert-1", "other-tenderer", "other-regulator", "bidder-1"):
            actor = actor_of_user(tx, name)
            with pytest.raises(NotFound):
                repetition(tx, evaluated.lot_id, Repeat(cause=Cause.OBJECTION, text="x"), actor)


def test_an_unlawful_committees_sheets_count_for_nothing(evaluated: City) -> None:
    again(evaluated, Cause.COMMITTEE)

    assert evaluated.marks("expert-1") == {}


def test_what_was_not_evaluated_is_not_evaluated_again(database: Database) -> None:
    with pytest.raises(Problem) as refused:
        again(build(database))

    assert refused.value.code == MoveNotAllowed.code


@pytest.mark.parametrize(("cause", "kept"), [(Cause.OBJECTION, "9467/1"), (Cause.COMMITTEE, None)])
def test_the_benchmark_stays_unless_the_evaluation_before_counts_for_nothing(
    evaluated: City, cause: Cause, kept: str | None
) -> None:
    with evaluated.database.transaction() as tx:
        tx.get_one(EvaluationRound, (evaluated.lot_id, 1)).benchmark = "9467/1"
    with evaluated.database.read() as tx:
        assert kept_benchmark(tx, lot_context(tx, evaluated.lot_id)) is None

    again(evaluated, cause)

    with evaluated.database.read() as tx:
        assert kept_benchmark(tx, lot_context(tx, evaluated.lot_id)) == kept
