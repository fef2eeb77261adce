"""Bids of one brand count once, and what a purchase's rules leave equal waits for a draw; works never do."""

from __future__ import annotations

from io import BytesIO

import msgspec
import pytest
from evaluated_city import City, SignIn, add_bids, build, content, signing_in
from pypdf import PdfReader
from sqlalchemy import select

from bidding_docs.summary import Field, Form
from govcore import clock
from govcore.db import Database
from govcore.identity.queries import actor_of_user
from govcore.platform import Platform
from trading.draws.models import Draw
from trading.evaluation.files import opening
from trading.evaluation.queries import outcomes
from trading.evaluation.tasks import complete_one, draw_one, publish_one
from trading.opening.models import OpeningBid
from trading.review import pricing, queries, service
from trading.review.facts import facts
from trading.review.pricing import GrantKind
from trading.tender.models import Tender
from trading.tender.queries import lot_context
from trading.tender.schemas import BRAND

pytestmark = pytest.mark.parametrize("backend", ["sqlite"])

EQUAL = {"plan": "20.00", "safety": "12.00", "record": "8.00"}
LESS = {"plan": "10.00", "safety": "10.00", "record": "5.00"}


def purchase(database: Database, brands: dict[str, str], prices: dict[str, int]) -> City:
    """A purchase of goods with four bids to score, qualified; each states the core product's brand, or none."""
    city = build(database, rule_set="gp-2026")
    add_bids(database, 1)
    one = content()
    asked = Field(id=BRAND, label="核心产品（水泵）品牌", kind="text", required=False, max=40)
    with database.transaction() as tx:
        form = Form(fields=(*one.form.fields, asked))
        tx.get_one(Tender, "tender-1").content = msgspec.to_builtins(msgspec.structs.replace(one, form=form))
        for bid in tx.scalars(select(OpeningBid)):
            said = {"brand": brands[bid.bid_id]} if bid.bid_id in brands else {}
            price = {"price_fen": prices[bid.bid_id]} if bid.bid_id in prices else {}
            bid.summary = {**(bid.summary or {}), **said, **price}
        agency, at = actor_of_user(tx, "agency"), clock.now(tx)
        for bid_id in ("bid-1", "bid-2", "bid-3", "bid-4", "bid-6"):
            service.judge_qualification(
                tx, city.lot_id, bid_id=bid_id, passed=True, reason="", actor=agency, at=at
            )
        service.close_qualification(tx, city.lot_id, actor=agency, at=at)
    city.convene()
    return city


def scored(city: City, *equal: str) -> None:
    for member in city.experts:
        bids = ("bid-1", "bid-2", "bid-3", "bid-6")
        city.fill(member, {bid: EQUAL if bid in equal else LESS for bid in bids})
        city.lock(member)


def drawn(database: Database) -> Draw:
    """The draw that was announced, done."""
    with database.transaction() as tx:
        [draw] = tx.scalars(select(Draw))
        draw.state, draw.seed, draw.drawn_at = "drawn", "5" * 64, clock.now(tx)
    return draw


def states(city: City) -> dict[str, tuple[int | None, str | None]]:
    with city.database.read() as tx:
        return {one.bid.bid_id: (one.rank, one.invalid) for one in outcomes(tx, city.lot_id)}


def test_equal_bids_of_one_brand_wait_for_a_draw_that_everybody_can_follow(
    platform: Platform, database: Database
) -> None:
    brands = {"bid-1": "Kite", "bid-2": "ＫＩＴＥ ", "bid-3": "Pine"}
    city = purchase(database, brands, {"bid-1": 10_000_000_00, "bid-2": 10_000_000_00})
    scored(city, "bid-1", "bid-2")

    undrawn = complete_one(platform, city.lot_id)
    announced = [draw_one(platform, city.lot_id) for _ in range(2)]
    with signing_in(platform) as sign_in:
        waiting = sign_in(city.experts[1]).get(f"/evaluation/{city.lot_id}").text
    draw = drawn(database)
    done = complete_one(platform, city.lot_id)
    publish_one(platform, (city.lot_id, 1))

    assert (undrawn, announced, done) == (False, [True, False], True)
    assert "正在公开抽取确定先后" in waiting
    assert (draw.purpose, draw.pool) == ("same_brand", [f"bid.bid-{n}" for n in (1, 2, 3, 4, 6)])
    ends = states(city)
    assert {ends[bid] for bid in ("bid-1", "bid-2")} == {(1, None), (None, "same_brand")}
    with database.read() as tx:
        assert tx.get_one(Draw, draw.id).published_at is not None
    with signing_in(platform) as sign_in:
        page, trace, report = shown(sign_in, city, draw.id)
    assert (f'href="/draws/{draw.id}"' in page, "相同品牌产品" in page, "相同投标之间的抽签号" in trace) == (
        True,
    ) * 3
    assert (f"抽取编号{draw.id}" in report, "第三十一条公开抽取确定先后" in report) == (True, True)


def shown(sign_in: SignIn, city: City, draw_id: str) -> tuple[str, str, str]:
    """The result's page, the computation of a bid that was drawn, and the text of the report."""
    tenderer, here = sign_in("tenderer"), f"/evaluation/{city.lot_id}"
    pdf = PdfReader(BytesIO(tenderer.get(f"{here}/report.pdf").content))
    text = "".join("".join((page.extract_text() or "").split()) for page in pdf.pages)
    return tenderer.get(f"{here}/result").text, tenderer.get(f"{here}/trace/bid-1").text, text


def test_parallel_first_places_are_drawn_and_lower_ones_are_not(
    platform: Platform, database: Database
) -> None:
    same = dict.fromkeys(("bid-1", "bid-2", "bid-3", "bid-6"), 10_000_000_00)
    city = purchase(database, {}, same)
    scored(city, "bid-1", "bid-2")

    undrawn = complete_one(platform, city.lot_id)
    assert draw_one(platform, city.lot_id)
    draw = drawn(database)

    assert (undrawn, complete_one(platform, city.lot_id), draw.purpose) == (False, True, "parallel")
    ranks = {bid: rank for bid, (rank, _) in states(city).items()}
    assert sorted((ranks["bid-1"] or 0, ranks["bid-2"] or 0)) == [1, 2]
    assert (ranks["bid-3"], ranks["bid-6"]) == (3, 3)


def test_nothing_is_drawn_between_unequal_bids(platform: Platform, database: Database) -> None:
    city = purchase(database, {"bid-1": "Kite", "bid-2": "Kite"}, {})
    scored(city, "bid-1")

    assert complete_one(platform, city.lot_id)
    assert states(city)["bid-2"] == (None, "same_brand")
    with database.read() as tx:
        assert list(tx.scalars(select(Draw))) == []


def test_bids_of_one_brand_are_one_competitor_also_where_the_committee_finds_it(database: Database) -> None:
    city = purchase(database, {"bid-1": "Kite", "bid-2": "纸鸢", "bid-3": "Pine"}, {})
    with database.transaction() as tx:
        before = facts(tx, city.lot_id).competing
        leader, at = actor_of_user(tx, city.experts[0]), clock.now(tx)
        for bid_id, brand in {"bid-2": "Kite", "bid-6": "pine"}.items():
            pricing.grant(
                tx,
                city.lot_id,
                bid_id=bid_id,
                kind=GrantKind.BRAND,
                item=BRAND,
                value=brand,
                basis="生产厂家证明，同一商标的中英文名称",
                actor=leader,
                at=at,
            )
        with pytest.raises(pricing.GrantBrand):
            pricing.grant(
                tx,
                city.lot_id,
                bid_id="bid-3",
                kind=GrantKind.BRAND,
                item=BRAND,
                value=" ",
                basis="无",
                actor=leader,
                at=at,
            )
    with database.read() as tx:
        after = facts(tx, city.lot_id)
        bids = opening(tx, lot_context(tx, city.lot_id))["bids"]
        with pytest.raises(queries.TooFewValid) as refused:
            queries.check_settled(tx, city.lot_id)

    assert (before, after.competing, refused.value.data["left"]) == (4, 2, 2)
    assert {one["id"]: one["brand"] for one in bids} == {
        "bid-1": "Kite",
        "bid-2": "Kite",
        "bid-3": "Pine",
        "bid-4": None,
        "bid-6": "Pine",
    }
