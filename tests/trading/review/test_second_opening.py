"""Prices of a second envelope wait for the committee: corrected, asked about, rejected, and only then a result."""

from __future__ import annotations

import msgspec
import pytest
from evaluated_city import MAX_PRICE_FEN, City, SignIn, build, content
from reviewed_city import LEADER, answer, ask, close, vote
from sqlalchemy import select, update
from test_review_result import correct, decide_to_go_on

from bidding_docs.summary import Form
from govcore import clock
from govcore.db import Database
from govcore.identity.queries import actor_of_user
from govcore.platform import Platform
from trading.desk.work import tasks_of
from trading.evaluation.queries import outcomes
from trading.evaluation.tasks import complete_one
from trading.opening.models import Opening, OpeningBid
from trading.review import queries, requests, service
from trading.review.facts import facts
from trading.review.policy import PRICES, RequestKind
from trading.review.record import review_record
from trading.tender.models import Tender
from trading.tender.schemas import PartRule

pytestmark = pytest.mark.parametrize("backend", ["sqlite"])

SHEET = {bid: {"plan": "20.00", "safety": "12.00", "record": "8.00"} for bid in ("bid-1", "bid-2", "bid-3")}


def first_envelope(database: Database, *, rule_set: str = "demo") -> City:
    """A lot of two envelopes, no price of which is open."""
    return divided(build(database, rule_set=rule_set))


def divided(city: City) -> City:
    """The city's lot with its prices in a second envelope."""
    one = content()
    later = PartRule(id="price", label="报价文件", max_size=1000, public=True, opens="technical-fixed")
    first = PartRule(id="summary", label="开标一览表", max_size=1000, public=True)
    two = msgspec.structs.replace(
        one, form=Form(fields=()), price_form=one.form, parts=[first, later], technical_min=1
    )
    with city.database.transaction() as tx:
        tx.get_one(Tender, "tender-1").content = msgspec.to_builtins(two)
        for bid in tx.scalars(select(OpeningBid)):
            bid.summary = {name: value for name, value in (bid.summary or {}).items() if name != "price_fen"}
    return city


def second_opening(city: City, **prices: int) -> None:
    """The price parts of the bids that passed are read out."""
    with city.database.transaction() as tx:
        tx.execute(update(Opening).values(opens="technical-fixed", state="recorded"))
        for bid_id, price in prices.items():
            bid = tx.get_one(OpeningBid, bid_id.replace("_", "-"))
            bid.summary = {**(bid.summary or {}), "price_fen": price}


def locked(city: City, *, meets: bool = False) -> None:
    if not meets:
        city.convene()
    for member in city.experts:
        city.fill(member, {**SHEET, "bid-4": SHEET["bid-1"]})
        city.lock(member)


def check(city: City, *bids: str, fails: str = "") -> None:
    for member in city.experts:
        for bid_id in bids:
            failing = PRICES if bid_id == fails else ""
            vote(city, member, bid_id, gates=(PRICES,), fails=failing, reason="报价函缺页")


def ends(city: City) -> dict[str, tuple[int | None, int | None, str | None]]:
    with city.database.read() as tx:
        return {one.bid.bid_id: (one.rank, one.price_fen, one.invalid) for one in outcomes(tx, city.lot_id)}


def test_prices_of_a_second_envelope_are_corrected_and_questioned_before_there_is_a_result(
    platform: Platform, database: Database
) -> None:
    city = first_envelope(database)
    locked(city)
    assert not complete_one(platform, city.lot_id)
    second_opening(city, bid_1=MAX_PRICE_FEN, bid_2=11_500_000_00, bid_3=11_000_000_00)

    at_once = complete_one(platform, city.lot_id)
    correct(city, "bid-2", "10900000", by="bidder-2", agreed=True)
    asked = ask(city, "bid-3", RequestKind.ABNORMAL_PRICE)
    check(city, "bid-1", "bid-2", "bid-3")
    close(city, PRICES)
    unanswered = complete_one(platform, city.lot_id)
    answer(city, asked, by="bidder-3")
    with database.transaction() as tx:
        leader, at = actor_of_user(tx, LEADER), clock.now(tx)
        node = requests.judge_price(
            tx, city.lot_id, bid_id="bid-3", why="成本构成已说明", actor=leader, at=at
        )
    unjudged = complete_one(platform, city.lot_id)
    for member in city.experts:
        vote(city, member, "bid-3", gates=(node,))
    close(city, node)

    assert (at_once, unanswered, unjudged) == (False, False, False)
    assert complete_one(platform, city.lot_id)
    assert ends(city) == {
        "bid-1": (3, MAX_PRICE_FEN, None),
        "bid-2": (1, 10_900_000_00, None),
        "bid-3": (2, 11_000_000_00, None),
        "bid-4": (None, None, "technical"),
    }


def test_a_second_price_is_out_above_the_maximum_refused_in_its_correction_or_by_the_vote(
    platform: Platform, database: Database
) -> None:
    city = first_envelope(database)
    locked(city)
    second_opening(
        city, bid_1=10_000_000_00, bid_2=MAX_PRICE_FEN + 1, bid_3=11_000_000_00, bid_4=11_500_000_00
    )
    correct(city, "bid-3", "10900000", by="bidder-3", agreed=False)
    check(city, "bid-1", "bid-3", "bid-4", fails="bid-4")
    close(city, PRICES)

    with database.read() as tx:
        known = facts(tx, city.lot_id)
        with pytest.raises(queries.CompetitionOpen) as too_few:
            queries.check_settled(tx, city.lot_id)
        reviews = queries.reviews_of(tx, city.lot_id)

    gate = known.gate(PRICES)
    assert gate is not None
    assert known.asked_about(gate) == ["bid-1", "bid-3", "bid-4"]
    assert [bid.bid_id for bid in known.valid] == ["bid-1"]
    assert too_few.value.data == {"left": 1}
    assert not complete_one(platform, city.lot_id)
    assert reviews["bid-4"]["gates"] == [
        {"id": PRICES, "article": "实施条例 art. 51 (6)", "reason": "报价函缺页", "passed": False}
    ]


def rejected(city: City, *bids: str) -> None:
    """The committee finds that these bids are unlawful."""
    for bid_id in bids:
        with city.database.transaction() as tx:
            leader, at = actor_of_user(tx, LEADER), clock.now(tx)
            node = service.raise_gate(
                tx,
                city.lot_id,
                bid_id=bid_id,
                cause_id="TBR51.7",
                why="投标文件异常一致",
                actor=leader,
                at=at,
            )
        for member in city.experts:
            vote(city, member, bid_id, gates=(node,), fails=node, reason="串通投标")
        close(city, node)


def test_a_vote_that_two_bids_compete_does_not_hold_when_their_prices_leave_one(
    platform: Platform, database: Database
) -> None:
    city = first_envelope(database)
    city.convene()
    rejected(city, "bid-3", "bid-4")
    decide_to_go_on(city, left=2)
    for member in city.experts:
        city.fill(member, {bid: SHEET[bid] for bid in ("bid-1", "bid-2")})
        city.lock(member)
    second_opening(city, bid_1=10_000_000_00, bid_2=10_500_000_00)
    check(city, "bid-1", "bid-2", fails="bid-2")
    close(city, PRICES)

    with database.read() as tx, pytest.raises(queries.CompetitionOpen) as again:
        queries.check_settled(tx, city.lot_id)
    early = complete_one(platform, city.lot_id)
    decide_to_go_on(city, left=1)

    assert (again.value.data, early) == ({"left": 1}, False)
    assert complete_one(platform, city.lot_id)
    assert {bid: rank for bid, (rank, _, _) in ends(city).items()} == {
        "bid-1": 1,
        "bid-2": None,
        "bid-3": None,
        "bid-4": None,
    }
    with database.read() as tx:
        record = review_record(tx, city.lot_id)
    assert record is not None
    assert [gate["id"] for gate in record["gates"] if gate["id"].startswith("B12")] == [
        "B12-27-2",
        "B12-27-1",
    ]


def test_a_purchase_with_two_prices_left_of_three_is_cancelled(
    platform: Platform, database: Database
) -> None:
    city = first_envelope(database, rule_set="gp-2026")
    with database.transaction() as tx:
        tender = tx.get_one(Tender, "tender-1")
        # the panel itself qualifies
        tender.content = {**tender.content, "procedure": "consultation", "final": True}
    locked(city)
    second_opening(city, bid_1=10_000_000_00, bid_2=11_000_000_00, bid_3=MAX_PRICE_FEN + 1)
    check(city, "bid-1", "bid-2")
    close(city, PRICES)

    with database.read() as tx:
        cancelled = queries.too_few_valid(tx, facts(tx, city.lot_id).context)

    assert cancelled
    assert not complete_one(platform, city.lot_id)


def test_members_find_the_prices_on_their_pages_and_strangers_do_not(
    platform: Platform, database: Database, sign_in: SignIn
) -> None:
    city = divided(City(database))
    locked(city, meets=True)
    second_opening(city, bid_1=10_000_000_00, bid_2=10_500_000_00, bid_3=11_000_000_00)
    here = f"/review/{city.lot_id}"
    member = sign_in("expert-2")

    desk = member.get("/evaluation").text
    sheet = member.get(f"/evaluation/{city.lot_id}").text
    room = member.get(here).text
    ballot = member.get(f"{here}/bids/bid-1").text
    voted = member.post(f"{here}/bids/bid-1", data={f"passed-{PRICES}": "yes"})
    outsider = sign_in("bidder-1").get(here)

    assert ("待评标委员会核对报价" in desk, f'href="{here}"' in desk) == (True, True)
    assert "报价已经唱标，待评标委员会核对" in sheet
    assert ("报价已经唱标。请逐家表决" in room, "技术评审未通过，报价保持密封" in room) == (True, True)
    assert f'name="passed-{PRICES}"' in ballot
    assert voted.headers["location"] == f"{here}/bids/bid-2"
    assert outsider.status_code == 403
    with city.database.read() as tx:
        tasks = tasks_of(tx, platform, actor=actor_of_user(tx, "expert-3"), at=clock.now(tx))
    assert [one.href for one in tasks if "lot-1" in one.href] == [here]
