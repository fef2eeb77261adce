"""Two envelopes: the price stays sealed until the committee's signed result is in the log, and of losers for ever."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from scene import Scene
from scene_city import BIDDERS, EXPERTS, answers, two_envelopes
from scene_committee import check_prices, evaluate, fix, signed_by
from scene_facts import events, refused, verdict
from sqlalchemy import select

from bidding_docs import dsse
from bidding_docs import manifests as m
from bidding_docs import opening as bs1
from bidding_docs.codes import BadSchema, BidsRoot, TooEarly
from bidding_docs.encoding import encode
from bidding_docs.sealing import SealedBid
from govcore.certificates.queries import certificate_holder
from govcore.errors import Problem
from govcore.notify.models import InboxMessage
from trading import client
from trading.bidding import sealing
from trading.client import Refused
from trading.evaluation.signing import sign_technical_result
from trading.evaluation.tasks import complete_one
from trading.gate.port import gate_of
from trading.gate.schemas import Scope
from trading.opening.gate import evidence_for
from trading.opening.models import GateRelease, PartKey
from trading.tender.models import CustodianKey

Sealed = dict[str, SealedBid]


def open_first(scene: Scene) -> Sealed:
    sealed = scene.submit_all(*BIDDERS)
    scene.open_all(1, 3)
    return sealed


@pytest.fixture
def scene(scene_of: Callable[..., Scene], request: pytest.FixtureRequest) -> Scene:
    begun = "read_out" in request.fixturenames
    return scene_of(two_envelopes(technical_min=30), open_first if begun else None)


@pytest.fixture
def read_out(scene: Scene) -> Sealed:
    """Four bids; the first stage is read out and recorded."""
    return scene.sealed


def scores(sealed: Sealed) -> dict[str, str]:
    return {
        bid.manifest_sha256: "20" if bidder == "bidder-4" else str(50 - n)
        for n, (bidder, bid) in enumerate(sealed.items())
    }


def prices(scene: Scene) -> dict[str, int | None]:
    return {bid["manifest_sha256"]: bid["price_fen"] for bid in scene.hall()["bids"]}


def hall_page(scene: Scene) -> str:
    return scene.person("stranger").call("GET", f"/lots/{scene.lot}/opening").text


def record_digest(scene: Scene, stage: str) -> str:
    pdf = scene.person("stranger").call("GET", f"/lots/{scene.lot}/opening/record.pdf{stage}").content
    return hashlib.sha256(pdf).hexdigest()


def parts_with_keys(scene: Scene) -> set[str]:
    with scene.platform.db.read() as tx:
        return set(tx.scalars(select(PartKey.part)))


def told_of_prices(scene: Scene) -> list[str]:
    """Who has a message that the second envelopes' prices were read out."""
    with scene.platform.db.read() as tx:
        query = select(InboxMessage.user_id).where(InboxMessage.about == f"opening.prices/{scene.lot}")
        return sorted(tx.scalars(query))


def test_the_price_is_read_out_in_a_second_stage_for_those_who_passed(scene: Scene, read_out: Sealed) -> None:
    assert set(prices(scene).values()) == {None}
    assert parts_with_keys(scene) == {"summary", "deposit", "technical"}
    assert "技术评审结果确定前，报价保持密封。" in hall_page(scene)
    evaluate(scene, scores(read_out))

    fix(scene)
    first = scene.hall()
    in_second = hall_page(scene)
    scene.check_seals()
    scene.release(1, 2)
    assert scene.open_gate()
    before, untold = prices(scene), told_of_prices(scene)
    scene.read_out()
    scene.write_record()

    assert (first["state"], first["opens"], len(first["past"])) == ("sealed", "technical-fixed", 1)
    assert set(before.values()) == {None}
    assert (untold, told_of_prices(scene)) == ([], sorted(read_out))
    assert prices(scene) == {
        bid.manifest_sha256: None if bidder == "bidder-4" else 10_000_000_00 - n * 100_000_00
        for n, (bidder, bid) in enumerate(read_out.items())
    }
    last = scene.hall()
    assert (last["state"], last["past"][0]["opens"]) == ("recorded", "opening")
    assert ("第二信封：报价" in in_second, "第一信封：已唱标" in in_second) == (True, True)
    digests = [last["past"][0]["record_sha256"], last["record_sha256"]]
    assert [record_digest(scene, stage) for stage in ("?stage=opening", "")] == digests
    assert {bid["state"] for bid in last["bids"]} == {"opened"}
    with scene.platform.db.read() as tx:
        released = tx.scalars(select(GateRelease.opens).order_by(GateRelease.opens)).all()
        kept = tx.scalars(select(CustodianKey.opens).where(CustodianKey.destroyed_at.is_(None))).all()
    assert (released, kept) == (["opening", "technical-fixed"], [])


def test_the_gate_wants_the_committee_s_own_signed_result(scene: Scene, read_out: Sealed) -> None:
    evaluate(scene, scores(read_out))
    fix(scene)
    scene.check_seals()
    scene.release(1, 2)
    scene.write_log()
    platform, lot = scene.platform, scene.lot
    with platform.db.read() as tx:
        true = evidence_for(tx, platform, lot, "technical-fixed")
    scope = Scope(tender_id=scene.city.tender_id, lot_id=lot, round=1)
    payload = dsse.Envelope.decode(str(true.technical_result).encode()).payload
    every = tuple(bid.manifest_sha256 for bid in read_out.values())
    result = msgspec.structs.replace(m.parse(payload, m.TechnicalResult), passed=every, failed=())
    forged = signed_by(scene, encode(result), EXPERTS[0])["envelope"]
    with platform.db.read() as tx:
        (keyid,) = dsse.keyids_of(forged.encode())
        holder = certificate_holder(tx, keyid)
    assert holder is not None
    changes = {
        "no result": msgspec.structs.replace(true, technical_result=None),
        "an unsigned one": msgspec.structs.replace(true, committee=[]),
        "another one": msgspec.structs.replace(true, technical_result=forged, committee=[holder.der]),
    }
    found = {}

    for name, evidence in changes.items():
        with pytest.raises(Problem) as caught:
            gate_of(platform, "local").release(scope, "technical-fixed", evidence)
        found[name] = caught.value.code

    assert found == {"no result": "E_MANIFEST_SIG", "an unsigned one": "E_CERT", "another one": "E_SCHEMA"}
    assert scene.open_gate()


def test_the_price_part_of_a_bid_that_failed_is_never_opened(scene: Scene, read_out: Sealed) -> None:
    evaluate(scene, scores(read_out))
    fix(scene)
    scene.check_seals()
    loser = read_out["bidder-4"].manifest_sha256

    released = [scene.share_release(index) for index in (1, 2, 3)]
    for index, body in enumerate(released, 1):
        scene.hand_in(index, body)
    assert scene.open_gate()
    scene.read_out()

    assert all({one.part for one in body.releases} == {"price"} for body in released)
    assert loser not in {one.manifest_sha256 for body in released for one in body.releases}
    number = next(bid["number"] for bid in scene.hall()["bids"] if bid["manifest_sha256"] == loser)
    path = f"/api/lots/{scene.lot}/bids/{number}/parts/price"
    assert verdict(refused(scene, "regulator", "GET", path)) == (404, "E_NOT_FOUND")
    scene.write_record()
    assert not complete_one(scene.platform, scene.lot)
    check_prices(scene)
    assert complete_one(scene.platform, scene.lot)
    outcomes = scene.person("tenderer").get(f"/api/lots/{scene.lot}/evaluation")["outcomes"]
    assert [(one["invalid"], one["price_fen"]) for one in outcomes if one["rank"] is None] == [
        ("technical", None)
    ]
    assert [one["rank"] for one in outcomes] == [1, 2, 3, None]


def test_nothing_of_the_second_stage_moves_before_the_result_is_fixed(scene: Scene, read_out: Sealed) -> None:
    early = scene.share_release(1)
    asking = msgspec.structs.replace(early, opens="technical-fixed", releases=())
    raw = dsse.sign_document(asking, [scene.city.signers["centre"]]).decode()

    problem = refused(
        scene, "centre", "POST", f"/api/lots/{scene.lot}/share-releases", json={"envelope": raw}
    )
    unlocked = refused(scene, EXPERTS[0], "GET", f"/api/lots/{scene.lot}/technical-result")

    assert verdict(problem) == (409, "E_STATE")
    assert verdict(unlocked) == (404, "E_NOT_FOUND")
    assert not scene.open_gate()
    assert not complete_one(scene.platform, scene.lot)
    evaluate(scene, scores(read_out))
    assert not complete_one(scene.platform, scene.lot)


def test_a_custodian_s_own_checks_refuse_a_second_stage_that_the_log_does_not_begin(
    scene: Scene, read_out: Sealed
) -> None:
    evaluate(scene, scores(read_out))
    fix(scene)
    rules = scene.key_manifest().document
    (event,) = events(scene, "evaluation.technical_fixed")
    fixed = msgspec.json.encode(event)
    (closed,) = events(scene, "tender.closed")
    closing = m.digest(msgspec.json.encode(closed))

    def passed(**changes: Any) -> tuple[str, ...]:
        data = {**event["data"], **changes}
        raw = msgspec.json.encode({**event, "data": data})
        return bs1.bids_that_passed(raw, rules, tender_closed_sha256=closing)

    assert bs1.bids_that_passed(fixed, rules, tender_closed_sha256=closing) == tuple(event["data"]["passed"])
    for changes in ({"lot_id": "another"}, {"round": 2}, {"tender_closed_sha256": "0" * 64}):
        with pytest.raises(BadSchema):
            passed(**changes)
    with pytest.raises(BadSchema):
        bs1.bids_that_passed(msgspec.json.encode(closed), rules, tender_closed_sha256=closing)
    assert "expert" not in fixed.decode()
    assert not any(scene.uscc("bidder-1") in str(value) for value in event["data"].values())


@pytest.mark.parametrize(("passed", "problem"), [(None, TooEarly), (("0" * 64,), BidsRoot)])
def test_a_second_stage_without_its_bids_or_with_a_foreign_one_releases_nothing(
    scene: Scene, read_out: Sealed, monkeypatch: pytest.MonkeyPatch, passed: object, problem: type[Exception]
) -> None:
    evaluate(scene, scores(read_out))
    fix(scene)
    monkeypatch.setattr(scene, "_passed", lambda *_: passed, raising=False)

    with pytest.raises(problem):
        scene.share_release(1)


def test_the_result_is_refused_unsigned_by_the_leader_altered_or_by_strangers(
    scene: Scene, read_out: Sealed
) -> None:
    evaluate(scene, scores(read_out))
    path = f"/api/lots/{scene.lot}/technical-result"
    payload = scene.person(EXPERTS[0]).call("GET", path).content
    result = msgspec.json.decode(payload, type=m.TechnicalResult)
    everybody = msgspec.structs.replace(result, passed=(*result.passed, *result.failed), failed=())
    attempts = [
        signed_by(scene, payload, EXPERTS[1]),
        signed_by(scene, payload, "stranger"),
        signed_by(scene, encode(everybody), EXPERTS[0]),
    ]

    problems = [refused(scene, EXPERTS[0], "POST", path, json=one) for one in attempts]
    outsider = refused(scene, "stranger", "GET", path)

    assert [verdict(one) for one in problems] == [
        (422, "E_MANIFEST_SIG"),
        (422, "E_CERT"),
        (422, "E_SCHEMA"),
    ]
    assert verdict(outsider) == (403, "E_FORBIDDEN")
    fix(scene, *EXPERTS[1:], EXPERTS[0])
    assert scene.hall()["opens"] == "technical-fixed"
    with pytest.raises(Refused) as again:
        scene.person(EXPERTS[0]).post(path, attempts[2])
    assert again.value.problem["code"] == "E_SCHEMA"


def test_one_file_of_answers_is_split_into_the_envelopes_that_ask_for_them(scene: Scene) -> None:
    found = sealing._answers(scene.person("bidder-1"), scene.lot, answers(5_000_00))

    assert sorted(found) == ["price", "summary"]
    assert found["price"] == b'{"price_fen":500000}'
    assert b"price_fen" not in found["summary"]


def test_the_leader_signs_with_the_command_line(scene: Scene, read_out: Sealed, tmp_path: Path) -> None:
    evaluate(scene, scores(read_out))
    leader = scene.person(EXPERTS[0])
    client.enrol(leader, tmp_path / "keys", "passphrase of the leader")

    result = sign_technical_result(
        leader, client.signer(tmp_path / "keys", "passphrase of the leader"), scene.lot, agreed=lambda _: True
    )

    assert (len(result.passed), len(result.failed)) == (3, 1)
    assert scene.hall()["opens"] == "technical-fixed"
