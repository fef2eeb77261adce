"""An objection over the Spring Festival: what stands still, what moves, and how the two regimes differ."""

from __future__ import annotations

import pytest
from challenge_city import LOT, TENDER, Town, beijing, opened, town_of
from clocks import set_clock
from evaluated_city import signing_in

from govcore.calendar import vendored
from govcore.clock import end_text
from govcore.platform import Platform
from trading.challenge import queries, service
from trading.challenge.policy import Kind, Stage
from trading.procedure.deadlines import due
from trading.procedure.rules import rule_set
from trading.tender.models import Lot
from trading.tender.moves import move_lot
from trading.tender.policy import LotMove, Step
from trading.tender.suspensions import Suspended, frozen_of


def reply(town: Town, case_id: str, at: str) -> None:
    actor = town.actor("agency")
    with town.platform.db.transaction() as tx:
        words = {"text": "理由不成立。", "public_text": "维持公示结果。"}
        service.reply(tx, town.platform, case_id, **words, actor=actor, at=beijing(at))


def test_an_objection_before_the_festival_answered_late_after_it(platform: Platform) -> None:
    town = town_of(platform, deadline="2026-02-06 09:30")
    town.follow("bidder-1")
    opened(town, "2026-02-06 10:00", deadline="2026-02-06 09:30")
    town.publicity("2026-02-10 10:00", "2026-02-14 00:00")
    award_notice = beijing("2026-02-09 10:00")
    contract = due(rule_set("tb-2026"), "T21", award_notice, calendar=vendored())

    case_id = town.file("bidder-1", "2026-02-12 16:00", stage=Stage.RESULT)

    before = {
        one.limit.rule: end_text(one.limit.at) for one in town.shown("bidder-1", case_id, "2026-02-13").clocks
    }
    assert before == {
        "T19": "2026-02-24 24:00:00",
        "T29": "2026-03-06 24:00:00",
    }  # the 15th to the 23rd are off
    with pytest.raises(Suspended), platform.db.transaction() as tx:
        move_lot(tx, LOT, LotMove.AWARD, at=beijing("2026-02-25 09:00"))
    reply(town, case_id, "2026-02-26 10:00")

    after = {one.limit.rule: one for one in town.shown("bidder-1", case_id, "2026-02-26 11:00").clocks}
    assert after["T19"].late
    assert (
        end_text(after["T29"].limit.at) == "2026-03-09 24:00:00"
    )  # 12 February, ten days and fourteen to the reply; a Sunday
    set_clock(platform.db, beijing("2026-02-27 10:00"))
    with platform.db.transaction() as tx:
        frozen = frozen_of(tx, LOT, Step.CONTRACT)
        move_lot(tx, LOT, LotMove.AWARD, at=beijing("2026-02-26 10:01"))
    moved = due(rule_set("tb-2026"), "T21", award_notice, calendar=vendored(), frozen=frozen)
    assert (end_text(contract.at), end_text(moved.at)) == ("2026-03-11 24:00:00", "2026-03-25 24:00:00")


def test_the_same_in_procurement_lets_the_result_stand_and_only_the_contract_wait(platform: Platform) -> None:
    market = town_of(platform, rule_set="gp-2026", deadline="2026-02-06 09:30")
    market.follow("bidder-1")
    opened(market, "2026-02-06 10:00", deadline="2026-02-06 09:30")

    case_id = market.file("bidder-1", "2026-02-12 16:00", kind=Kind.CHALLENGE, stage=Stage.PROCESS)

    assert market.stopped("2026-02-20 10:00") == {"contract"}
    due_of = {
        one.limit.rule: end_text(one.limit.at)
        for one in market.shown("bidder-1", case_id, "2026-02-13").clocks
    }
    assert due_of == {"G21.reply": "2026-02-28 24:00:00", "G21.complaint": "2026-03-20 24:00:00"}


@pytest.mark.parametrize("backend", ["sqlite"])
def test_the_form_files_with_evidence_and_keeps_what_was_typed_when_it_is_refused(platform: Platform) -> None:
    town = town_of(platform)
    set_clock(platform.db, beijing("2026-03-21 23:00"))
    form = {"kind": "objection", "stage": "documents", "lots": LOT, "text": "资格条件不合理"}
    with signing_in(platform) as sign_in:
        page = sign_in("bidder-1")
        refused = page.post(f"/tenders/{TENDER}/object", data=form, files={"files": ("a.pdf", b"%PDF-1.7")})
        town.follow("bidder-1")
        filed = page.post(f"/tenders/{TENDER}/object", data=form, files={"files": ("a.pdf", b"%PDF-1.7")})
        set_clock(platform.db, beijing("2026-03-22 00:00"))
        late = sign_in("bidder-1").post(
            f"/tenders/{TENDER}/object", data=form, files={"files": ("a.pdf", b"%PDF-")}
        )

    assert (refused.status_code, "资格条件不合理" in refused.text) == (403, True)
    assert filed.status_code == 303
    assert (late.status_code, "T07 · 实施条例第22条" in late.text) == (409, True)
    with platform.db.read() as tx:
        actor, at = town.actor("agency"), beijing("2026-03-21 23:30")
        assert len(queries.visible_cases(tx, platform, actor=actor, at=at)) == 1


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_paper_that_is_entered_late_flags_on_the_page_what_was_done_and_undoes_nothing(
    platform: Platform,
) -> None:
    town = town_of(platform)
    opened(town, "2026-03-31 10:00", deadline="2026-03-31 09:30")
    set_clock(platform.db, beijing("2026-04-02 09:00"))
    form = {
        "kind": "objection",
        "stage": "documents",
        "lots": LOT,
        "text": "纸质异议",
        "filer_name": "某公司",
    }
    form |= {"handed_in": "2026-03-20T16:00"}
    with platform.db.read() as tx:
        before = tx.get_one(Lot, LOT).state
    with signing_in(platform) as sign_in:
        agency = sign_in("agency")
        ahead = agency.post(
            f"/tenders/{TENDER}/paper-objection", data=form | {"handed_in": "2026-04-03T09:00"}, files={}
        )
        entered = agency.post(
            f"/tenders/{TENDER}/paper-objection", data=form, files={"files": ("a.pdf", b"%PDF-")}
        )
        page = agency.get(entered.headers["location"]).text

    assert (ahead.status_code, entered.status_code) == (422, 303)
    assert "录入较晚" in page
    with platform.db.read() as tx:
        assert tx.get_one(Lot, LOT).state == before
