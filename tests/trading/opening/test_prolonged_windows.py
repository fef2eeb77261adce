"""The windows of an opening stand still while the platform is out, whoever looks first once it is back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from probers import Outsider
from scene import PASSPHRASE, Scene
from scene_city import with_bidder_shares
from scene_facts import events, refused, verdict
from scene_fixtures import wait

from bidding_docs import recovery
from bidding_docs.sealing import SealedBid
from trading.bidding.recovering import give_share
from trading.client import Refused

Sealed = dict[str, SealedBid]


@pytest.fixture
def scene(scene_of: Callable[..., Scene], request: pytest.FixtureRequest) -> Scene:
    return scene_of(with_bidder_shares(), wait if "closed" in request.fixturenames else None)


@pytest.fixture
def closed(scene: Scene) -> Sealed:
    return scene.sealed


@pytest.fixture
def prober(tmp_path: Path) -> Outsider:
    return Outsider(tmp_path / "prober")


def out(scene: Scene, prober: Outsider, began: datetime, **lasted: float) -> timedelta:
    """The platform was out for so long, and is back since a moment."""
    scene.move_clock(**lasted)
    length = timedelta(**lasted)
    with scene.platform.db.transaction() as tx:
        prober.saw_out(tx, began, began + length, at=scene.now())
    return length


def until(scene: Scene, name: str) -> datetime:
    return datetime.fromisoformat(scene.hall()[name])


def give(scene: Scene, bidder: str, sealed: SealedBid) -> None:
    give_share(scene.person(bidder), sealed.manifest.lot_id, sealed.recovery.read_bytes(), PASSPHRASE)


def late(scene: Scene, bidder: str, sealed: SealedBid) -> tuple[int, str]:
    kept = recovery.read(sealed.recovery.read_bytes(), PASSPHRASE)
    body = {"shares": {part.id: part.bidder_share for part in kept.parts}}
    return verdict(refused(scene, bidder, "POST", f"/api/lots/{scene.lot}/bidder-shares", json=body))


def test_a_bidder_gets_back_the_time_that_the_platform_was_out(
    scene: Scene, closed: Sealed, prober: Outsider, sweep: Callable[[], None]
) -> None:
    give(scene, "bidder-1", closed["bidder-1"])
    before = {name: until(scene, name) for name in ("bidder_until", "release_until")}
    began = scene.now()
    length = out(scene, prober, began, minutes=11)

    give(scene, "bidder-2", closed["bidder-2"])  # no sweep has run: the window is derived

    moved = {name: until(scene, name) - end for name, end in before.items()}
    assert moved == {"bidder_until": length, "release_until": length}
    sweep()
    sweep()
    (event,) = events(scene, "opening.outage_measured")
    told = [datetime.fromisoformat(event["data"][name]) for name in ("began", "ended")]
    assert told[1] - told[0] >= length
    back = scene.now()
    scene.move_clock(minutes=10)
    with scene.platform.db.transaction() as tx:
        prober.saw_up(tx, back, scene.now(), at=scene.now())
    assert late(scene, "bidder-3", closed["bidder-3"]) == (409, "E_BIDDER_TIMEOUT")
    scene.release(1, 2)
    assert scene.open_gate()
    scene.read_out()
    faults = {bid["manifest_sha256"]: bid["fault"] for bid in scene.hall()["bids"]}
    assert faults[closed["bidder-3"].manifest_sha256] == "bidder"  # it had all its time


def test_custodians_and_gate_wait_too(scene: Scene, closed: Sealed, prober: Outsider) -> None:
    began = scene.now()
    out(scene, prober, began, minutes=11)
    body = scene.share_release(1)

    with pytest.raises(Refused) as early:
        scene.hand_in(1, body)
    scene.move_clock(minutes=10)
    scene.hand_in(1, body)

    assert early.value.problem["code"] == "E_TOO_EARLY"
    assert [row["received_at"] is not None for row in scene.hall()["releases"]] == [True, False, False]


def test_an_outage_learned_of_too_late_undoes_nothing_and_is_not_the_bidders_fault(
    scene: Scene, closed: Sealed, prober: Outsider
) -> None:
    give(scene, "bidder-1", closed["bidder-1"])
    give(scene, "bidder-2", closed["bidder-2"])
    began = scene.now()
    scene.move_clock(minutes=12)
    scene.release(1, 2)
    assert scene.open_gate()
    with scene.platform.db.transaction() as tx:
        prober.saw_out(tx, began, began + timedelta(minutes=5), at=scene.now())

    assert late(scene, "bidder-3", closed["bidder-3"]) == (409, "E_BIDDER_TIMEOUT")
    scene.read_out()

    found = {bid["manifest_sha256"]: (bid["state"], bid["fault"]) for bid in scene.hall()["bids"]}
    assert found[closed["bidder-3"].manifest_sha256] == ("withdrawn", "platform")


def test_the_window_to_confirm_stands_still_too(scene: Scene, closed: Sealed, prober: Outsider) -> None:
    for bidder, sealed in closed.items():
        give(scene, bidder, sealed)
    scene.release(1, 2)
    assert scene.open_gate()
    scene.read_out()
    began = scene.now()
    out(scene, prober, began, seconds=30)

    scene.person("bidder-1").post(f"/api/lots/{scene.lot}/opening/confirmation", {})

    assert len(events(scene, "opening.confirmed")) == 1
