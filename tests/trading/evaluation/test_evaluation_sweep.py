"""The sweep: late, twice at once, or killed between its steps, the answer is the same."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from evaluated_city import EXPERTS, City, sheet
from sqlalchemy import select

from govcore.audit.models import LogOutbox
from govcore.platform import Platform
from govcore.storage import Store
from trading.evaluation import queries, tasks
from trading.evaluation.computing import ready
from trading.evaluation.report import report, report_paper
from trading.evaluation.tasks import ReportDiffers, complete_one

KEY = "evaluation/lot-1/1/report.pdf"


def completions(city: City) -> int:
    with city.database.read() as tx:
        return sum(b'"evaluation.completed"' in event for event in tx.scalars(select(LogOutbox.event)))


def test_nothing_is_due_before_the_last_lock(platform: Platform, city: City) -> None:
    city.convene()
    for expert in EXPERTS[:4]:
        city.fill(expert, sheet())
        city.lock(expert)

    with city.database.read() as tx:
        assert queries.due_to_complete(tx) == []
    assert complete_one(platform, city.lot_id) is False
    assert not platform.store.exists(KEY)


def test_the_result_is_computed_stored_and_logged_once(platform: Platform, city: City) -> None:
    city.lock_all()
    with city.database.read() as tx:
        assert queries.due_to_complete(tx) == ["lot-1"]

    assert complete_one(platform, city.lot_id) is True
    assert complete_one(platform, city.lot_id) is False

    with city.database.read() as tx:
        assert queries.due_to_complete(tx) == []
        found = queries.completed(tx, city.lot_id, actor=city.actor("tenderer"))
    assert found.context.state == "evaluated"
    # Technical: plan 20.0-20.4, 22.0-22.4, 18.0-18.4 without the extremes give 20.2, 22.2, 18.2.
    assert [(o.bid.bid_id, o.rank, o.total, o.parts, o.invalid) for o in found.outcomes] == [
        ("bid-2", 1, 9232, {"technical": 3570, "credit": 900, "price": 4762}, None),
        ("bid-1", 2, 9020, {"technical": 3220, "credit": 800, "price": 5000}, None),
        ("bid-3", 3, 8090, {"technical": 2845, "credit": 700, "price": 4545}, None),
        ("bid-4", None, None, {}, "over_max_price"),
    ]
    stored = platform.store.get(KEY)
    assert stored.startswith(b"%PDF")
    assert hashlib.sha256(stored).hexdigest() == found.report_sha256
    assert completions(city) == 1


def test_two_sweeps_at_once_complete_it_once(platform: Platform, city: City) -> None:
    city.lock_all()

    with ThreadPoolExecutor(2) as pool:
        won = sorted(pool.map(lambda _: complete_one(platform, city.lot_id), range(2)))

    assert won == [False, True]
    assert completions(city) == 1


def test_a_sweep_that_died_after_storing_is_finished_by_the_next(platform: Platform, city: City) -> None:
    city.lock_all()
    with city.database.read() as tx:
        found = ready(tx, city.lot_id)
        assert found is not None
        paper = report_paper(tx, found)
    tasks.store_once(platform.store, KEY, report(found, paper))

    assert complete_one(platform, city.lot_id) is True
    assert completions(city) == 1


def test_another_report_under_the_key_stops_the_lot(platform: Platform, city: City) -> None:
    city.lock_all()
    platform.store.put_new(KEY, b"%PDF another")

    with pytest.raises(ReportDiffers):
        complete_one(platform, city.lot_id)

    with city.database.read() as tx:
        assert queries.due_to_complete(tx) == ["lot-1"]
    assert completions(city) == 0


def test_storing_the_same_bytes_again_changes_nothing(platform: Platform) -> None:
    store: Store = platform.store
    tasks.store_once(store, "evaluation/x/report.pdf", b"same")

    tasks.store_once(store, "evaluation/x/report.pdf", b"same")

    assert store.get("evaluation/x/report.pdf") == b"same"


def test_agency_and_centre_see_totals_tenderer_and_regulator_the_sheets(
    platform: Platform, city: City
) -> None:
    city.lock_all()
    complete_one(platform, city.lot_id)

    seen = {}
    with city.database.read() as tx:
        for name in ("tenderer", "regulator", "agency", "centre"):
            found = queries.completed(tx, city.lot_id, actor=city.actor(name))
            seen[name] = [s.seat for s in found.sheets]

    assert seen == {"tenderer": [1, 2, 3, 4, 5], "regulator": [1, 2, 3, 4, 5], "agency": [], "centre": []}
