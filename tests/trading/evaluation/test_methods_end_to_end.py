"""From documents and locked sheets to a result: every way of comparing prices runs through the slice."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from evaluated_city import NOW, City
from sqlalchemy import update

from govcore.db import Tx
from trading.draws.models import Draw
from trading.draws.replay import Quota
from trading.evaluation.computing import computed
from trading.evaluation.files import Document, Files, files_of
from trading.evaluation.sheet_queries import LockedSheet, locked_sheets
from trading.tender.models import Tender
from trading.tender.queries import lot_context

VALID = [Fraction(10_000_000), Fraction(10_500_000), Fraction(11_000_000)]
MAXIMUM = Fraction(12_000_000)
MEAN = Fraction(10_500_000)
TRIMMED = {"family": "TRIM_MEAN_HL", "from": 3, "high": 1, "low": 1}
RANGE = {"mean": "0.7", "max": "0.3", "factor": "0.75"}
K = {"id": "K", "candidates": ["0.97"]}

BENCHMARKS: list[tuple[dict[str, Any], list[Fraction]]] = [
    ({"family": "MEAN"}, [MEAN]),
    (TRIMMED, [MEAN]),
    ({"family": "TRIM_PCT", "share": "0.2"}, [VALID[1]]),
    ({"family": "ITERATIVE", "limit": "0.04", "factor": "0.9", "least": 2}, [Fraction(10_250_000) * 9 / 10]),
    (
        {"family": "DRAW_K", "inner": TRIMMED, "form": "TIMES_K", "k": {"draw": "K"}},
        [MEAN * 97 / 100],
    ),
    (
        {"family": "MIX_CONTROL", "inner": TRIMMED, "k1": {"draw": "K"}, "k2": "0.93", "q1": "0.7"},
        [MEAN * Fraction("0.679") + MAXIMUM * Fraction("0.279")],
    ),
    (
        {
            **{"family": "ABC", "delta": "0", "k": {"draw": "K"}, "weights": ["0.5", "0.3", "0.2"]},
            **{"limit": RANGE, "a_share": "0.95"},
        },
        # B is drawn from the two between C and 0.95 A.
        [(MAXIMUM / 2 + b * 3 / 10 + VALID[0] / 5) * 97 / 100 for b in VALID[1:]],
    ),
    (
        {
            **{"family": "DRAW_SUBSET", "range": None, "inner": {"family": "MEAN"}, "max_share": "0"},
            "sizes": [{"to": None, "share": "0.1", "least": 1}],
        },
        VALID,
    ),
]


def said(tx: Tx, city: City, sheets: list[LockedSheet], **content: Any) -> tuple[Files, Document]:
    """The files of the lot's evaluation and their result, had its documents said this."""
    tender = tx.get_one(Tender, "tender-1")
    tx.execute(update(Tender).where(Tender.id == tender.id).values(content={**tender.content, **content}))
    tx.expire_all()
    files = files_of(tx, lot_context(tx, city.lot_id), sheets)
    return files, computed(files)


def draw(tx: Tx, city: City) -> None:
    """The draw at the opening, done: its seed gives the bids' tickets and K."""
    bids = [f"bid.bid-{n}" for n in range(1, 5)]
    nothing = "0" * 64
    tx.add(
        Draw(
            id="draw-1",
            lot_id=city.lot_id,
            purpose="opening",
            about="",
            number=1,
            regime="TB",
            state="drawn",
            pool=["K=0.97", *bids],
            exclusions=[],
            quotas=[Quota(name="K", number=1, of=["K=0.97"])],
            pool_hash=nothing,
            exclusions_hash=nothing,
            quotas_hash=nothing,
            k=2,
            held=False,
            announced_at=NOW,
            commit_until=NOW,
            reveal_seconds=1,
            seed="5" * 64,
            drawn_at=NOW,
        )
    )
    tx.flush()


def test_works_are_evaluated_by_each_benchmark_family(city: City) -> None:
    city.lock_all()

    with city.database.transaction() as tx:
        sheets = locked_sheets(tx, city.lot_id)
        draw(tx, city)
        for benchmark, expected in BENCHMARKS:
            for method in ("bilateral", "highway"):
                price = {"method": method, "e1": "1", "e2": "0.5", "benchmark": benchmark}
                _, found = said(tx, city, sheets, price=price, draws=[K])

                assert Fraction(found["benchmark"]) in expected, benchmark["family"]
                assert [one["state"] for one in found["standings"]] == [*["ranked"] * 3, "invalid"]


def test_a_purchase_is_evaluated_by_the_lowest_price_and_its_policies(city: City) -> None:
    city.lock_all()
    policy = {"id": "sme", "label": "小微企业", "kind": "sme", "rate": "0.1"}

    with city.database.transaction() as tx:
        sheets = locked_sheets(tx, city.lot_id)
        tx.execute(update(Tender).values(rule_set="gp-2026"))
        for procedure in ("tender", "consultation"):
            files, found = said(tx, city, sheets, price_policies=[policy], procedure=procedure)

            assert files.tender_file["procedure"] == procedure
            assert files.tender_file["policies"] == [
                {"id": "sme", "name": "小微企业", "rate": "0.1", "how": "DISCOUNT"}
            ]
            # 50 points for the lowest price: 50 x 10 / 10.5 for the second one.
            assert [one["bid"] for one in found["standings"]] == ["bid-2", "bid-1", "bid-3", "bid-4"]
            assert found["standings"][0]["sections"]["price"] == "1000/21"


def test_without_points_the_least_evaluated_price_comes_first(city: City) -> None:
    city.lock_all()

    with city.database.transaction() as tx:
        sheets = [replace(one, marks={}) for one in locked_sheets(tx, city.lot_id)]
        _, found = said(tx, city, sheets, criteria=[], price={"method": "lowest_evaluated"})

    ranks = [(one["bid"], one["rank"], one["total"]) for one in found["standings"]]
    assert ranks == [("bid-1", 1, None), ("bid-2", 2, None), ("bid-3", 3, None), ("bid-4", None, None)]
