"""A tender that asks for a discount compares 1 - d; the sum that it makes binds, and is held to the maximum."""

from __future__ import annotations

from fractions import Fraction

import msgspec
import pytest
from evaluated_city import City
from sqlalchemy import select, update

from govcore.platform import Platform
from trading.documents.price_texts import price_texts
from trading.evaluation.bundle_queries import bundle_of
from trading.evaluation.bundles import public
from trading.evaluation.computing import finished
from trading.evaluation.queries import outcomes
from trading.evaluation.recompute import verify
from trading.evaluation.report import report_paper
from trading.evaluation.tasks import complete_one
from trading.opening.models import OpeningBid
from trading.procedure.rules import rule_set
from trading.tender.evaluation_file import compose
from trading.tender.models import Tender
from trading.tender.queries import lot_context
from trading.tender.schemas import DISCOUNT

pytestmark = pytest.mark.parametrize("backend", ["sqlite"])

DISCOUNTS = {"bid-1": 500, "bid-2": 1000, "bid-3": 1500, "bid-4": 2000}
"""The fourth one offers the most, and its sum is above the maximum all the same."""


def discounted(city: City, **price: str) -> None:
    with city.database.transaction() as tx:
        said = tx.get_one(Tender, "tender-1").content | {"price_type": "discount"}
        if price:
            said["price"] = price
        tx.execute(update(Tender).values(content=said))
        for bid in tx.scalars(select(OpeningBid).where(OpeningBid.bid_id.in_(DISCOUNTS))):
            bid.summary = {**(bid.summary or {}), DISCOUNT: DISCOUNTS[bid.bid_id]}
    city.lock_all()


def test_the_discount_is_scored_and_the_sum_binds(platform: Platform, city: City) -> None:
    discounted(city)

    assert complete_one(platform, city.lot_id)

    with city.database.read() as tx:
        found = finished(tx, city.lot_id)
        assert found is not None
        paper, bundle = report_paper(tx, found), bundle_of(tx, found)
        ends = {one.bid.bid_id: one for one in outcomes(tx, city.lot_id)}
    assert (found.files.tender_file["price_kind"], found.files.tender_file["max_price"]) == ("rate", None)
    assert [bid["price"] for bid in found.files.opening["bids"]] == ["0.0500", "0.1000", "0.1500", "0.2000"]
    # 50 points for 0.85; 50 x 0.85 / 0.95 and 50 x 0.85 / 0.90 for the others, whatever their sums are.
    assert {bid: one.parts.get("price") for bid, one in ends.items()} == {
        "bid-1": 4474,
        "bid-2": 4722,
        "bid-3": 5000,
        "bid-4": None,
    }
    assert (ends["bid-3"].price_fen, ends["bid-3"].evaluated_fen) == (11_000_000_00, 11_000_000_00)
    assert (ends["bid-4"].invalid, ends["bid-4"].price_fen) == ("over_max_price", 12_000_000_01)
    assert ends["bid-4"].rejection.startswith("投标报价高于最高投标限价（")
    assert (paper.stated, sorted(one.stated for one in paper.prices)) == (
        "下浮率（%）",
        ["10.00", "15.00", "5.00"],
    )
    assert paper.price_rule[0].startswith("投标报价为下浮率：")
    for form in (bundle, public(bundle)):
        assert [check for check in verify(form) if check.holds is False] == []


def test_a_benchmark_of_discounts_is_a_share_and_no_sum(platform: Platform, city: City) -> None:
    discounted(city, method="benchmark_mean", e1="1", e2="0.5", floor="0")

    assert complete_one(platform, city.lot_id)

    with city.database.read() as tx:
        found = finished(tx, city.lot_id)
        assert found is not None
        paper = report_paper(tx, found)
    assert found.result.benchmark_yuan == Fraction(9, 10)
    assert paper.benchmark == "0.900000（1－下浮率，四舍五入后的显示值）"


def test_the_book_says_how_a_discount_is_compared(city: City) -> None:
    with city.database.read() as tx:
        content = lot_context(tx, city.lot_id).content
    rules = rule_set("gp-2026")
    for price_type, first in (
        (
            "discount",
            "投标报价为下浮率：评审时报价按（1－下浮率）计算；按下浮率计算的投标总价高于最高限价的，投标无效。",
        ),
        ("total", "以通过评审的最低评审价格为评标基准价，得满分。"),
    ):
        said = msgspec.structs.replace(content, price_type=price_type)  # type: ignore[arg-type]
        assert price_texts(said, compose(said, rules, max_price_fen=1))[0] == first
