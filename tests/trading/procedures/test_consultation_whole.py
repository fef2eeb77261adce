"""A competitive consultation from its notice to the award: two sealed intakes, and no price shown in between.

The whole flow is played on both databases; what ends a purchase, or lets two suppliers be enough, on one of them.
"""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest
from convening import LONG, come_in
from player import Play, beijing, playing
from scene_city import give_keys, ordinary_content
from scene_committee import seat
from scene_facts import events
from sqlalchemy import select

from bidding_docs.manifests import KeyManifest
from govcore import clock
from govcore.identity.queries import actor_of_user
from govcore.platform import Platform
from trading.bidding import sending as uploads
from trading.client import Refused
from trading.committee import meeting
from trading.committee import queries as committees
from trading.consultation import queries, tasks
from trading.desk.work import tasks_of
from trading.documents.answers import DraftAnswers
from trading.documents.models import Draft
from trading.evaluation.bundle_queries import due_to_publish
from trading.evaluation.tasks import complete_one
from trading.opening.queries import opened_bids
from trading.procedure.competition import Ground
from trading.procedure.page_terms import LAWS
from trading.review import service as review
from trading.review.service import Said
from trading.tender import gates, signing
from trading.tender.criteria import Gate
from trading.tender.queries import key_manifest_body, lots_of

WHOLE = ordinary_content()
CONTENT = msgspec.structs.replace(
    WHOLE,
    procures="goods",
    procedure="consultation",
    ground=Ground.COMPLEX,
    parts=[msgspec.structs.replace(part, public=False) for part in WHOLE.parts],
    gates=[
        Gate(id="licence", label="具有相应资质", article="磋商文件第三章 2.1", kind="qualification"),
        Gate(id="period", label="交货期不超过 180 日", article="磋商文件第三章 2.3"),
    ],
)
RESEARCH = msgspec.structs.replace(CONTENT, ground=Ground.RESEARCH)
BIDDERS = ("bidder-1", "bidder-2", "bidder-3", "bidder-4")
GROUP = ["expert-1", "expert-2", "expert-3"]


def vote(play: Play, lot: str, *nodes: str, out: str = "") -> None:
    """The group votes at these gates, finds one supplier out at the last of them, and its leader closes them."""
    with play.scene.platform.db.transaction() as tx:
        at, bids = clock.now(tx), opened_bids(tx, lot)
        for member in GROUP:
            for bid in bids:
                said = [Said(node, True) for node in nodes]
                if bid.org_id == out:
                    said[-1] = Said(nodes[-1], False, "交货期为 200 日")
                review.vote(tx, lot, bid_id=bid.bid_id, said=said, actor=actor_of_user(tx, member), at=at)
        review.close_gates(tx, lot, nodes=nodes, actor=actor_of_user(tx, GROUP[0]), at=at)


def bids_of(play: Play, lot: str) -> dict[str, str]:
    with play.scene.platform.db.read() as tx:
        return {bid.org_id: bid.bid_id for bid in opened_bids(tx, lot)}


def consult(play: Play, lot: str, *suppliers: str) -> None:
    """The leader keeps what was talked about with each of these, and ends the consultation."""
    bids = bids_of(play, lot)
    for name in suppliers:
        play.submit(f"/consultation/{lot}/talks/{bids[name]}", GROUP[0], notes="供应商承诺质保期五年。")
    play.submit(f"/consultation/{lot}/end", GROUP[0], changes="质保期由三年改为五年。")


def called(play: Play, lot: str) -> tuple[str, str]:
    """The agency calls for the final offers: the round and its lot, approved by the purchaser."""
    play.submit(f"/consultation/{lot}/call", "agency")
    with play.scene.platform.db.read() as tx:
        tender = queries.final_round(tx, lot)
        assert tender is not None
        ((tender_id, final),) = [(tender.id, one.id) for one in lots_of(tx, tender.id)]
    play.post("tenderer", f"/api/tenders/{tender_id}/approve")
    return tender_id, final


def schedule(play: Play, tender_id: str, lot: str, deadline: str) -> None:
    """The custodians give new keys, the purchaser signs until when."""
    scene, city = play.scene, play.scene.city
    gates.ask_for_keys(scene.platform, lot)
    with scene.platform.db.transaction() as tx:
        city.identities.update(give_keys(tx, scene.platform, lot, city.signers))
    tenderer = scene.person("tenderer")
    _, raw = signing.sign_schedule(tenderer, city.signers["tenderer"], lot, deadline_at=beijing(deadline))
    signing.hand_in_schedule(tenderer, lot, raw)


def sit(play: Play, lot: str) -> None:
    """The group that held the consultation sits over the final offers; its session is open."""
    db = play.scene.platform.db
    tasks.seat_one(play.scene.platform, lot)
    with db.transaction() as tx:
        at = clock.now(tx)
        meeting.open_session(
            tx, lot, room_id=None, ends_at=at + LONG, actor=actor_of_user(tx, "centre"), at=at
        )
        for member in GROUP:
            come_in(tx, lot, member, at=at)


def score(play: Play, lot: str, points: dict[str, str]) -> None:
    """The group scores responses and final offers and locks; the platform completes the evaluation."""
    bids = bids_of(play, lot)
    sheet = {"points": {bids[who]: {"plan": given} for who, given in points.items()}}
    for member in GROUP:
        saved = play.scene.person(member).call("PUT", f"/api/lots/{lot}/sheet", json=sheet).json()
        play.post(member, f"/api/lots/{lot}/sheet/lock", {"sha256": saved["sha256"]})
    assert complete_one(play.scene.platform, lot)


def refused(play: Play, who: str, form: str, **data: str) -> str:
    """The sentence with which a page's form is refused, in English."""
    try:
        play.scene.person(who, language="en").call("POST", form, data=data, follow_redirects=False)
    except Refused as problem:
        return str(problem.problem["title"])
    raise AssertionError(f"{form} was not refused")


def foreign_words(play: Play, who: str, path: str) -> list[str]:
    """The words of tenders that the body of a Chinese page uses; laws and what people wrote keep theirs."""
    text = play.scene.person(who).call("GET", path, headers={"accept": "text/html"}).text
    text = re.sub(r"<[^>]+>", "", text.partition("<main")[2])
    for kept in (*LAWS, "东坝堤防加固工程施工招标", "第1标段", "开标一览表", "正衡招标代理"):
        text = text.replace(kept, "")
    return sorted(set(re.findall(r".{0,6}(?:招标|投标|评标|中标|开标|唱标|标段).{0,6}", text)))


def hall(play: Play, lot: str) -> list[tuple[str, object, object]]:
    """What the hall tells of who bids and for how much."""
    return [(bid["bidder_name"], bid["price_fen"], bid["summary"]) for bid in play.scene.hall(lot)["bids"]]


def asked(play: Play, who: str) -> list[str]:
    """What somebody's first page asks, in English."""
    with play.scene.platform.db.read() as tx:
        actor, at = actor_of_user(tx, who), clock.now(tx)
        found = tasks_of(tx, play.scene.platform, actor=actor, at=at)
    return [one.text.format(**one.data) for one in found]


def refusal(play: Play, who: str, lot: str) -> str:
    """The sentence with which a sealed final offer of somebody is refused, in English."""
    sealed = play.scene.seal(who, lot=lot)
    try:
        uploads._upload(play.scene.person(who, language="en"), sealed.folder, lot, sealed.manifest)
    except Refused as problem:
        return str(problem.problem["title"])
    raise AssertionError(f"{who} was not refused")


def final_round(play: Play, lot: str, *suppliers: str, out: str = "") -> tuple[str, str]:
    """From the closed lot to the published round of the final offers of these suppliers: its tender, and its lot."""
    play.open(lot)
    seat(play.scene, lot)
    vote(play, lot, "licence", "period", out=out)
    consult(play, lot, *suppliers)
    tender, final = called(play, lot)
    schedule(play, tender, final, "2026-09-11T15:00")
    play.post("agency", f"/api/tenders/{tender}/publish")
    return tender, final


def decided(play: Play, final: str, winner: str, points: dict[str, str]) -> None:
    """From opened final offers to the award: the group votes and scores, the purchaser's side decides."""
    sit(play, final)
    vote(play, final, "period")
    score(play, final, points)
    play.go_to("2026-09-14T10:00")
    play.post("agency", f"/api/lots/{final}/award/handover")
    play.post("tenderer", f"/api/lots/{final}/award", {"bid_id": bids_of(play, final)[winner]})


def manifest(play: Play, lot: str) -> KeyManifest:
    with play.scene.platform.db.read() as tx:
        return key_manifest_body(tx, lot)


DATES = {"published": "2026-09-01T09:00", "deadline": "2026-09-11T09:30"}


def test_a_consultation_is_led_from_its_notice_to_the_award_with_two_sealed_intakes(
    platform: Platform, tmp_path: Path
) -> None:
    """Ten days from the notice to the first responses (G04 of a consultation); the final offers on the same day."""
    with playing(platform, tmp_path, rule_set="gp-2026", content=CONTENT, **DATES) as play:
        (lot,) = play.lots
        play.scene.submit_all(*BIDDERS, lot=lot)
        early = refused(play, "agency", f"/consultation/{lot}/call")
        play.close()
        tender, final = final_round(play, lot, *BIDDERS[:3], out="bidder-4")
        to_offer = {who: asked(play, who) for who in BIDDERS}
        foreign = {
            path: foreign_words(play, who, path)
            for who, path in (
                ("bidder-1", f"/lots/{lot}/opening"),
                ("bidder-1", f"/consultation/{lot}/mine"),
                ("agency", f"/consultation/{lot}"),
                ("agency", f"/tenders/{tender}"),
                ("bidder-1", f"/tenders/{tender}"),
                ("bidder-1", f"/lots/{final}/bid"),
                (GROUP[0], f"/review/{lot}"),
                (GROUP[0], f"/evaluation/{lot}/session"),
            )
        }
        stranger = refusal(play, "bidder-4", final)
        play.scene.submit_all("bidder-1", "bidder-2", "bidder-3", lot=final)
        unopened = (hall(play, final), bids_of(play, final))
        with pytest.raises(Refused) as before:
            play.scene.share_release(1, lot=final)
        play.close(final)
        late = refusal(play, "bidder-1", final)
        play.open(final)
        shown = [hall(play, one) for one in (lot, final)]
        decided(play, final, "bidder-2", {"bidder-1": "40.00", "bidder-2": "45.00", "bidder-3": "30.00"})
        notice, result = play.notices()
        foreign |= {
            path: foreign_words(play, "tenderer", path)
            for path in (
                f"/evaluation/{final}/result",
                f"/award/{final}",
                f"/lots/{final}/opening",
                f"/notices/{notice.id}",
                f"/notices/{result.id}",
            )
        }
        states = [play.state(one) for one in (lot, final)]
        with platform.db.read() as tx:
            public = due_to_publish(tx)
            group = [(one.user_id, one.leader) for one in committees.active_seats(tx, final)]
        read_out = [one["data"]["summary"] for one in events(play.scene, "opening.bid_read_out")]

    assert "财库〔2014〕214号 art. 21" in early
    assert to_offer == {
        **{who: ["Submit your final offer for 第1标段"] for who in BIDDERS[:3]},
        "bidder-4": [],
    }
    assert stranger == (
        "Final offers are taken only of suppliers that remained in the consultation (财库〔2014〕214号 art. 21)."
    )
    assert {path: words for path, words in foreign.items() if words} == {}
    assert unopened == ([], {})
    assert before.value.problem["code"] == "E_NOT_FOUND"  # nothing is there to be opened before T
    assert late.endswith("the response or final offer is not received (财库〔2014〕214号 art. 13, 21).")
    assert shown == [[("", None, None)] * 4, [("", None, None)] * 3]
    assert read_out == [{}] * 7
    assert group == [("expert-1", True), ("expert-2", False), ("expert-3", False)]
    assert (notice.kind, result.kind, states) == ("consultation", "result", ["consulted", "awarded"])
    assert (result.fields["winner"], result.fields["price_fen"]) == ("东坝河工集团有限公司", 9_900_000_00)
    assert public == []


@pytest.mark.parametrize("backend", ["sqlite"])
def test_fewer_than_three_final_offers_end_the_purchase_unopened(platform: Platform, tmp_path: Path) -> None:
    """Two of the three who remain hand in a final offer: nothing is opened, and everybody reads why."""
    with playing(platform, tmp_path, rule_set="gp-2026", content=CONTENT, **DATES) as play:
        (lot,) = play.lots
        play.scene.submit_all(*BIDDERS, lot=lot)
        play.close()
        tender, final = final_round(play, lot, *BIDDERS[1:], out="bidder-1")
        play.scene.submit_all("bidder-2", "bidder-3", lot=final)
        play.close(final)
        state, bids = play.state(final), bids_of(play, final)
        failed = play.notices()[-1]
        play.submit(f"/tenders/{tender}/again", "agency", **{f"lot-{final}": "yes"})
        with platform.db.read() as tx:
            again = msgspec.convert(tx.scalars(select(Draft)).one().data, DraftAnswers)

    assert (state, bids) == ("failed", {})
    assert (again.procedure, again.method, again.previous) == ("consultation", "open", [final])
    assert (again.title, again.lots[0].deposit) == ("东坝堤防加固工程施工招标", "200000.00")
    assert failed.kind == "failed"
    assert failed.fields["reason"] == (
        "至截止时间，提交最后报价的供应商为 2 家，少于 3 家，"
        "依据财库〔2014〕214号第21条、第34条终止本次竞争性磋商采购活动。"
    )


@pytest.mark.parametrize("backend", ["sqlite"])
def test_research_is_bought_of_two_suppliers_and_never_of_one(platform: Platform, tmp_path: Path) -> None:
    """214号 art. 3 (4), 21, 25, 34: two are enough from the first responses to the candidates, in both rounds."""
    two = BIDDERS[:2]
    with playing(platform, tmp_path, rule_set="gp-2026", content=RESEARCH, lots=2, **DATES) as play:
        lot, other = play.lots
        for one in play.lots:
            play.scene.submit_all(*two, lot=one)
        play.close()
        _, final = final_round(play, lot, *two)
        _, lonely = final_round(play, other, *two)
        play.scene.submit_all(*two, lot=final)
        play.scene.submit_all("bidder-1", lot=lonely)
        play.close(final, lonely)
        signed = [manifest(play, one).policy.opens_from for one in (lot, final)]
        play.open(final)
        decided(play, final, "bidder-2", {"bidder-1": "40.00", "bidder-2": "45.00"})
        notice, failed, result = play.notices()
        states = [play.state(one) for one in (lot, other, final, lonely)]
        unopened = bids_of(play, lonely)

    ground = (
        "属于市场竞争不充分的科研项目或者需要扶持的科技成果转化项目（财库〔2014〕214号第3条第4项），采用竞争性磋商方式采购。"
        "提交首次响应文件的供应商、磋商后符合要求的供应商、提交最后报价的供应商、推荐的成交候选供应商均不得少于2家"
        "（财库〔2014〕214号第3条、第21条、第34条）。"
    )
    assert signed == [2, 2]
    assert states == ["consulted", "consulted", "awarded", "failed"]
    assert (notice.fields["ground"], result.fields["ground"]) == (ground, ground)
    assert (result.fields["winner"], result.fields["price_fen"]) == ("东坝河工集团有限公司", 9_900_000_00)
    assert (failed.fields["reason"], unopened) == (
        "至截止时间，提交最后报价的供应商为 1 家，少于 2 家，"
        "依据财库〔2014〕214号第3条、第21条、第34条终止本次竞争性磋商采购活动。",
        {},
    )
