"""Between the locks and a result: objective items agree, far points are explained, and nothing else is reopened."""

from __future__ import annotations

import msgspec
import pytest
from evaluated_city import EXPERTS, NOW, City, sheet

from govcore.errors import NotFound, Problem
from govcore.identity.queries import actor_of_user
from govcore.platform import Platform
from trading.evaluation.agreement import agreement
from trading.evaluation.computing import ready
from trading.evaluation.queries import completed
from trading.evaluation.reopening import Cause, Item, explain, reopen, reopening
from trading.evaluation.sheet_queries import locks_of
from trading.evaluation.tasks import complete_one
from trading.tender.models import Tender


def refused(action: object) -> str:
    with pytest.raises(Problem) as caught:
        action()  # type: ignore[operator]
    return caught.value.code


def objective(city: City, *items: str) -> None:
    """Make these items objective before anybody scores."""
    with city.database.transaction() as tx:
        tender = tx.get_one(Tender, "tender-1")
        content = msgspec.json.decode(msgspec.json.encode(tender.content))
        for section in content["criteria"]:
            for item in section["items"]:
                item["objective"] = item["id"] in items
        tender.content = content


def lock_with(city: City, last: dict[str, str]) -> None:
    """Four members agree on the record of bid 1; the fifth enters this for it."""
    city.convene()
    for expert in EXPERTS:
        city.fill(expert, sheet())
    city.fill(EXPERTS[4], {"bid-1": last}, why="按标准重新核对")
    for expert in EXPERTS:
        city.lock(expert)


def item(cause: Cause, *, seat: int = 5, node: str = "record") -> Item:
    return Item(seat=seat, bid="bid-1", item=node, cause=cause, text="业绩证明已在附件中")


def run(city: City, found: Item) -> None:
    with city.database.transaction() as tx:
        proposer, second = actor_of_user(tx, "expert-1"), actor_of_user(tx, "centre")
        reopen(tx, None, city.lot_id, found, proposer=proposer, second=second)  # type: ignore[arg-type]


def test_members_who_differ_on_an_objective_item_have_no_result(platform: Platform, city: City) -> None:
    """BH14: 5, 5, 5, 5, 3."""
    objective(city, "record")
    lock_with(city, {"record": "6.00"})

    assert complete_one(platform, city.lot_id) is False
    with city.database.read() as tx:
        assert ready(tx, city.lot_id) is None
        found = agreement(tx, city.lot_id, actor=actor_of_user(tx, "expert-2"))
    [one] = found.findings.differences
    assert (one.bid.bid_id, one.leaf.id, [(seat, str(points)) for seat, points in one.points]) == (
        "bid-1",
        "record",
        [(1, "8.00"), (2, "8.00"), (3, "8.00"), (4, "8.00"), (5, "6.00")],
    )


def test_a_reopened_sheet_takes_that_item_alone_and_is_locked_again(platform: Platform, city: City) -> None:
    objective(city, "record")
    lock_with(city, {"record": "6.00"})

    run(city, item(Cause.OBJECTIVE))

    assert refused(lambda: city.fill("expert-5", {"bid-1": {"plan": "25"}})) == "E_SHEET_ITEM"
    assert refused(lambda: city.fill("expert-4", {"bid-1": {"record": "6"}})) == "E_SHEET_LOCKED"
    city.fill("expert-5", {"bid-1": {"record": "8"}})
    assert complete_one(platform, city.lot_id) is False
    city.lock("expert-5")
    assert complete_one(platform, city.lot_id) is True
    with city.database.read() as tx:
        found = completed(tx, city.lot_id, actor=actor_of_user(tx, "tenderer"))
        assert [one.n for one in locks_of(tx, city.lot_id, 1, "expert-5")] == [1, 2]
    changes = [(one.seat, one.node_id, one.old, one.new, one.why) for one in found.changes]
    assert changes == [
        (5, "record", "8.00", "6.00", "按标准重新核对"),
        (5, "record", "6.00", "8.00", "业绩证明已在附件中"),
    ]


def test_nothing_else_is_reopened(city: City) -> None:
    objective(city, "record")
    lock_with(city, {"record": "6.00"})

    wrong = (
        item(Cause.OBJECTIVE, node="plan"),
        item(Cause.OBJECTIVE, seat=6),
        item(Cause.ABNORMAL),
    )

    assert [refused(lambda found=found: run(city, found)) for found in wrong] == ["E_REOPEN_CAUSE"] * 3
    with city.database.read() as tx, pytest.raises(NotFound):
        reopening(tx, city.lot_id, item(Cause.OBJECTIVE), actor_of_user(tx, "tenderer"))
    with city.database.read() as tx:
        facts = reopening(tx, city.lot_id, item(Cause.OBJECTIVE), actor_of_user(tx, "centre"))
    assert not {"6", "6.00", "8", "8.00"} & {str(value) for value in facts.values()}


def test_points_far_from_the_others_are_explained_before_a_result(platform: Platform, city: City) -> None:
    lock_with(city, {"record": "1.00"})
    said = {"bid_id": "bid-1", "item": "record"}

    def word(expert: str, text: str) -> None:
        with city.database.transaction() as tx:
            explain(tx, city.lot_id, **said, text=text, actor=actor_of_user(tx, expert), at=NOW)  # type: ignore[arg-type]

    assert complete_one(platform, city.lot_id) is False
    assert refused(lambda: word("expert-4", "与我无关")) == "E_EXPLAIN"
    assert refused(lambda: word("expert-5", "  ")) == "E_EXPLANATION"
    word("expert-5", "信用记录有三次通报")
    assert refused(lambda: word("expert-5", "再说一次")) == "E_EXPLAIN"

    assert complete_one(platform, city.lot_id) is True


@pytest.fixture
def unlocked(city: City) -> City:
    city.convene()
    for expert in EXPERTS:
        city.fill(expert, sheet())
    for expert in EXPERTS[:4]:
        city.lock(expert)
    return city


def test_before_the_last_lock_nobody_learns_where_members_differ(unlocked: City) -> None:
    for name in ("expert-1", "expert-5", "centre", "tenderer"):
        with unlocked.database.read() as tx, pytest.raises(NotFound):
            agreement(tx, unlocked.lot_id, actor=actor_of_user(tx, name))
