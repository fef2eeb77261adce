"""Where every bidder holds a share: nothing opens before its window is over, and who keeps it back answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from scene import PASSPHRASE, Scene
from scene_city import with_bidder_shares
from scene_facts import events, refused, verdict
from scene_fixtures import wait

from bidding_docs import dsse, recovery
from bidding_docs.sealing import SealedBid
from trading.bidding.recovering import give_share

Sealed = dict[str, SealedBid]


@pytest.fixture
def scene(scene_of: Callable[..., Scene], request: pytest.FixtureRequest) -> Scene:
    return scene_of(with_bidder_shares(), wait if "closed" in request.fixturenames else None)


@pytest.fixture
def closed(scene: Scene) -> Sealed:
    return scene.sealed


def shares(sealed: SealedBid) -> dict[str, Any]:
    kept = recovery.read(sealed.recovery.read_bytes(), PASSPHRASE)
    return {"shares": {part.id: part.bidder_share for part in kept.parts}}


def give(scene: Scene, bidder: str, sealed: SealedBid) -> None:
    give_share(scene.person(bidder), sealed.manifest.lot_id, sealed.recovery.read_bytes(), PASSPHRASE)


def outcomes(scene: Scene) -> dict[str, tuple[str, str | None, str | None]]:
    return {bid["manifest_sha256"]: (bid["state"], bid["code"], bid["fault"]) for bid in scene.hall()["bids"]}


def test_with_every_share_given_the_opening_need_not_wait_for_the_window(
    scene: Scene, closed: Sealed
) -> None:
    body = scene.share_release(1)
    raw = dsse.sign_document(body, [scene.city.signers["centre"]]).decode()
    path = f"/api/lots/{scene.lot}/share-releases"
    early = refused(scene, "centre", "POST", path, json={"envelope": raw})

    for bidder, sealed in closed.items():
        give(scene, bidder, sealed)
    scene.release(1, 2)
    assert scene.open_gate()
    scene.read_out()

    assert verdict(early) == (409, "E_TOO_EARLY")
    assert {bid["share_given"] for bid in scene.hall()["bids"]} == {True}
    assert set(outcomes(scene).values()) == {("opened", None, None)}
    assert len(events(scene, "opening.share_given")) == 3


def test_a_bidder_that_keeps_its_share_back_revokes_its_own_bid(scene: Scene, closed: Sealed) -> None:
    give(scene, "bidder-1", closed["bidder-1"])
    give(scene, "bidder-2", closed["bidder-2"])
    scene.move_clock(minutes=10)
    scene.release(1, 2)
    assert scene.open_gate()
    path = f"/api/lots/{scene.lot}/bidder-shares"

    late = refused(scene, "bidder-3", "POST", path, json=shares(closed["bidder-3"]))
    scene.read_out()

    assert verdict(late) == (409, "E_BIDDER_TIMEOUT")
    found = outcomes(scene)
    assert found.pop(closed["bidder-3"].manifest_sha256) == ("revoked", "E_BIDDER_TIMEOUT", "bidder")
    assert set(found.values()) == {("opened", None, None)}


@pytest.mark.parametrize(
    ("minutes", "state", "fault"), [(1, "withdrawn", "platform"), (-60, "revoked", "bidder")]
)
def test_an_outage_that_overlaps_the_window_is_the_platform_s_fault_and_no_other_is(
    scene: Scene, closed: Sealed, minutes: int, state: str, fault: str
) -> None:
    give(scene, "bidder-1", closed["bidder-1"])
    give(scene, "bidder-2", closed["bidder-2"])
    ended = scene.now() + timedelta(minutes=minutes)
    outage = {
        "began": (ended - timedelta(minutes=2)).isoformat(),
        "ended": ended.isoformat(),
        "reason": "机房断电",
    }
    scene.person("regulator").post(f"/api/lots/{scene.lot}/outages", outage)
    scene.move_clock(minutes=10)
    scene.release(1, 2)
    assert scene.open_gate()

    scene.read_out()

    assert outcomes(scene)[closed["bidder-3"].manifest_sha256] == (state, "E_BIDDER_TIMEOUT", fault)


def test_a_share_is_held_against_its_commitment_and_is_nobody_else_s_to_give(
    scene: Scene, closed: Sealed
) -> None:
    path = f"/api/lots/{scene.lot}/bidder-shares"
    own, rival = shares(closed["bidder-1"]), shares(closed["bidder-2"])
    partial = {"shares": {"summary": own["shares"]["summary"]}}

    foreign = refused(scene, "bidder-1", "POST", path, json=rival)
    missing = refused(scene, "bidder-1", "POST", path, json=partial)
    outsider = refused(scene, "bidder-4", "POST", path, json=own)
    staff = refused(scene, "centre", "POST", path, json=own)

    assert [verdict(one) for one in (foreign, missing, outsider, staff)] == [
        (409, "E_BIDDER_BAD_SHARE"),
        (422, "E_SCHEMA"),
        (404, "E_NOT_FOUND"),
        (403, "E_FORBIDDEN"),
    ]
