"""The check of the seals: a receipt that the set honours is no objection, a missing bid stops every release."""

from __future__ import annotations

from datetime import timedelta

import msgspec
from scene import Scene
from scene_facts import events, read_receipt, refused, verdict
from sqlalchemy import delete, update

from bidding_docs import dsse
from bidding_docs.sealing import SealedBid
from trading.bidding.models import Bid

Sealed = dict[str, SealedBid]


def lose(scene: Scene, sealed: SealedBid) -> None:
    """What only somebody with the whole database can do: a received bid is made to vanish."""
    with scene.platform.db.transaction() as tx:
        tx.execute(delete(Bid).where(Bid.manifest_sha256 == sealed.manifest_sha256))


def objected(scene: Scene, bidder: str, receipt: bytes) -> dict[str, object]:
    path = f"/api/lots/{scene.lot}/objections"
    return refused(scene, bidder, "POST", path, json={"receipt": receipt.decode()})


def test_an_honoured_receipt_and_one_that_was_replaced_are_no_objection(scene: Scene, sealed: Sealed) -> None:
    old = (sealed["bidder-1"].folder / "receipt.json").read_bytes()
    new = scene.submit("bidder-1", scene.seal("bidder-1", after=sealed["bidder-1"]))
    scene.close()

    problems = [objected(scene, "bidder-1", receipt) for receipt in (old, new)]

    assert [verdict(one) for one in problems] == [(409, "E_OBJECTION_UNFOUNDED")] * 2


def test_neither_the_receipt_of_a_withdrawn_bid_nor_of_its_withdrawal_is_an_objection(
    scene: Scene, sealed: Sealed
) -> None:
    bid = scene.seal("bidder-4")
    receipt = scene.submit("bidder-4", bid)
    withdrawn = scene.withdraw("bidder-4", bid)
    scene.close()

    problems = [objected(scene, "bidder-4", one) for one in (receipt, withdrawn)]

    assert [verdict(one) for one in problems] == [(409, "E_OBJECTION_UNFOUNDED")] * 2


def test_another_s_or_a_forged_receipt_is_refused(scene: Scene, sealed: Sealed) -> None:
    theirs = (sealed["bidder-2"].folder / "receipt.json").read_bytes()
    body = msgspec.structs.replace(read_receipt(scene, theirs), bidder_id=scene.uscc("bidder-4"))
    forged = dsse.sign_document(body, [scene.city.signers["bidder-4"]])
    scene.close()

    problems = [
        objected(scene, "bidder-1", theirs),
        objected(scene, "bidder-4", forged),
        objected(scene, "bidder-1", b"{}"),
        refused(
            scene, "agency", "POST", f"/api/lots/{scene.lot}/objections", json={"receipt": theirs.decode()}
        ),
    ]

    assert [verdict(one) for one in problems] == [
        (404, "E_NOT_FOUND"),
        (422, "E_MANIFEST_SIG"),
        (422, "E_SCHEMA"),
        (403, "E_FORBIDDEN"),
    ]


def test_a_missing_bid_stops_custodians_and_gate_until_the_objection_is_answered(
    scene: Scene, sealed: Sealed
) -> None:
    lost = scene.seal("bidder-4")
    receipt = scene.submit("bidder-4", lost)
    lose(scene, lost)
    scene.close()
    assert scene.check_seals() == []
    scene.release(1)
    path = f"/api/lots/{scene.lot}"

    made = scene.person("bidder-4").post(f"{path}/objections", {"receipt": receipt.decode()})["id"]
    second = dsse.sign_document(scene.share_release(2), [scene.city.signers["tenderer"]]).decode()
    stopped = refused(scene, "tenderer", "POST", f"{path}/share-releases", json={"envelope": second})
    opened_early = scene.open_gate()
    outsider = refused(scene, "bidder-4", "POST", f"/api/objections/{made}/answer", json={"text": "…"})
    scene.person("centre").post(f"/api/objections/{made}/answer", {"text": "已核实，另行处理。"})
    scene.person("tenderer").post(f"{path}/share-releases", {"envelope": second})

    assert verdict(stopped) == (409, "E_SEAL_OBJECTION")
    assert verdict(outsider) == (403, "E_FORBIDDEN")
    assert not opened_early
    assert scene.open_gate()
    assert [len(events(scene, f"opening.{kind}")) for kind in ("objected", "objection_answered")] == [1, 1]


def test_an_objection_after_two_releases_still_stops_the_gate(scene: Scene, sealed: Sealed) -> None:
    lost = scene.seal("bidder-4")
    receipt = scene.submit("bidder-4", lost)
    lose(scene, lost)
    scene.close()
    scene.check_seals()
    scene.release(1, 2)

    scene.person("bidder-4").post(f"/api/lots/{scene.lot}/objections", {"receipt": receipt.decode()})

    assert not scene.open_gate()
    late = refused(scene, "centre", "POST", "/api/objections/none/answer", json={"text": "无"})
    assert verdict(late) == (404, "E_NOT_FOUND")


def test_after_the_gate_has_opened_there_is_nothing_to_object_to(scene: Scene, waiting: Sealed) -> None:
    scene.release(1, 2)
    assert scene.open_gate()

    problem = objected(scene, "bidder-1", (waiting["bidder-1"].folder / "receipt.json").read_bytes())

    assert verdict(problem) == (409, "E_STATE")


def test_an_older_bid_put_back_into_the_set_is_an_objection(scene: Scene, sealed: Sealed) -> None:
    newer = scene.seal("bidder-1", after=sealed["bidder-1"])
    receipt = scene.submit("bidder-1", newer)
    with scene.platform.db.transaction() as tx:
        later = scene.now() + timedelta(0)
        tx.execute(
            update(Bid)
            .where(Bid.manifest_sha256 == newer.manifest_sha256)
            .values(kind="bid", seq=0, received_at=later)
        )
    scene.close()

    made = scene.person("bidder-1").post(f"/api/lots/{scene.lot}/objections", {"receipt": receipt.decode()})

    assert set(made) == {"id"}
    assert scene.hall()["eligible_count"] == 3
