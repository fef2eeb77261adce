"""Lots without points: what is published, decided and told where the evaluated price alone gives the ranks."""

from __future__ import annotations

from io import BytesIO

import pytest
from award_steps import purchase, review
from copies import Steps
from evaluated_city import City, SignIn, build, signing_in
from pypdf import PdfReader
from test_award_service import event, inbox, later

from govcore import clock
from govcore.db import Database
from govcore.platform import Platform
from trading.award import issue, queries, results, service
from trading.evaluation.tasks import complete_one
from trading.tender.models import Tender

PAGE = {"accept": "text/html"}


@pytest.fixture
def beginnings() -> dict[str, Steps]:
    return {}


@pytest.fixture
def city(platform: Platform, database: Database, request: pytest.FixtureRequest) -> City:
    """Bids 1 to 3 ranked by their prices; the documents ask for two candidates."""
    bought = getattr(request, "param", "TB") == "GP"
    city = purchase(database) if bought else build(database)
    with database.transaction() as tx:
        tender = tx.get_one(Tender, "tender-1")
        unscored = {"criteria": [], "price": {"method": "lowest_evaluated"}, "scoring": {"candidates": 2}}
        tender.content = {**tender.content, **unscored}
    if bought:
        review(city)
    city.convene()
    for expert in city.experts:
        city.lock(expert)
    assert complete_one(platform, city.lot_id)
    return city


def text_of(content: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


def test_a_tender_by_the_evaluated_price_is_published_and_awarded(platform: Platform, city: City) -> None:
    tenderer = city.actor("tenderer")

    notice = issue.publicise(platform, city.lot_id, actor=tenderer)
    later(city, seconds=3)
    issue.award(platform, city.lot_id, bid_id="bid-1", actor=tenderer)

    with city.database.read() as tx:
        found = queries.candidates_of(tx, city.lot_id)
        [made] = queries.awards_of(tx, city.lot_id)
    assert [(one.bid_id, one.rank, one.total, one.evaluated_fen) for one in found] == [
        ("bid-1", 1, None, 10_000_000_00),
        ("bid-2", 2, None, 10_500_000_00),
    ]
    assert made.winner.bid_id == "bid-1"
    logged = event(city, "award.candidates_published")["candidates"]
    assert [set(one) & {"total", "evaluated_fen"} for one in logged] == [{"evaluated_fen"}] * 2  # type: ignore[attr-defined]
    paper = text_of(platform.store.get(notice.key))
    assert "评审价格（元）" in paper
    assert "评标得分" not in paper
    with signing_in(platform) as sign_in:
        shown = pages(sign_in, notice.id)
        report = sign_in("tenderer").get("/evaluation/lot-1/report.pdf").content
    assert {name: ("评审价格" in text, "综合得分" in text) for name, text in shown.items()} == {
        "notice": (True, False),
        "general notice": (True, False),
        "room": (True, False),
        "own result": (True, False),
        "evaluation": (True, False),
    }
    report_text = text_of(report)
    assert ("评审价格（元）" in report_text, "四舍五入" in report_text) == (True, False)


def pages(sign_in: SignIn, notice_id: str) -> dict[str, str]:
    """Every page that tells a place or what it comes from."""
    paths = {
        "notice": ("", f"/notices/award/{notice_id}"),
        "general notice": ("", f"/notices/{notice_id}"),
        "room": ("tenderer", "/award/lot-1"),
        "own result": ("bidder-2", "/award/lot-1/mine"),
        "evaluation": ("tenderer", "/evaluation/lot-1/result"),
    }
    return {name: sign_in(who).get(path, headers=PAGE).text for name, (who, path) in paths.items()}


@pytest.mark.parametrize("city", ["GP"], indirect=True)
def test_losers_of_a_purchase_without_points_learn_their_own_rank_and_price(
    platform: Platform, city: City
) -> None:
    with city.database.transaction() as tx:
        service.hand_over(tx, city.lot_id, actor=city.actor("agency"), at=clock.now(tx))

    issue.award(platform, city.lot_id, bid_id="bid-1", actor=city.actor("tenderer"))

    with city.database.read() as tx:
        given = [one.bid_id for one in queries.candidates_of(tx, city.lot_id)]
        mine = results.my_result(tx, city.lot_id, actor=city.actor("bidder-3"))
    assert given == ["bid-1", "bid-2"]
    told = text_of(issue.loser_notice(mine, centre="临湖市公共资源交易中心"))
    assert ("第3名" in told, "11,000,000.00" in told, "10,500,000.00" in told) == (True, True, False)
    assert any(text.endswith("Your bid has rank 3.") for text in inbox(platform, city, "bidder-3"))
