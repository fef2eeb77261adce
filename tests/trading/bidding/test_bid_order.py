"""Replacing and withdrawing: the highest number before the deadline wins, and only its owner's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from scene import Scene
from scene_city import BIDDERS, certified
from scene_facts import events, read_receipt, read_refusal, refused, verdict
from submissions import KEY, Ready, ready

from bidding_docs import dsse
from bidding_docs import manifests as m
from trading.bidding import sending
from trading.client import Refused


def withdrawal(scene: Scene, bidder: str, **changes: object) -> dict[str, str]:
    manifest, signer = scene.key_manifest(), scene.city.signers[bidder]
    body = m.BidWithdraw(
        tender_id=manifest.document.tender_id,
        lot_id=manifest.document.lot_id,
        round=1,
        key_manifest_sha256=manifest.sha256,
        bidder_id=scene.uscc(bidder),
        cert_sha256=signer.keyid,
        seq=2,
        withdraws="0" * 64,
    )
    envelope = dsse.sign_document(msgspec.structs.replace(body, **changes), [signer])
    return {"envelope": envelope.decode(), "idempotency_key": KEY + "-w"}


def test_only_the_last_bid_of_each_is_closed_and_a_withdrawn_one_is_not(scene: Scene) -> None:
    sealed = scene.submit_all(*BIDDERS)
    replaced = scene.seal("bidder-1", after=sealed["bidder-1"])
    scene.submit("bidder-1", replaced)
    scene.withdraw("bidder-4", sealed["bidder-4"])

    scene.close()

    counted = {bid["manifest_sha256"] for bid in scene.hall()["bids"]}
    assert counted == {replaced.manifest_sha256, *(sealed[b].manifest_sha256 for b in BIDDERS[1:3])}


def test_after_a_withdrawal_the_bidder_may_bid_again_with_the_next_number(scene: Scene) -> None:
    first = scene.submit_all("bidder-1")["bidder-1"]
    withdrawn = read_receipt(scene, scene.withdraw("bidder-1", first))
    again = ready(scene, "bidder-1")
    envelope = again.resigned(seq=3, supersedes=withdrawn.manifest_sha256)

    assert scene.person("bidder-1").get(f"/api/lots/{scene.lot}/my-bid")["state"] == "withdrawn"
    raw = (
        scene.person("bidder-1")
        .call("POST", f"/api/lots/{scene.lot}/bids", json=again.body(envelope))
        .content
    )

    assert read_receipt(scene, raw).seq == 3
    assert [len(events(scene, kind)) for kind in ("bid.submitted", "bid.withdrawn")] == [2, 1]


def test_a_bid_that_does_not_follow_the_last_one_is_refused(scene: Scene) -> None:
    first = scene.submit_all("bidder-1")["bidder-1"]
    next_one = ready(scene, "bidder-1", after=first)
    path = f"/api/lots/{scene.lot}/bids"
    wrong = (
        {"seq": 1, "supersedes": None},
        {"seq": 3, "supersedes": first.manifest_sha256},
        {"seq": 2, "supersedes": "0" * 64},
    )

    problems = [
        refused(scene, "bidder-1", "POST", path, json=next_one.body(next_one.resigned(**changes)))
        for changes in wrong
    ]

    assert [verdict(one) for one in problems] == [(409, "E_SEQ")] * 3
    assert {read_refusal(scene, one).code for one in problems} == {"E_SEQ"}


def test_a_fresh_certificate_does_not_displace_a_bid(scene: Scene) -> None:
    first = scene.submit_all("bidder-1")["bidder-1"]
    with scene.platform.db.transaction() as tx:
        fresh = certified(tx, scene.platform, "bidder-1")
    attacker = ready(scene, "bidder-1", after=first, signer=fresh)

    problem = refused(
        scene, "bidder-1", "POST", f"/api/lots/{scene.lot}/bids", json=attacker.body(attacker.sealed.envelope)
    )

    assert verdict(problem) == (422, "E_CERT")


def test_a_withdrawal_of_nothing_of_another_bid_or_too_late_is_refused(scene: Scene) -> None:
    path = f"/api/lots/{scene.lot}/withdrawals"
    nothing = refused(scene, "bidder-1", "POST", path, json=withdrawal(scene, "bidder-1", seq=1))
    mine = scene.submit_all("bidder-1", "bidder-2")
    rival = withdrawal(scene, "bidder-1", withdraws=mine["bidder-2"].manifest_sha256)
    forged = withdrawal(
        scene, "bidder-1", withdraws=mine["bidder-2"].manifest_sha256, bidder_id=scene.uscc("bidder-2")
    )
    right = withdrawal(scene, "bidder-1", withdraws=mine["bidder-1"].manifest_sha256)

    of_another = refused(scene, "bidder-1", "POST", path, json=rival)
    as_another = refused(scene, "bidder-1", "POST", path, json=forged)
    scene.move_clock(hours=1)
    late = refused(scene, "bidder-1", "POST", path, json=right)

    problems = (nothing, of_another, as_another, late)
    assert [verdict(one) for one in problems] == [
        (409, "E_SEQ"),
        (409, "E_SEQ"),
        (422, "E_CERT_NAME"),
        (409, "E_LATE"),
    ]
    assert [read_refusal(scene, one).code for one in problems] == [one["code"] for one in problems]


def test_a_withdrawal_sent_twice_gives_the_same_receipt(scene: Scene) -> None:
    first = scene.submit_all("bidder-1")["bidder-1"]
    body = withdrawal(scene, "bidder-1", withdraws=first.manifest_sha256)
    person, path = scene.person("bidder-1"), f"/api/lots/{scene.lot}/withdrawals"

    receipts = {person.call("POST", path, json=body).content for _ in range(2)}
    scene.move_clock(hours=1)
    receipts.add(person.call("POST", path, json=body).content)

    assert len(receipts) == 1


def test_two_requests_at_once_with_the_same_key_get_the_same_receipt(scene: Scene, mine: Ready) -> None:
    person, path = scene.person("bidder-1"), f"/api/lots/{scene.lot}/bids"

    with ThreadPoolExecutor(4) as pool:
        sent = [pool.submit(person.call, "POST", path, json=mine.body()) for _ in range(4)]

    assert len({one.result().content for one in sent}) == 1
    assert len(events(scene, "bid.submitted")) == 1


def test_of_two_first_bids_at_once_one_is_received_and_one_is_told_the_order(
    scene: Scene, mine: Ready
) -> None:
    other = ready(scene, "bidder-1")
    person, path = scene.person("bidder-1"), f"/api/lots/{scene.lot}/bids"

    def attempt(body: dict[str, str]) -> int | str:
        try:
            return person.call("POST", path, json=body).status_code
        except Refused as refused:
            return str(refused.problem["code"])

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(attempt, [mine.body(), other.body(idempotency_key=KEY + "-other")]))

    assert sorted(map(str, answers)) == ["201", "E_SEQ"]


def test_the_command_line_gets_the_lost_receipt_also_after_the_deadline(scene: Scene) -> None:
    sealed = scene.seal("bidder-1")
    receipt = scene.submit("bidder-1", sealed)
    (sealed.folder / sending.RECEIPT).unlink()
    scene.move_clock(hours=1)

    sending.submit(scene.person("bidder-1"), sealed.folder)

    assert (sealed.folder / sending.RECEIPT).read_bytes() == receipt
    with pytest.raises(Refused, match="E_LATE"):
        sending.submit(scene.person("bidder-2"), scene.seal("bidder-2").folder)
