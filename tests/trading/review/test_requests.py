"""What committees ask of bidders: clarifications, low prices, corrected arithmetic."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from evaluated_city import City
from reviewed_city import LEADER, answer, ask, close, now, vote
from sqlalchemy import select

from govcore import clock
from govcore.errors import Forbidden, NotFound, Problem
from govcore.identity.queries import actor_of_user
from govcore.notify.models import InboxMessage
from trading.review import corrections, queries, requests, service
from trading.review.facts import facts
from trading.review.policy import RequestKind
from trading.review.statements import Typed, read_statement
from trading.tender.models import Lot
from trading.tender.policy import Cause as HoldCause
from trading.tender.suspensions import hold, release_hold

pytestmark = pytest.mark.parametrize("backend", ["sqlite"])

HOUR = timedelta(hours=1)


def refused(act: object, *args: object, **named: object) -> str:
    with pytest.raises(Problem) as caught:
        act(*args, **named)  # type: ignore[operator]
    return caught.value.code


def later(city: City, by: timedelta) -> None:
    city.database.info["clock_offset"] += by


def request_of(city: City, request_id: str, name: str = "bidder-1") -> requests.RequestView:
    with city.database.read() as tx:
        return requests.own_request(tx, request_id, actor=actor_of_user(tx, name))[1]


def propose(city: City, bid_id: str = "bid-1", **typed: str) -> str:
    statement = read_statement(Typed(**typed), figures="0")
    with city.database.transaction() as tx:
        return corrections.propose(
            tx,
            city.lot_id,
            bid_id=bid_id,
            statement=statement,
            text="请确认修正后的报价。",
            actor=actor_of_user(tx, LEADER),
            at=clock.now(tx),
        )


def decide(city: City, request_id: str, *, agreed: bool, by: str = "bidder-1") -> None:
    with city.database.transaction() as tx:
        actor, at = actor_of_user(tx, by), clock.now(tx)
        requests.decide_correction(tx, request_id, agreed=agreed, text="", actor=actor, at=at)


def review(city: City, bid_id: str = "bid-1") -> dict[str, Any]:
    with city.database.read() as tx:
        return queries.reviews_of(tx, city.lot_id)[bid_id]


def left(city: City) -> dict[str, int | None]:
    with city.database.read() as tx:
        known = facts(tx, city.lot_id)
        return {bid.bid_id: known.price_of(bid) for bid in queries.bids_left(tx, city.lot_id)}


def test_only_the_bidder_learns_that_it_was_asked_and_only_there_what(city: City) -> None:
    request = ask(city, "bid-1")

    with city.database.read() as tx:
        told = list(tx.scalars(select(InboxMessage)))
    assert [(one.user_id, one.href, one.data) for one in told] == [
        (
            "bidder-1",
            f"/review/requests/{request}",
            {"title": "东坝堤防加固工程施工招标", "lot": "一标段（堤防）"},
        )
    ]
    assert request_of(city, request).text == "请说明项目负责人业绩证明材料中日期不一致的原因。"
    for name in ("bidder-2", "centre", "tenderer", LEADER):
        assert refused(request_of, city, request, name) == NotFound.code


def test_an_answer_is_the_bidders_own_in_time_once_and_keeps_price_and_substance(city: City) -> None:
    request = ask(city, "bid-1")
    assert refused(answer, city, request, by="bidder-2") == NotFound.code
    assert refused(answer, city, request, by="tenderer") == Forbidden.code
    assert refused(answer, city, request, text=" ") == "E_ANSWER"
    with city.database.transaction() as tx, pytest.raises(requests.SubstanceKept):
        requests.answer(
            tx,
            request,
            text="改为 170 天",
            kept=False,
            files=[],
            actor=actor_of_user(tx, "bidder-1"),
            at=clock.now(tx),
        )
    answer(city, request)

    assert request_of(city, request).answer == "系笔误，见附件。"
    assert refused(answer, city, request) == "E_STATE"


def test_a_window_ends_and_a_suspension_makes_it_longer(city: City) -> None:
    request = ask(city, "bid-1")
    until = request_of(city, request).until
    with city.database.transaction() as tx:
        at = clock.now(tx)
        hold(tx, lot_ids=[city.lot_id], cause=HoldCause.ORDER, ref="order-1", at=at, actor="regulator")
    later(city, HOUR)
    answered_meanwhile = request_of(city, request)
    with city.database.transaction() as tx:
        release_hold(tx, ref="order-1", at=clock.now(tx), actor="regulator")

    moved = request_of(city, request).until
    assert answered_meanwhile.waiting
    assert HOUR <= moved - until < HOUR + timedelta(minutes=1)
    later(city, HOUR)
    assert request_of(city, request).lapsed
    assert refused(answer, city, request) == "E_WINDOW_OVER"


def test_the_leader_asks_one_thing_of_a_kind_at_a_time_and_may_take_it_back(city: City) -> None:
    request = ask(city, "bid-1")
    assert refused(ask, city, "bid-1") == "E_STILL_WAITING"
    assert refused(ask, city, "bid-5") == NotFound.code

    with city.database.transaction() as tx:
        requests.withdraw(
            tx, city.lot_id, request_id=request, actor=actor_of_user(tx, LEADER), at=clock.now(tx)
        )

    assert refused(answer, city, request) == "E_STATE"
    assert ask(city, "bid-1") != request


@pytest.mark.parametrize(
    ("typed", "corrected"),
    [
        ({"words": "9900000"}, 9_900_000_00),
        ({"lines": "1;;1000;10500;9999999"}, 10_500_000_00),
        (
            {"sections": "A;9000000\nB;1000000", "lines": "1;A;100;92000;9000000\n2;B;10;100000;1000000"},
            10_200_000_00,
        ),
    ],
)
def test_a_confirmed_correction_is_the_price_that_is_compared(
    city: City, typed: dict[str, str], corrected: int
) -> None:
    request = propose(city, **typed)
    waiting = review(city)["confirmed"]

    decide(city, request, agreed=True)

    asked = request_of(city, request)
    assert (asked.detail["read_fen"], asked.detail["corrected_fen"]) == (10_000_000_00, corrected)
    assert (waiting, review(city)["confirmed"]) == (None, True)
    assert left(city) == {"bid-1": corrected, "bid-2": 10_500_000_00, "bid-3": 11_000_000_00}
    with city.database.read() as tx:
        assert queries.statements_of(tx, city.lot_id)["bid-1"]["figures"] == "10000000.00"


def test_a_slip_of_the_decimal_point_leaves_the_price_and_asks_nobody(city: City) -> None:
    assert refused(propose, city, lines="1;;1000;1000;10000000") == "E_CORRECTION_NONE"


def test_a_correction_refused_or_met_with_silence_makes_the_bid_invalid(city: City) -> None:
    decide(city, propose(city, words="9900000"), agreed=False)
    propose(city, "bid-2", words="10400000")
    before = left(city)
    later(city, HOUR)

    assert set(before) == {"bid-2", "bid-3"}
    assert set(left(city)) == {"bid-3"}
    assert [review(city, bid)["confirmed"] for bid in ("bid-1", "bid-2", "bid-3")] == [False, False, None]


def test_a_price_above_the_maximum_after_its_correction_is_out_and_one_equal_to_it_is_not(city: City) -> None:
    with city.database.read() as tx:
        most = tx.get_one(Lot, city.lot_id).max_price_fen // 100
    decide(city, propose(city, "bid-1", words=f"{most}"), agreed=True)
    decide(city, propose(city, "bid-2", words=f"{most}.01"), agreed=True, by="bidder-2")

    assert set(left(city)) == {"bid-1", "bid-3"}


def test_a_low_price_is_explained_and_judged_by_all(city: City) -> None:
    def judge() -> str:
        with city.database.transaction() as tx:
            return requests.judge_price(
                tx,
                city.lot_id,
                bid_id="bid-1",
                why="成本构成说明未附证明",
                actor=actor_of_user(tx, LEADER),
                at=clock.now(tx),
            )

    request = ask(city, "bid-1", RequestKind.ABNORMAL_PRICE)
    assert refused(judge) == "E_STILL_WAITING"
    answer(city, request)
    node = judge()
    assert refused(judge) == "E_CAUSE_RAISED"
    for member in city.experts:
        vote(city, member, "bid-1", gates=(node,), fails=node, reason="不能证明报价合理性")
    close(city, node)

    assert (node, review(city)["abnormal"], review(city)["gates"]) == ("B12-21-1", "unexplained", [])
    assert set(left(city)) == {"bid-2", "bid-3"}


def test_questions_come_from_the_leader_alone(city: City) -> None:
    def of(member: str) -> None:
        with city.database.transaction() as tx:
            requests.ask(
                tx,
                city.lot_id,
                bid_id="bid-1",
                kind=RequestKind.CLARIFICATION,
                text="？",
                actor=actor_of_user(tx, member),
                at=now(city),
            )

    assert refused(of, "expert-2") == service.NotLeader.code
    assert refused(of, "outside-expert") == "E_NOT_MEMBER"
