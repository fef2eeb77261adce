"""Before T nobody and nothing opens a bid, and nobody learns that there is one."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from scene import Scene
from scene_city import PEOPLE, SEATS
from scene_facts import events, facts, refused, verdict

from bidding_docs import dsse
from bidding_docs import manifests as m
from bidding_docs.sealing import SealedBid
from trading.gate.models import GateScope
from trading.tender.models import GateKey

Sealed = dict[str, SealedBid]


def empty_release(scene: Scene, index: int) -> dict[str, str]:
    manifest = scene.key_manifest()
    body = m.ShareRelease(
        tender_id=scene.city.tender_id,
        lot_id=scene.lot,
        round=1,
        key_manifest_sha256=manifest.sha256,
        custodian=index,
        opens="opening",
        tender_closed_sha256="0" * 64,
        releases=(),
    )
    return {"envelope": dsse.sign_document(body, [scene.city.signers[SEATS[index - 1]]]).decode()}


def test_before_the_deadline_the_hall_is_the_same_with_bids_and_without(scene: Scene, sealed: Sealed) -> None:
    with_bids, without = scene.hall(), scene.hall(scene.city.lots[1])

    for hall in (with_bids, without):
        hall.pop("lot_id")
    assert with_bids == without
    assert (with_bids["bids"], with_bids["eligible_count"], with_bids["bids_root"]) == ([], None, None)


def test_before_the_deadline_no_sweep_does_anything(
    scene: Scene, sealed: Sealed, sweep: Callable[[], None]
) -> None:
    before = facts(scene)

    sweep()
    opened = scene.open_gate()

    assert facts(scene) == before
    assert not opened


def test_before_the_deadline_nobody_gets_a_bundle_or_hands_in_a_share(scene: Scene, sealed: Sealed) -> None:
    path = f"/api/lots/{scene.lot}"

    for user, (_, roles) in PEOPLE.items():
        bundle = refused(scene, user, "GET", f"{path}/bundle")
        share = refused(scene, user, "POST", f"{path}/share-releases", json=empty_release(scene, 1))
        seat = user in SEATS
        custodian = "custodian" in roles
        assert verdict(bundle) == ((404, "E_NOT_FOUND") if custodian else (403, "E_FORBIDDEN"))
        assert share["code"] == ("E_TOO_EARLY" if seat else "E_NOT_FOUND" if custodian else "E_FORBIDDEN")
        if user.startswith("bidder"):
            objection = refused(scene, user, "POST", f"{path}/objections", json={"receipt": "{}"})
            assert verdict(objection) == (409, "E_STATE")
    assert verdict(refused(scene, "centre", "GET", f"{path}/opening/record.pdf")) == (404, "E_NOT_FOUND")
    public = refused(scene, "centre", "GET", f"{path}/bids/1/parts/summary")
    assert verdict(public) == (404, "E_NOT_FOUND")


def test_while_the_seals_are_checked_no_share_is_taken(scene: Scene, sealed: Sealed) -> None:
    scene.close()
    scene.lengthen_check()
    body = scene.share_release(1)
    raw = dsse.sign_document(body, [scene.city.signers["centre"]]).decode()

    problem = refused(
        scene, "centre", "POST", f"/api/lots/{scene.lot}/share-releases", json={"envelope": raw}
    )

    assert verdict(problem) == (409, "E_TOO_EARLY")
    assert not scene.open_gate()


def test_one_custodian_alone_opens_nothing_however_long_it_waits(
    scene: Scene, waiting: Sealed, sweep: Callable[[], None]
) -> None:
    scene.release(2)
    scene.move_clock(minutes=10)
    sweep()
    before = facts(scene)

    for _ in range(3):
        scene.move_clock(minutes=10)
        sweep()

    assert facts(scene) == before
    said = [(one["data"]["code"], one["data"]["have"]) for one in events(scene, "opening.suspended")]
    assert said == [("E_QUORUM", 1)]
    assert scene.hall()["state"] == "sealed"
    assert not scene.open_gate()


def test_two_custodians_open_nothing_while_the_store_is_unchecked(scene: Scene, sealed: Sealed) -> None:
    scene.close()
    scene.move_clock(seconds=3)
    scene.release(1, 2)

    assert not scene.open_gate()
    assert scene.check_seals() == []
    assert scene.open_gate()


def test_sweeps_that_come_twice_or_at_once_open_everything_once(
    scene: Scene, waiting: Sealed, sweep: Callable[[], None]
) -> None:
    scene.release(1, 3)

    for _ in range(6):
        sweep()
        scene.move_clock(seconds=1)

    assert scene.hall()["state"] == "recorded"
    for name in ("tender.closed", "store.verified", "gate.released", "opening.read_out", "opening.recorded"):
        assert [event["subject"] for event in events(scene, name)].count(scene.lot) == 1
    assert len(events(scene, "opening.bid_read_out")) == 3


def test_fewer_than_three_bids_open_nothing_and_the_gate_s_key_is_destroyed(
    scene: Scene, sweep: Callable[[], None]
) -> None:
    scene.submit_all("bidder-1", "bidder-2")
    scene.move_clock(hours=1, seconds=5)

    for _ in range(3):
        sweep()

    hall = scene.hall()
    assert (hall["state"], hall["eligible_count"], hall["bids"]) == ("failed", 2, [])
    failed = [event["data"] for event in events(scene, "tender.failed") if event["subject"] == scene.lot]
    assert [(data["eligible_count"], data["needed"]) for data in failed] == [(2, 3)]
    with scene.platform.db.read() as tx:
        key = tx.get_one(GateScope, (scene.lot, 1, "opening"))
        known = tx.get_one(GateKey, (scene.lot, "opening"))
    assert (key.wrapped, key.destroyed_at) == (None, known.destroyed_at)
    assert len([one for one in events(scene, "keys.destroyed") if one["subject"] == scene.lot]) == 1
    scene.move_clock(seconds=5)
    share = refused(
        scene, "centre", "POST", f"/api/lots/{scene.lot}/share-releases", json=empty_release(scene, 1)
    )
    assert verdict(share) == (409, "E_STATE")
    assert not scene.open_gate()


def test_a_release_after_the_read_out_is_refused_and_a_repeated_one_is_harmless(
    scene: Scene, waiting: Sealed
) -> None:
    first, third = scene.share_release(1), scene.share_release(3)
    scene.hand_in(1, first)
    scene.release(2)
    scene.hand_in(1, first)
    assert scene.open_gate()
    scene.read_out()

    scene.hand_in(1, first)
    raw = dsse.sign_document(third, [scene.city.signers["regulator"]]).decode()
    late = refused(
        scene, "regulator", "POST", f"/api/lots/{scene.lot}/share-releases", json={"envelope": raw}
    )

    assert verdict(late) == (409, "E_STATE")
    assert len(events(scene, "share.released")) == 2


def test_a_custodian_does_not_change_a_release_it_has_given(scene: Scene, waiting: Sealed) -> None:
    body = scene.share_release(1)
    scene.hand_in(1, body)
    empty = tuple(
        m.Release(manifest_sha256=one.manifest_sha256, part=one.part, refused="E_CAPSULE_UNREADABLE")
        for one in body.releases
    )
    changed = dsse.sign_document(
        msgspec.structs.replace(body, releases=empty), [scene.city.signers["centre"]]
    ).decode()

    problem = refused(
        scene, "centre", "POST", f"/api/lots/{scene.lot}/share-releases", json={"envelope": changed}
    )

    assert verdict(problem) == (409, "E_STATE")
