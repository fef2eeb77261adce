"""Sheets against real databases: who may do what, and what never changes again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from evaluated_city import EXPERTS, City, sheet

from govcore.errors import NotFound, Problem
from govcore.identity.models import User
from trading.evaluation import queries
from trading.evaluation.computing import ready
from trading.evaluation.queries import NotEvaluated
from trading.evaluation.sheet_queries import locked_sheets, my_sheet

OUTSIDERS = ("other-tenderer", "other-agency", "other-regulator", "bidder-1", "outside-expert", "expert-1")


def refused(action: object) -> str:
    with pytest.raises(Problem) as caught:
        action()  # type: ignore[operator]
    return caught.value.code


def test_a_member_who_goes_over_to_a_bidder_is_kept_out_from_then_on(city: City) -> None:
    city.convene()
    city.fill("expert-1", sheet())

    move(city, "expert-1", "bidder-2")

    assert refused(lambda: city.fill("expert-1", sheet())) == "E_EXPERT_AVOIDS"
    assert refused(lambda: city.lock("expert-1")) == "E_EXPERT_AVOIDS"
    with city.database.read() as tx:
        with pytest.raises(NotFound):
            my_sheet(tx, city.lot_id, actor=city.actor("expert-1"))
        assert queries.desk(tx, actor=city.actor("expert-1")) == []


def move(city: City, user_id: str, org_id: str) -> None:
    with city.database.transaction() as tx:
        tx.get_one(User, user_id).org_id = org_id


WRONG_POINTS = [
    ({"bid-1": {"plan": "25.01"}}, "E_SCORE_RANGE"),
    ({"bid-1": {"plan": "-1"}}, "E_SCORE_RANGE"),
    ({"bid-1": {"plan": "1.005"}}, "E_SCORE_RANGE"),
    ({"bid-1": {"price": "50"}}, "E_SCORE_UNKNOWN"),
    ({"bid-4": {"plan": "1"}}, "E_SCORE_UNKNOWN"),
    ({"bid-5": {"plan": "1"}}, "E_SCORE_UNKNOWN"),
    ({"bid-x": {"plan": "1"}}, "E_SCORE_UNKNOWN"),
]


def test_points_outside_the_criteria_are_refused_and_nothing_is_kept(city: City) -> None:
    city.convene()

    codes = [refused(lambda wrong=wrong: city.fill("expert-1", sheet() | wrong)) for wrong, _ in WRONG_POINTS]

    assert codes == [code for _, code in WRONG_POINTS]
    assert city.marks("expert-1") == {}


def test_a_sheet_is_saved_bid_by_bid_and_can_be_changed_until_it_is_locked(city: City) -> None:
    city.convene()
    city.fill("expert-1", {"bid-1": {"plan": "20", "safety": "15"}})
    city.fill("expert-1", {"bid-2": {"record": "10"}})

    city.fill("expert-1", {"bid-1": {"plan": "21.5", "safety": ""}})

    assert city.marks("expert-1") == {"bid-1": {"plan": "21.50"}, "bid-2": {"record": "10.00"}}


def test_an_incomplete_sheet_cannot_be_locked(city: City) -> None:
    city.convene()
    city.fill("expert-1", {"bid-1": {"plan": "20"}})

    assert refused(lambda: city.lock("expert-1")) == "E_SHEET_INCOMPLETE"
    with city.database.read() as tx:
        assert my_sheet(tx, city.lot_id, actor=city.actor("expert-1")).locked_at is None


def test_a_locked_sheet_never_changes(city: City) -> None:
    city.convene()
    city.fill("expert-1", sheet(1))
    city.lock("expert-1")

    assert refused(lambda: city.fill("expert-1", sheet(9))) == "E_SHEET_LOCKED"
    assert refused(lambda: city.lock("expert-1")) == "E_SHEET_LOCKED"
    assert city.marks("expert-1")["bid-1"]["plan"] == "20.10"


def test_of_many_locks_at_once_exactly_one_wins(city: City) -> None:
    city.convene()
    city.fill("expert-1", sheet())

    def attempt(_: int) -> str:
        try:
            city.lock("expert-1")
        except Problem as problem:
            return problem.code
        return "locked"

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(attempt, range(4)))

    assert outcomes == ["E_SHEET_LOCKED"] * 3 + ["locked"]


def test_an_expert_outside_the_committee_can_neither_score_nor_look(city: City) -> None:
    city.convene()

    assert refused(lambda: city.fill("outside-expert", sheet())) == "E_NOT_MEMBER"
    assert refused(lambda: city.lock("outside-expert")) == "E_NOT_MEMBER"
    with city.database.read() as tx, pytest.raises(NotFound):
        my_sheet(tx, city.lot_id, actor=city.actor("outside-expert"))


def test_a_member_sees_the_own_points_and_nobody_elses(city: City) -> None:
    city.convene()
    city.fill("expert-1", sheet(1))
    city.fill("expert-2", sheet(2))
    city.lock("expert-1")

    with city.database.read() as tx:
        own = my_sheet(tx, city.lot_id, actor=city.actor("expert-2"))

    assert own.marks["bid-1"] == {"plan": "20.20", "safety": "12.00", "record": "8.00"}
    assert [bid.bid_id for bid in own.bids] == ["bid-1", "bid-2", "bid-3"]


def test_before_all_have_locked_nobody_sees_any_points(city: City) -> None:
    city.convene()
    for number, expert in enumerate(EXPERTS[:4]):
        city.fill(expert, sheet(number))
        city.lock(expert)
    city.fill(EXPERTS[4], sheet(4))

    with city.database.read() as tx:
        assert locked_sheets(tx, city.lot_id) == []
        assert ready(tx, city.lot_id) is None
    for name in ("tenderer", "agency", "centre", "regulator"):
        actor = city.actor(name)
        with city.database.read() as tx, pytest.raises(NotEvaluated):
            queries.completed(tx, city.lot_id, actor=actor)


def test_outsiders_do_not_learn_that_there_is_an_evaluation(city: City) -> None:
    city.lock_all()

    for name in OUTSIDERS:
        actor = city.actor(name)
        with city.database.read() as tx:
            with pytest.raises(NotFound):
                queries.completed(tx, city.lot_id, actor=actor)
            with pytest.raises(NotFound):
                queries.committee(tx, city.lot_id, actor=actor)


def test_the_centre_sees_how_many_have_locked_and_no_points(city: City) -> None:
    city.convene()
    city.fill("expert-3", sheet())
    city.lock("expert-3")

    with city.database.read() as tx:
        found = queries.committee(tx, city.lot_id, actor=city.actor("centre"))

    assert (found.locked, found.seats, found.completed_at) == (1, 5, None)
