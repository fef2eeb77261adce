"""A lawful tender of works after a prequalification, with an objection over National Day 2026, from configuration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import scene_city
from clocks import set_clock
from guarding import Guarded, guard
from scene import Scene
from scene_facts import events, refused, verdict
from sqlalchemy import delete, select
from test_prequalification_policy import APPLICATIONS, beijing

from bidding_docs import summary
from govcore import clock
from govcore.certificates.models import Authority
from govcore.certificates.service import create_authority
from govcore.identity.queries import actor_of_user
from govcore.notify import queries as notify
from govcore.platform import Platform
from trading.challenge import filing, service
from trading.challenge.evidence import store_all
from trading.challenge.filing import NewCase
from trading.challenge.policy import Kind, Stage
from trading.client import Refused
from trading.documents import releasing
from trading.documents import service as documents
from trading.documents.schemas import NewDocuments
from trading.notices.queries import notices_of
from trading.opening import tasks
from trading.prequalification import inviting, queries
from trading.tender import gates, rounds
from trading.tender.models import Lot, Tender
from trading.tender.policy import Cause, Step
from trading.tender.rounds import TooFewAdmitted
from trading.tender.schemas import NewLot, Seat
from trading.tender.suspensions import stopped_by

APPLICANTS = ("bidder-1", "bidder-2", "bidder-3", "bidder-4")
PUBLISHED, DEADLINE = beijing("2026-09-21 09:00"), beijing("2026-10-09 09:30")
COMMITTEE = "\n".join(["张一", "王二", "李三", "赵四", "孙五"])


@pytest.fixture
def guarded(platform: Platform, tmp_path: Path) -> Iterator[Guarded]:
    set_clock(platform.db, PUBLISHED)
    with (
        platform.db.transaction() as tx
    ):  # the authority is of that time too, or its certificates are not valid
        tx.execute(delete(Authority))
        create_authority(tx, platform.wrapper, name="Test CA", at=clock.now(tx))
    ahead = (DEADLINE - PUBLISHED).total_seconds()
    with guard(platform, tmp_path, rule_set="tb-2026", seconds=ahead, content=APPLICATIONS) as made:
        yield made


def go_to(scene: Scene, at: str) -> None:
    set_clock(scene.platform.db, beijing(at))
    scene.keep_signed_in()


def state_of(scene: Scene) -> str:
    with scene.platform.db.read() as tx:
        return tx.get_one(Lot, scene.lot).state


def apply(scene: Scene, names: Sequence[str]) -> None:
    for name in names:
        values = summary.write(APPLICATIONS.form, {"manager": "虚构经理"})
        scene.submit(name, scene.seal(name, values=values))


def object_to_documents(scene: Scene) -> str:
    """A holder of the documents objects to them on the last day, a holiday (T06)."""
    scene.person("bidder-1").call("POST", f"/tenders/{scene.city.tender_id}/follow")
    new = NewCase(kind=Kind.OBJECTION, stage=Stage.PQ_DOCUMENTS, lot_ids=[scene.lot], text="业绩要求过高")
    stored = store_all(scene.platform.store, [])
    with scene.platform.db.transaction() as tx:
        actor = actor_of_user(tx, "bidder-1")
        at = clock.now(tx)
        return filing.file_case(tx, scene.platform, scene.city.tender_id, new, stored, actor=actor, at=at).id


def reply(scene: Scene, case_id: str) -> None:
    with scene.platform.db.transaction() as tx:
        words = {"text": "要求与规模相适应。", "public_text": "维持资格预审文件。"}
        actor = actor_of_user(tx, "agency")
        service.reply(tx, scene.platform, case_id, **words, actor=actor, at=clock.now(tx))


def open_applications(scene: Scene) -> None:
    tasks.close_one(scene.platform, scene.lot)
    scene.move_clock(minutes=11)
    scene.check_seals()
    scene.release(1, 3)
    assert scene.open_gate()
    scene.read_out()


def post(scene: Scene, who: str, path: str, **form: str) -> httpx.Response:
    return scene.person(who).call("POST", path, data=form, follow_redirects=False)


def judge(scene: Scene, failing: str) -> None:
    path = f"/prequalification/{scene.lot}"
    with scene.platform.db.read() as tx:
        found = queries.review(tx, scene.lot, actor=actor_of_user(tx, "agency")).applications
    for one in found:
        form = {"passed": "yes"}
        if one.bid.org_id == failing:
            form = {"passed": "no", "ground": "qualification", "reason": "资质等级不足"}
        post(scene, "agency", f"{path}/applications/{one.bid.bid_id}", **form)


def draft_round(scene: Scene, method: str) -> str:
    """The agency drafts the round of bids, the tenderer releases it."""
    with scene.platform.db.transaction() as tx:
        project = tx.get_one(Tender, scene.city.tender_id).project_id
        new = NewDocuments(
            project_id=project,
            title="东坝堤防加固工程施工招标（资格预审后）",
            rule_set="tb-2026",
            content=scene_city.ordinary_content(),
            lots=[NewLot(name="第1标段", max_price_fen=12_000_000_00, deposit_fen=200_000_00)],
            custodians=[Seat(role=role, org_id=role) for role in ("centre", "tenderer", "regulator")],
            method=method,
        )
        at, agency = clock.now(tx), actor_of_user(tx, "agency")
        tender, lots = documents.prepare(tx, scene.platform.wrapper, new, actor=agency, at=at)
        releasing.release(tx, scene.platform.store, tender.id, 1, actor=actor_of_user(tx, "tenderer"), at=at)
        scene.city = replace(scene.city, tender_id=tender.id, lots=tuple(lot.id for lot in lots))
    for lot in scene.city.lots:
        gates.ask_for_keys(scene.platform, lot)
    return scene.city.tender_id


def told(scene: Scene, person: str) -> list[str]:
    with scene.platform.db.read() as tx:
        inbox = notify.inbox(tx, scene.platform.keys, actor=actor_of_user(tx, person))
    return [one.href for one in inbox if "/prequalification/" in one.href or "/invitations/" in one.href]


@pytest.mark.parametrize("backend", ["sqlite"])
def test_applications_wait_for_the_reply_over_the_holiday_and_only_who_passed_may_bid(
    guarded: Guarded,
) -> None:
    scene = guarded.scene
    applied, lot = scene.city.tender_id, scene.lot
    go_to(scene, "2026-10-07 23:00")
    apply(scene, APPLICANTS)
    case = object_to_documents(scene)
    go_to(scene, "2026-10-09 09:31")
    tasks.close_one(scene.platform, lot)
    scene.move_clock(minutes=11)
    scene.check_seals()
    waiting = scene.hall()
    with scene.platform.db.read() as tx:
        found = stopped_by(tx, lot, Step.OPENING, clock.now(tx))
        stopped = found.cause if found else None
    go_to(scene, "2026-10-10 09:00")
    reply(scene, case)
    open_applications(scene)

    assert waiting["state"] == "sealed"
    assert stopped == Cause.OBJECTION
    assert state_of(scene) == "opened"
    names = {scene_city.ORGANISATIONS[name][0] for name in APPLICANTS}
    public = scene.hall()
    assert [(bid["bidder_name"], bid["summary"]) for bid in public["bids"]] == [("", None)] * 4
    assert not any(name in str(public) for name in names)
    named = refused(scene, "stranger", "GET", f"/api/lots/{lot}/bids/1/manifest")
    assert named["status"] == 404
    with scene.platform.db.read() as tx:
        assert "prequalification" in [one.kind for one in notices_of(tx, applied)[""]]

    path = f"/prequalification/{lot}"
    outsiders = [refused(scene, who, "GET", path)["status"] for who in ("bidder-1", "regulator")]
    judge(scene, failing="bidder-4")
    with pytest.raises(Refused):
        post(scene, "tenderer", path, members="张一\n王二")
    still = state_of(scene)
    post(scene, "tenderer", path, members=COMMITTEE)

    assert outsiders == [403, 403]
    assert still == "opened"
    assert state_of(scene) == "prequalified"
    assert told(scene, "bidder-1") == told(scene, "bidder-4") == [f"{path}/mine"]
    mine = scene.person("bidder-4").call("GET", f"{path}/mine").text
    assert "资质等级不足" in mine
    assert [name for name in names if name in mine] == [scene_city.ORGANISATIONS["bidder-4"][0]]

    tender = draft_round(scene, "prequalified")
    with pytest.raises(TooFewAdmitted) as alone:
        scene_city.publish_round(scene.platform, scene.city, seconds=25 * 86400)
    post(scene, "agency", f"{path}/following", tender=tender)
    scene_city.publish_round(scene.platform, scene.city, seconds=25 * 86400)
    for _ in range(2):
        with scene.platform.db.transaction() as tx:
            inviting.send(tx, tender, at=clock.now(tx))

    assert alone.value.data["rule"] == "T11"
    assert told(scene, "bidder-1")[0] == f"/invitations/{tender}"
    assert told(scene, "bidder-4") == [f"{path}/mine"]
    scene.submit("bidder-1", scene.seal("bidder-1"))
    shut = refused(scene, "bidder-4", "POST", f"/api/lots/{scene.lot}/uploads", json={"parts": []})
    assert shut["status"] in (403, 422)
    with scene.platform.db.read() as tx:
        may = [rounds.may_bid(tx, tender, name) for name in APPLICANTS]
        assert tx.scalar(select(Lot.state).where(Lot.id == lot)) == "prequalified"
    assert may == [True, True, True, False]
    post(scene, "bidder-1", f"/invitations/{tender}", answer="accepted")
    listed = scene.person("agency").call("GET", f"/tenders/{tender}/invited").text
    assert "接受邀请" not in listed
    assert verdict(refused(scene, "bidder-4", "GET", f"/invitations/{tender}"))[0] == 404
    assert [one["data"] for one in events(scene, "prequalification.closed")] == [
        {"lot": events(scene, "prequalification.closed")[0]["data"]["lot"], "round": 1}
    ]
