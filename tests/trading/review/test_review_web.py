"""The pages of a review: a member votes by form, the bidder answers, strangers find nothing."""

from __future__ import annotations

import pytest
from evaluated_city import City, SignIn, signing_in
from reviewed_city import LEADER, ask, reviewing, vote, vote_all

from govcore import clock
from govcore.db import Database
from govcore.identity.queries import actor_of_user
from govcore.platform import Platform
from trading.desk.work import tasks_of
from trading.review import corrections, requests
from trading.review.statements import Typed, read_statement

pytestmark = pytest.mark.parametrize("backend", ["sqlite"])


def tasks(platform: Platform, city: City, name: str) -> list[str]:
    with city.database.read() as tx:
        found = tasks_of(tx, platform, actor=actor_of_user(tx, name), at=clock.now(tx))
    return [one.href for one in found if one.href.startswith("/review/")]


def test_a_member_votes_bid_after_bid_and_keeps_what_was_typed_wrong(city: City, sign_in: SignIn) -> None:
    member = sign_in("expert-2")
    here = f"/review/{city.lot_id}"
    no_reason = {"passed-licence": "yes", "passed-period": "no", "reason-period": ""}

    wrong = member.post(f"{here}/bids/bid-1", data=no_reason)
    first = member.post(f"{here}/bids/bid-1", data=no_reason | {"reason-period": "承诺工期 200 天"})
    second = member.post(f"{here}/bids/bid-2", data={"passed-licence": "yes", "passed-period": "yes"})
    third = member.post(f"{here}/bids/bid-3", data={"passed-licence": "yes", "passed-period": "yes"})

    assert (wrong.status_code, 'href="#reason-period"' in wrong.text) == (422, True)
    assert [one.headers["location"] for one in (first, second, third)] == [
        f"{here}/bids/bid-2",
        f"{here}/bids/bid-3",
        here,
    ]
    assert "承诺工期 200 天" in member.get(f"{here}/bids/bid-1").text
    assert "承诺工期 200 天" not in sign_in("expert-3").get(f"{here}/bids/bid-1").text


def test_the_leader_closes_asks_and_corrects_by_form(city: City, sign_in: SignIn) -> None:
    vote_all(city, failing={"bid-2": "licence"})
    here = f"/review/{city.lot_id}"
    leader = sign_in(LEADER)

    shown = leader.get(f"{here}/close").text
    leader.post(f"{here}/close")
    question = leader.post(f"{here}/bids/bid-1/ask", data={"kind": "clarification", "text": ""})
    leader.post(f"{here}/bids/bid-1/ask", data={"kind": "abnormal_price", "text": "请说明报价构成"})
    figures = {"words": "9900000"}
    preview = leader.post(f"{here}/bids/bid-3/correction", data=figures)
    leader.post(f"{here}/bids/bid-3/correction", data=figures | {"send": "yes", "text": "请确认"})

    assert "许可证已过期" in shown
    assert (question.status_code, 'href="#text"' in question.text) == (422, True)
    assert "9,900,000.00" in preview.text
    with city.database.read() as tx:
        asked = [
            (one.kind, one.detail.get("corrected_fen"))
            for name in ("bidder-1", "bidder-3")
            for _, one in requests.own_requests(tx, actor=actor_of_user(tx, name))
        ]
    assert asked == [("abnormal_price", None), ("correction", 9_900_000_00)]
    assert leader.get(here).text.count("许可证已过期") >= 1
    assert sign_in("expert-2").get(f"{here}/close").status_code == 403


def test_a_bidder_answers_with_files_and_nobody_else_finds_the_question(
    platform: Platform, city: City, sign_in: SignIn
) -> None:
    request = ask(city, "bid-1")
    page, files = f"/review/requests/{request}", {"files": ("说明.pdf", b"%PDF-1.7 proof", "application/pdf")}
    due = tasks(platform, city, "bidder-1")
    bidder = sign_in("bidder-1")

    unstated = bidder.post(page, data={"text": "系笔误"}, files=files)
    wrong = bidder.post(
        page, data={"text": "系笔误", "kept": "yes"}, files={"files": ("说明.pdf", b"MZ", "application/pdf")}
    )
    sent = bidder.post(page, data={"text": "系笔误", "kept": "yes"}, files=files)

    assert due == [page]
    assert [unstated.status_code, wrong.status_code, sent.status_code] == [422, 422, 303]
    assert 'href="#kept"' in unstated.text
    assert bidder.get(f"{page}/files/1").content == b"%PDF-1.7 proof"
    assert tasks(platform, city, "bidder-1") == []
    file = f"/review/{city.lot_id}/requests/{request}/files/1"
    assert sign_in("expert-4").get(file).content == b"%PDF-1.7 proof"
    rival = sign_in("bidder-2")
    assert [rival.get(one).status_code for one in (page, f"{page}/files/1", file)] == [404, 404, 403]
    assert request not in rival.get("/review/requests").text


def test_a_bidder_sees_old_and_new_price_and_confirms(city: City, sign_in: SignIn) -> None:
    statement = read_statement(Typed(lines="1;;1000;10500;9999999"), figures="0")
    with city.database.transaction() as tx:
        request = corrections.propose(
            tx,
            city.lot_id,
            bid_id="bid-1",
            statement=statement,
            text="请确认",
            actor=actor_of_user(tx, LEADER),
            at=clock.now(tx),
        )
    bidder, page = sign_in("bidder-1"), f"/review/requests/{request}"
    shown = bidder.get(page).text

    undecided = bidder.post(page, files={"text": (None, "")})
    bidder.post(page, files={"agreed": (None, "yes")})

    assert all(one in shown for one in ("10,000,000.00", "10,500,000.00", "9,999,999.00"))
    assert undecided.status_code == 422
    with city.database.read() as tx:
        assert requests.own_request(tx, request, actor=actor_of_user(tx, "bidder-1"))[1].confirmed


def test_the_purchaser_says_why_a_verdict_changes(database: Database, platform: Platform) -> None:
    city = reviewing(database, rule_set="gp-2026", meets=False)
    page = f"/review/{city.lot_id}/qualification"
    with signing_in(platform) as sign_in:
        agency = sign_in("agency")
        agency.post(f"{page}/bid-1", data={"passed": "no", "reason": "缺少纳税证明"})
        wrong = agency.post(f"{page}/bid-1", data={"passed": "yes"})
        right = agency.post(f"{page}/bid-1", data={"passed": "yes", "why": "证明在补充文件第 3 页"})
        silent = agency.post(f"{page}/bid-2", data={"reason": "缺少纳税证明"})

        assert (silent.status_code, 'href="#passed-bid-2"' in silent.text) == (422, True)
        assert 'href="#why-bid-1"' in wrong.text
        assert (wrong.status_code, right.status_code) == (422, 303)
        assert "安全生产许可证有效" in agency.get(page).text
        assert tasks(platform, city, "agency") == [page]
        assert sign_in("other-agency").get(page).status_code == 404


def test_votes_are_on_the_work_list_of_who_still_has_to_vote(platform: Platform, city: City) -> None:
    before = tasks(platform, city, "expert-3")
    for bid_id in ("bid-1", "bid-2", "bid-3"):
        vote(city, "expert-3", bid_id)

    assert (before, tasks(platform, city, "expert-3")) == ([f"/review/{city.lot_id}"], [])
