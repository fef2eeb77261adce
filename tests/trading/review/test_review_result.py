"""From the review to the result: what was voted, confirmed and left unanswered is in what `score` computes."""

from __future__ import annotations

import pytest
from evaluated_city import City, sheet
from reviewed_city import LEADER, close, vote, vote_all

from govcore import clock
from govcore.errors import Problem
from govcore.identity.queries import actor_of_user
from govcore.platform import Platform
from trading.evaluation.again import Repeat, repeat
from trading.evaluation.causes import Cause
from trading.evaluation.files import files_of
from trading.evaluation.queries import outcomes
from trading.evaluation.scoring import score
from trading.evaluation.sheet_queries import locked_sheets
from trading.evaluation.tasks import complete_one
from trading.review import corrections, requests, service
from trading.review.record import review_record
from trading.review.service import Said
from trading.review.statements import Typed, read_statement
from trading.tender.queries import lot_context


def correct(city: City, bid_id: str, words: str, *, by: str, agreed: bool) -> None:
    with city.database.transaction() as tx:
        at, statement = clock.now(tx), read_statement(Typed(words=words), figures="0")
        request = corrections.propose(
            tx,
            city.lot_id,
            bid_id=bid_id,
            statement=statement,
            text="请确认",
            actor=actor_of_user(tx, LEADER),
            at=at,
        )
        bidder = actor_of_user(tx, by)
        requests.decide_correction(tx, request, agreed=agreed, text="", actor=bidder, at=at)


@pytest.mark.parametrize("backend", ["sqlite"])
def test_the_result_knows_what_the_review_found(platform: Platform, city: City) -> None:
    vote_all(city, failing={"bid-3": "licence"})
    close(city)
    correct(city, "bid-1", "9900000", by="bidder-1", agreed=True)
    correct(city, "bid-2", "10400000", by="bidder-2", agreed=False)
    decide_to_go_on(city, left=1)
    points = {"bid-1": sheet()["bid-1"]}
    for member in city.experts:
        city.fill(member, points)
        city.lock(member)
    with city.database.read() as tx:
        files = files_of(tx, lot_context(tx, city.lot_id), locked_sheets(tx, city.lot_id))
    again = score(files.tender_file, files.opening, files.sheets)

    assert complete_one(platform, city.lot_id)

    with city.database.read() as tx:
        ends = {one.bid.bid_id: (one.rank, one.price_fen, one.invalid) for one in outcomes(tx, city.lot_id)}
    assert ends == {
        "bid-1": (1, 9_900_000_00, None),
        "bid-2": (None, 10_400_000_00, "unconfirmed"),
        "bid-3": (None, 11_000_000_00, "gate"),
        "bid-4": (None, 12_000_000_01, "over_max_price"),
    }
    standings: list[dict[str, object]] = again["standings"]  # type: ignore[assignment]
    assert {one["bid"]: one["invalid"] for one in standings}["bid-3"] == {
        "code": "gate",
        "article": "招标文件第三章 2.1",
        "reason": "许可证已过期",
        "gate": "licence",
    }


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_further_evaluation_opens_the_gates_again(platform: Platform, city: City) -> None:
    vote_all(city)
    close(city)
    for member in city.experts:
        city.fill(member, sheet())
        city.lock(member)
    assert complete_one(platform, city.lot_id)
    with city.database.transaction() as tx:
        people = {"proposer": actor_of_user(tx, "tenderer"), "second": actor_of_user(tx, "regulator")}
        repeat(tx, platform, city.lot_id, Repeat(cause=Cause.OBJECTION, text="异议成立"), **people)

    with pytest.raises(Problem) as early:
        city.lock(LEADER)
    vote(city, LEADER, "bid-1", fails="licence", why="复核发现许可证过期")
    close(city)
    city.lock(LEADER)

    assert early.value.code == "E_REVIEW_OPEN"


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_confirmed_correction_changes_the_price_that_is_scored(platform: Platform, city: City) -> None:
    vote_all(city)
    close(city)
    correct(city, "bid-1", "10800000", by="bidder-1", agreed=True)
    for member in city.experts:
        city.fill(member, sheet())
        city.lock(member)
    with city.database.read() as tx:
        opened = files_of(tx, lot_context(tx, city.lot_id), locked_sheets(tx, city.lot_id)).opening

    assert complete_one(platform, city.lot_id)

    stated = {one["id"]: one.get("statement") for one in opened["bids"]}
    assert stated["bid-1"] is not None
    assert (stated["bid-1"]["words"], stated["bid-1"]["figures"]) == ("10800000", "10000000.00")
    assert stated["bid-2"] is None
    with city.database.read() as tx:
        points = {one.bid.bid_id: one.parts.get("price") for one in outcomes(tx, city.lot_id)}
    # Read out it was the lowest; corrected it has 50 x 10.5 / 10.8 and the lowest is bid 2.
    assert points == {"bid-1": 4861, "bid-2": 5000, "bid-3": 4773, "bid-4": None}


def decide_to_go_on(city: City, *, left: int) -> None:
    with city.database.transaction() as tx:
        leader, at = actor_of_user(tx, LEADER), clock.now(tx)
        service.ask_competition(tx, city.lot_id, why=f"剩余{left}家", actor=leader, at=at)
        for member in city.experts:
            said = [Said(f"B12-27-{left}", True, "报价合理，仍具竞争性")]
            service.vote(tx, city.lot_id, bid_id="", said=said, actor=actor_of_user(tx, member), at=at)
    close(city, f"B12-27-{left}")


@pytest.mark.parametrize("backend", ["sqlite"])
def test_the_archive_keeps_what_was_said_by_seats_and_not_by_names(city: City) -> None:
    with city.database.read() as tx:
        assert review_record(tx, city.lot_id) is None
    vote_all(city, failing={"bid-3": "licence"}, against=1)
    vote(city, LEADER, "bid-3", why="已查到新证")
    close(city)
    correct(city, "bid-1", "9900000", by="bidder-1", agreed=True)

    with city.database.read() as tx:
        kept = review_record(tx, city.lot_id)

    assert kept is not None
    assert [(one["id"], one["closed_at"] is not None) for one in kept["gates"]] == [
        ("licence", True),
        ("period", True),
    ]
    assert len(kept["votes"]) == 2 * 3 * 5
    assert {one["by"] for one in kept["votes"]} == {"m1", "m2", "m3", "m4", "m5"}
    [change], [request] = kept["changes"], kept["requests"]
    assert (change["by"], change["old"], change["new"]) == ("m1", "fail: 许可证已过期", "pass")
    assert (request["state"], request["detail"]["corrected_fen"]) == ("confirmed", 9_900_000_00)
    assert "expert" not in str(kept)
