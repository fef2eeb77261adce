"""Gates: who votes, when votes are seen, what a hit means, what follows when too few bids are left."""

from __future__ import annotations

import pytest
from convening import come_in
from evaluated_city import City
from reviewed_city import GATES, LEADER, VALID, answer, ask, close, now, reviewing, vote, vote_all

from govcore import clock
from govcore.db import Database
from govcore.errors import Forbidden, NotFound, Problem
from govcore.identity.queries import actor_of_user
from trading.committee import service as committee
from trading.committee.policy import Cause, Ground, NewSeat
from trading.review import queries, room, service
from trading.review.facts import facts
from trading.review.service import Said
from trading.tender.models import Lot
from trading.tender.policy import Cause as HoldCause
from trading.tender.suspensions import hold


def refused(act: object, *args: object, **named: object) -> str:
    with pytest.raises(Problem) as caught:
        act(*args, **named)  # type: ignore[operator]
    return caught.value.code


def reviews(city: City) -> dict[str, object]:
    with city.database.read() as tx:
        return {bid: found["gates"] for bid, found in queries.reviews_of(tx, city.lot_id).items()}


def left(city: City) -> list[str]:
    with city.database.read() as tx:
        return [bid.bid_id for bid in queries.bids_left(tx, city.lot_id)]


def seen(city: City, member: str, bid_id: str, node: str) -> object:
    with city.database.read() as tx:
        found = room.room(tx, city.lot_id, actor=actor_of_user(tx, member), at=clock.now(tx))
    cell = next(one for one in found.line(bid_id).cells if one.gate.node == node)
    return None if cell.votes is None else [one.verdict.passed for one in cell.votes]


def test_nobody_sees_a_vote_before_all_have_voted(city: City) -> None:
    members = city.experts
    for member in members[:-1]:
        for bid_id in VALID:
            vote(city, member, bid_id, fails="licence" if bid_id == "bid-2" else "")
    hidden = [seen(city, member, "bid-2", "licence") for member in members]

    for bid_id in VALID:
        vote(city, members[-1], bid_id)

    assert hidden == [None] * 5
    assert seen(city, members[-1], "bid-2", "licence") == [False, False, False, False, True]


def test_a_majority_puts_a_bid_out_with_article_and_reason_and_never_points(city: City) -> None:
    vote_all(city, failing={"bid-2": "licence"}, against=3)
    before = reviews(city)

    close(city)

    licence = {"id": "licence", "article": GATES[0].article, "reason": "", "passed": True}
    period = {"id": "period", "article": GATES[1].article, "reason": "", "passed": True}
    hit = licence | {"reason": "许可证已过期", "passed": False}
    assert before == {bid_id: [] for bid_id in (*VALID, "bid-4")}
    assert reviews(city) == {
        "bid-1": [licence, period],
        "bid-2": [hit, period],
        "bid-3": [licence, period],
        "bid-4": [],
    }
    assert left(city) == ["bid-1", "bid-3"]


def test_two_of_five_put_nothing_out(city: City) -> None:
    vote_all(city, failing={"bid-2": "licence"}, against=2)
    close(city)

    assert left(city) == ["bid-1", "bid-2", "bid-3"]


def test_a_no_says_why_and_a_gate_is_the_documents(city: City) -> None:
    assert refused(vote, city, LEADER, "bid-1", fails="licence", reason=" ") == "E_VERDICT_REASON"
    assert refused(vote, city, LEADER, "bid-1", gates=("colour",)) == NotFound.code
    assert refused(vote, city, LEADER, "bid-4") == NotFound.code
    assert refused(vote, city, LEADER, "bid-5") == NotFound.code


def test_only_members_in_their_session_vote(city: City) -> None:
    assert refused(vote, city, "outside-expert", "bid-1") == "E_NOT_MEMBER"
    assert refused(vote, city, "tenderer", "bid-1") == "E_NOT_MEMBER"
    assert refused(vote, city, "bidder-1", "bid-1") == Forbidden.code
    assert refused(vote, city, "centre", "bid-1") == Forbidden.code


def test_a_vote_changes_with_a_reason_until_its_gate_is_closed(city: City) -> None:
    vote_all(city, failing={"bid-2": "licence"}, against=3)
    assert refused(vote, city, LEADER, "bid-2") == "E_CHANGE_REASON"

    vote(city, LEADER, "bid-2", why="已查到换发的新证")

    with city.database.read() as tx:
        found = room.room(tx, city.lot_id, actor=actor_of_user(tx, LEADER), at=clock.now(tx))
        changes = [(one.about, one.old, one.new, one.why, one.by) for one in found.changes]
    assert changes == [("gate:licence", "fail: 许可证已过期", "pass", "已查到换发的新证", LEADER)]
    close(city)
    assert refused(vote, city, LEADER, "bid-2", fails="licence", why="再看") == "E_GATE_CLOSED"
    assert left(city) == ["bid-1", "bid-2", "bid-3"]


def test_the_leader_closes_what_all_have_voted_on(city: City) -> None:
    assert refused(close, city) == "E_VERDICTS_MISSING"
    vote_all(city)

    assert refused(close, city, member="expert-2") == "E_NOT_LEADER"
    close(city)
    assert refused(close, city) == "E_NOTHING_TO_CLOSE"


def test_sheets_are_not_locked_while_the_review_is_open(city: City) -> None:
    def settled() -> None:
        with city.database.read() as tx:
            queries.check_settled(tx, city.lot_id)

    assert refused(settled) == "E_REVIEW_OPEN"
    vote_all(city)
    close(city)
    request = ask(city, "bid-1")
    assert refused(settled) == "E_REVIEW_OPEN"
    answer(city, request)

    settled()


def test_a_cause_of_the_law_is_put_to_the_vote_and_below_cost_only_after_asking(city: City) -> None:
    def raise_(cause: str, bid_id: str = "bid-3") -> None:
        with city.database.transaction() as tx:
            service.raise_gate(
                tx,
                city.lot_id,
                bid_id=bid_id,
                cause_id=cause,
                why="与 bid-2 的错误完全相同",
                actor=actor_of_user(tx, "expert-3"),
                at=clock.now(tx),
            )

    assert refused(raise_, "TBR51.5") == "E_ASK_FIRST"
    assert refused(raise_, "M87-63.1") == "E_CAUSE"
    assert refused(raise_, "TBR51.7", "bid-5") == NotFound.code
    answer(city, ask(city, "bid-3"), by="bidder-3")
    raise_("TBR51.5")
    raise_("TBR51.7")
    assert refused(raise_, "TBR51.7") == "E_CAUSE_RAISED"
    for member in city.experts:
        vote(city, member, "bid-3", gates=("TBR51.7-3",), fails="TBR51.7-3", reason="两份投标文件同一人编制")
    close(city, "TBR51.7-3")

    assert left(city) == ["bid-1", "bid-2"]
    with city.database.read() as tx:
        [hit] = [one for one in queries.reviews_of(tx, city.lot_id)["bid-3"]["gates"] if not one["passed"]]
    assert hit == {
        "id": "TBR51.7-3",
        "article": "实施条例 art. 51 (7)",
        "reason": "两份投标文件同一人编制",
        "passed": False,
    }


def test_a_substitute_votes_anew_where_its_predecessor_did(city: City) -> None:
    vote_all(city, failing={"bid-2": "licence"}, against=3)
    close(city)
    with city.database.transaction() as tx:
        at, expert, centre = clock.now(tx), actor_of_user(tx, "expert-2"), actor_of_user(tx, "centre")
        committee.declare_conflict(tx, city.lot_id, reason="近亲属任职于投标人", actor=expert, at=at)
        committee.seat_substitute(
            tx,
            city.lot_id,
            2,
            member=NewSeat("expert-6"),
            cause=Cause.DRAWN,
            actor=centre,
            at=at,
        )
        come_in(tx, city.lot_id, "expert-6", at=at)
    assert left(city) == ["bid-1", "bid-2", "bid-3"]

    for bid_id in VALID:
        vote(city, "expert-6", bid_id)
    close(city)

    with city.database.read() as tx:
        gate = facts(tx, city.lot_id).gate("licence")
        assert gate is not None
        voters = [one.voter for one in facts(tx, city.lot_id).verdicts(gate, "bid-2")]
    assert voters == ["expert-1", "expert-3", "expert-4", "expert-5", "expert-6"]
    assert left(city) == ["bid-1", "bid-2", "bid-3"]


def test_nothing_is_voted_on_while_the_lot_is_suspended(city: City) -> None:
    with city.database.transaction() as tx:
        at = clock.now(tx)
        hold(tx, lot_ids=[city.lot_id], cause=HoldCause.ORDER, ref="order-1", at=at, actor="regulator")

    assert refused(vote, city, LEADER, "bid-1") == "E_SUSPENDED"


def compete(city: City, member: str, passed: bool, *, reason: str = "三家报价差异大") -> None:
    with city.database.transaction() as tx:
        said = [Said("B12-27-2", passed, reason)]
        service.vote(tx, city.lot_id, bid_id="", said=said, actor=actor_of_user(tx, member), at=clock.now(tx))


def ask_competition(city: City) -> None:
    with city.database.transaction() as tx:
        service.ask_competition(
            tx, city.lot_id, why="剩余两家", actor=actor_of_user(tx, LEADER), at=clock.now(tx)
        )


@pytest.mark.parametrize(("votes_yes", "remain"), [(3, ["bid-1", "bid-3"]), (2, [])])
def test_with_fewer_than_three_left_the_committee_decides_with_reasons_whether_to_go_on(
    city: City, votes_yes: int, remain: list[str]
) -> None:
    assert refused(ask_competition, city) == "E_ENOUGH_VALID"
    vote_all(city, failing={"bid-2": "licence"})
    close(city)
    with city.database.read() as tx, pytest.raises(queries.CompetitionOpen):
        queries.check_settled(tx, city.lot_id)
    ask_competition(city)
    assert refused(compete, city, LEADER, True, reason="") == "E_VERDICT_REASON"
    for n, member in enumerate(city.experts):
        compete(city, member, n < votes_yes, reason="报价接近" if n < votes_yes else "明显缺乏竞争")
    close(city, "B12-27-2")

    assert left(city) == remain
    with city.database.read() as tx:
        queries.check_settled(tx, city.lot_id)
        others = {bid: one["other"] for bid, one in queries.reviews_of(tx, city.lot_id).items()}
    denied = {
        "code": "no_competition",
        "article": "评标委员会和评标方法暂行规定 art. 27",
        "reason": "明显缺乏竞争",
    }
    out = None if remain else denied
    assert others == {"bid-1": out, "bid-2": None, "bid-3": out, "bid-4": None}


def test_where_no_price_can_win_there_is_nothing_to_vote_on_and_nothing_waits(city: City) -> None:
    with city.database.transaction() as tx:
        tx.get_one(Lot, city.lot_id).max_price_fen = 1_00

    assert refused(vote, city, LEADER, "bid-1") == NotFound.code
    assert left(city) == []
    with city.database.read() as tx:
        queries.check_settled(tx, city.lot_id)


def test_a_new_round_opens_the_gates_again_and_keeps_the_votes(city: City) -> None:
    vote_all(city)
    close(city)
    with city.database.transaction() as tx:
        service.reopen_all(tx, city.lot_id, why="重新评审", actor=actor_of_user(tx, "centre"), at=now(city))

    assert refused(vote, city, LEADER, "bid-1", fails="licence") == "E_CHANGE_REASON"
    vote(city, LEADER, "bid-1", fails="licence", why="复核发现许可证过期")
    close(city)
    assert left(city) == ["bid-1", "bid-2", "bid-3"]


def test_in_a_purchase_the_purchaser_qualifies_and_too_few_valid_bids_cancel_it(database: Database) -> None:
    city = reviewing(database, rule_set="gp-2026", meets=False)
    qualify(city)
    city.convene()
    with database.read() as tx:
        nodes = [gate.node for gate in facts(tx, city.lot_id).gates]
    for member in city.experts:
        for bid_id in VALID:
            vote(city, member, bid_id, gates=("period",), fails="period" if bid_id == "bid-1" else "")
    close(city, "period")

    assert nodes == ["qualification", "period"]
    assert left(city) == ["bid-2", "bid-3"]
    assert refused(ask_competition, city) == "E_TOO_FEW_VALID"
    with database.read() as tx:
        found = facts(tx, city.lot_id)
        assert queries.too_few_valid(tx, found.context)
        with pytest.raises(queries.TooFewValid):
            queries.check_settled(tx, city.lot_id)


def qualify(city: City) -> None:
    for n in range(1, 5):
        with city.database.transaction() as tx:
            service.judge_qualification(
                tx,
                city.lot_id,
                bid_id=f"bid-{n}",
                passed=True,
                reason="",
                actor=actor_of_user(tx, "agency"),
                at=clock.now(tx),
            )
    with city.database.transaction() as tx:
        service.close_qualification(tx, city.lot_id, actor=actor_of_user(tx, "agency"), at=clock.now(tx))


def test_who_left_for_a_conflict_reads_nothing_more(city: City) -> None:
    with city.database.transaction() as tx:
        committee.void_seat(
            tx,
            city.lot_id,
            5,
            ground=Ground.HEALTH,
            reason="突发疾病",
            by="centre",
            at=clock.now(tx),
        )

    assert refused(seen, city, "expert-5", "bid-1", "licence") == "E_SEAT_VOID"
