"""Lots that are given up or fail, each alone, and the next round under another rule set."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from scene import Scene
from scene_city import ordinary_content
from scene_facts import events, refused, verdict
from sqlalchemy import func, select

from bidding_docs import suites
from bidding_docs.sealing import SealedBid
from govcore import clock
from govcore.authority import proposals
from govcore.authority.schemas import Confirmation
from govcore.identity.models import User, UserRole
from govcore.identity.policy import Role
from govcore.identity.queries import actor_of_user
from guarantees.advice import Advice
from guarantees.intake import receive_advice
from guarantees.models import DepositRow
from trading.bidding.models import Bid
from trading.client import Refused
from trading.documents import service as documents
from trading.documents.schemas import NewDocuments
from trading.tender import rounds
from trading.tender.models import Admitted, CustodianKey, GateKey, Lot, Tender
from trading.tender.schemas import NewLot, Seat
from trading.tender.views import tender_view

Sealed = dict[str, SealedBid]
SAID = {"notice": "项目需求取消，本标段终止招标"}


@pytest.fixture
def second_inspector(scene: Scene) -> str:
    """Another person of the supervising department."""
    with scene.platform.db.transaction() as tx:
        tx.add(
            User(id="inspector", username="inspector", name="某", org_id="regulator", password_hash="none")
        )
        tx.flush()
        tx.add(UserRole(user_id="inspector", role=Role.REGULATOR))
    return "inspector"


def by_two(scene: Scene, act: str, object_id: str, content: dict[str, str], *, one: str, other: str) -> None:
    """One person proposes, another confirms exactly that."""
    with scene.platform.db.transaction() as tx:
        made = proposals.propose(
            tx,
            act,
            object_id,
            content=content,
            reason="见公告",
            actor=actor_of_user(tx, one),
            at=clock.now(tx),
        )
        seen = Confirmation(act=act, object_id=object_id, sha256=made.sha256)
        proposal_id = made.id
    with scene.platform.db.transaction() as tx:
        proposals.confirm(tx, scene.platform, proposal_id, seen, actor=actor_of_user(tx, other))


def terminate(scene: Scene, lot: str | None = None) -> None:
    by_two(scene, "tender.terminate", lot or scene.lot, SAID, one="tenderer", other="principal")


def state_of(scene: Scene, lot: str) -> str:
    with scene.platform.db.read() as tx:
        return tx.get_one(Lot, lot).state


def again(scene: Scene, *lots: str, rule_set: str = "demo", method: str = "open") -> tuple[str, list[str]]:
    """The agency drafts the next round of these lots."""
    with scene.platform.db.transaction() as tx:
        tender = tx.get_one(Tender, tx.get_one(Lot, lots[0]).tender_id)
        new = NewDocuments(
            project_id=tender.project_id,
            title="东坝堤防加固工程施工招标（第二次）",
            rule_set=rule_set,
            content=ordinary_content(),
            lots=[
                NewLot(name="重新招标标段", max_price_fen=13_000_000_00, deposit_fen=200_000_00) for _ in lots
            ],
            custodians=[Seat(role=role, org_id=role) for role in ("centre", "tenderer", "regulator")],
            previous=list(lots),
            method=method,
        )
        made, new_lots = documents.prepare(
            tx, scene.platform.wrapper, new, actor=actor_of_user(tx, "agency"), at=clock.now(tx)
        )
        return made.id, [lot.id for lot in new_lots]


def test_a_terminated_lot_ends_alone_and_its_bids_stay_sealed_for_ever(
    scene: Scene, sealed: Sealed, sweep: Callable[[], None]
) -> None:
    other = scene.city.lots[1]

    terminate(scene)
    scene.write_log()
    sweep()

    late = refused(scene, "bidder-4", "POST", f"/api/lots/{scene.lot}/uploads", json={"parts": []})
    assert late["status"] in (409, 422)
    assert (state_of(scene, scene.lot), state_of(scene, other)) == ("terminated", "open")
    assert scene.hall()["state"] == "ended"
    assert scene.hall()["bids"] == []
    with scene.platform.db.read() as tx:
        kept = tx.scalars(select(CustodianKey.destroyed_at).where(CustodianKey.lot_id == scene.lot)).all()
        gate = tx.scalars(select(GateKey).where(GateKey.lot_id == scene.lot)).all()
    assert kept
    assert all(at is not None for at in kept)
    assert {key.opens for key in gate if key.destroyed_at is None} == {"advice"}
    (told,) = events(scene, "tender.terminated")
    assert (told["subject"], told["actor"], told["data"]["notice"]) == (
        scene.lot,
        "system",
        SAID["notice"],
    )
    assert told["data"]["basis"] == "T26 · 实施条例 art. 31"


def test_its_deposits_go_back_with_interest_though_nothing_was_closed(
    scene: Scene, sweep: Callable[[], None]
) -> None:
    number = scene.person("bidder-1").post(f"/api/lots/{scene.lot}/sub-account", {})["number"]
    pay(scene, number)
    scene.move_clock(days=30)
    with scene.platform.db.transaction() as tx:
        tx.get_one(Lot, scene.lot).deadline_at = clock.now(tx) + timedelta(hours=1)

    terminate(scene)
    sweep()
    sweep()

    with scene.platform.db.read() as tx:
        (deposit,) = tx.scalars(select(DepositRow)).all()
    assert (deposit.state, deposit.refund_reason) == ("refunding", "terminated")
    assert (deposit.interest_fen or 0) > 0


def pay(scene: Scene, number: str) -> None:
    with scene.platform.db.transaction() as tx:
        at = clock.now(tx)
        advice = Advice(
            sub_account=number,
            payer_name="临湖安澜水利建设有限公司",
            payer_account="6222000000000001",
            bank="临湖银行",
            amount_fen=200_000_00,
            credited_at=at,
            serial="S1",
        )
        receive_advice(
            tx,
            advice,
            bank_id="bank",
            seal=lambda recipient, plain: suites.of_recipient(recipient).wrap_share(plain, recipient),
            wrap=scene.platform.wrapper,
            tag=scene.platform.keys.tag,
            actor="bank",
            at=at,
        )


def test_only_the_tenderer_s_own_people_end_a_lot_and_only_once(scene: Scene) -> None:
    path = f"/api/acts/tender.terminate/{scene.lot}/proposals"
    asked = {"reason": "r", "content": SAID}

    outsiders = [refused(scene, who, "POST", path, json=asked) for who in ("agency", "regulator", "bidder-1")]
    terminate(scene)
    repeated = refused(scene, "tenderer", "POST", path, json=asked)

    assert [verdict(one) for one in outsiders] == [(403, "E_FORBIDDEN")] * 3
    assert verdict(repeated) == (409, "E_STATE")


def test_the_department_cancels_suspends_and_resumes_by_two_people(
    scene: Scene, second_inspector: str
) -> None:
    by_two(scene, "tender.suspend", scene.lot, {"notice": "查处投诉"}, one="regulator", other="inspector")
    with scene.platform.db.read() as tx:
        view = tender_view(tx, scene.city.tender_id, actor=actor_of_user(tx, "bidder-1"), at=clock.now(tx))
    by_two(scene, "tender.resume", scene.lot, {"notice": "查处完毕"}, one="regulator", other="inspector")
    by_two(scene, "tender.cancel", scene.lot, {"notice": "责令重新招标"}, one="regulator", other="inspector")

    assert [(one.cause, one.notice) for one in view.lots[0].holds] == [("order", "查处投诉")]
    assert view.lots[1].holds == ()
    assert state_of(scene, scene.lot) == "cancelled"
    assert [one["data"]["notice"] for one in events(scene, "tender.resumed", "tender.cancelled")] == [
        "查处完毕",
        "责令重新招标",
    ]


def test_a_failed_lot_is_tendered_again_with_its_code_under_another_rule_set(scene: Scene) -> None:
    scene.close()
    old = scene.lot
    assert state_of(scene, old) == "failed"

    tender_id, (lot,) = again(scene, old, rule_set="demo")

    with scene.platform.db.read() as tx:
        before, after = tx.get_one(Lot, old), tx.get_one(Lot, lot)
        tender = tx.get_one(Tender, tender_id)
        bids = tx.scalar(select(func.count()).select_from(Bid).where(Bid.lot_id == lot))
        assert (after.code, after.round, after.previous_id) == (before.code, 2, old)
        assert (tender.code, tender.round, tender.previous_id) == (
            tx.get_one(Tender, before.tender_id).code,
            2,
            before.tender_id,
        )
        assert bids == 0
        assert after.deadline_at is None
        assert rounds.to_retender(tx, before.tender_id) == []
        # nobody but those who prepare it sees the new round before it is published
        view = tender_view(tx, before.tender_id, actor=actor_of_user(tx, "bidder-1"), at=clock.now(tx))
        assert (view.lots[0].following, [one.round for one in view.rounds]) == (None, [1])


def test_a_lot_that_goes_on_or_was_tendered_again_is_not_tendered_again(scene: Scene) -> None:
    scene.close()

    with pytest.raises(rounds.NotRetenderable):
        again(scene, scene.city.lots[1])
    with pytest.raises(rounds.OtherTender):
        again(scene, scene.lot, scene.lot)
    again(scene, scene.lot)
    with pytest.raises(rounds.TenderedAgain):
        again(scene, scene.lot)


def test_a_restricted_round_takes_uploads_only_of_those_admitted(scene: Scene) -> None:
    with scene.platform.db.transaction() as tx:
        tx.get_one(Tender, scene.city.tender_id).method = "invited"
        tx.add(Admitted(tender_id=scene.city.tender_id, org_id="bidder-1", admitted_at=clock.now(tx)))

    scene.submit("bidder-1", scene.seal("bidder-1"))
    with pytest.raises(Refused) as refusal:
        scene.submit("bidder-2", scene.seal("bidder-2"))

    assert verdict(refusal.value.problem) == (403, "E_NOT_ADMITTED")


def test_a_rule_is_set_aside_by_tenderer_and_department_and_everybody_reads_why(scene: Scene) -> None:
    scene.close()
    tender_id, _ = again(scene, scene.lot)
    content = {"rule": "T01", "notice": "防汛应急"}

    by_two(scene, "tender.override", tender_id, content, one="tenderer", other="regulator")

    (told,) = events(scene, "tender.overridden")
    assert {"code", "round", "rule", "basis", "notice"} == set(told["data"])
    assert (told["data"]["round"], told["data"]["rule"], told["data"]["notice"]) == (2, "T01", "防汛应急")
