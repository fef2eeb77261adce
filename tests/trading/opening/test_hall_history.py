"""The hall's history: every fact once, in one order, in the transaction that made it true, never changed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from scene import Scene
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from trading.opening import hall_queries
from trading.opening.hall import tell


def history(scene: Scene, lot: str | None = None) -> list[tuple[int, str]]:
    with scene.platform.db.read() as tx:
        return [(fact.seq, fact.kind) for fact in hall_queries.hall_facts(tx, lot or scene.lot)]


def test_an_opening_leaves_each_fact_once_in_the_order_it_happened(scene: Scene) -> None:
    scene.submit_all()
    assert history(scene) == []

    scene.open_all(1, 3)

    assert history(scene) == list(
        enumerate(
            (
                "tender.closed",
                "store.verified",
                "share.released",
                "share.released",
                "gate.released",
                *["opening.bid_read_out"] * 3,
                "opening.read_out",
                "opening.recorded",
            ),
            1,
        )
    )
    assert history(scene, scene.city.lots[1]) == []


def test_what_is_rolled_back_leaves_neither_a_fact_nor_a_gap(scene: Scene) -> None:
    with Session(scene.platform.db.engine) as tx:
        tell(tx, scene.lot, ("store.verified", {}), at=scene.now())
        tx.rollback()
    with scene.platform.db.transaction() as tx:
        tell(tx, scene.lot, ("store.damaged", {}), at=scene.now())

    assert history(scene) == [(1, "store.damaged")]


def test_facts_told_at_once_get_numbers_without_gaps(scene: Scene) -> None:
    at = scene.now()

    def say(n: int) -> None:
        with scene.platform.db.transaction() as tx:
            tell(tx, scene.lot, (f"one.{n}", {}), (f"two.{n}", {}), at=at)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(say, range(12)))

    told = history(scene)
    assert [seq for seq, _ in told] == list(range(1, 25))
    kinds = [kind for _, kind in told]
    assert kinds[1::2] == [kind.replace("one", "two") for kind in kinds[::2]]


@pytest.mark.parametrize(
    "change", ["UPDATE opening_hall_event SET kind = 'x'", "DELETE FROM opening_hall_event"]
)
def test_nobody_changes_the_history(scene: Scene, change: str) -> None:
    with scene.platform.db.transaction() as tx:
        tell(tx, scene.lot, ("store.verified", {}), at=scene.now())

    with pytest.raises(DBAPIError, match="append-only"), scene.platform.db.transaction() as tx:
        tx.execute(text(change))

    assert history(scene) == [(1, "store.verified")]
