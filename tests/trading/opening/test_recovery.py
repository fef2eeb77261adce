"""Below k custodians: the opening stands still, goes on with late releases, or with the bidders' own keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from scene import PASSPHRASE, Scene
from scene_facts import events, refused, verdict

from bidding_docs import age, recovery
from bidding_docs.sealing import SealedBid
from trading.bidding.recovering import hand_in_keys, open_own
from trading.client import Refused

Sealed = dict[str, SealedBid]


@pytest.fixture
def suspended(scene: Scene, waiting: Sealed, sweep: Callable[[], None]) -> Sealed:
    """One custodian of two released, and the window is over."""
    scene.release(1)
    scene.move_clock(minutes=5)
    sweep()
    return waiting


def keys(sealed: SealedBid) -> dict[str, Any]:
    kept = recovery.read(sealed.recovery.read_bytes(), PASSPHRASE)
    return {"identities": {part.id: part.identity for part in kept.parts}}


def hand_in(scene: Scene, bidder: str, sealed: SealedBid) -> None:
    hand_in_keys(scene.person(bidder), scene.lot, sealed.recovery.read_bytes(), PASSPHRASE)


def states(scene: Scene) -> dict[str, tuple[str, str | None, str | None]]:
    return {bid["manifest_sha256"]: (bid["state"], bid["code"], bid["fault"]) for bid in scene.hall()["bids"]}


def test_a_late_release_resumes_a_suspended_opening(
    scene: Scene, suspended: Sealed, sweep: Callable[[], None]
) -> None:
    (said,) = events(scene, "opening.suspended")
    assert (said["data"]["code"], said["data"]["have"], said["data"]["need"]) == ("E_QUORUM", 1, 2)

    scene.release(3)
    assert scene.open_gate()
    scene.read_out()

    assert set(states(scene).values()) == {("opened", None, None)}


def test_when_every_bidder_hands_in_its_keys_all_bids_are_read_out_without_custodians(
    scene: Scene, suspended: Sealed, sweep: Callable[[], None]
) -> None:
    for bidder, sealed in list(suspended.items())[:2]:
        hand_in(scene, bidder, sealed)
        hand_in(scene, bidder, sealed)
    sweep()
    between = scene.hall()
    hand_in(scene, "bidder-3", suspended["bidder-3"])
    for _ in range(3):
        sweep()

    assert (between["state"], [bid["price_fen"] for bid in between["bids"]]) == ("sealed", [None] * 3)
    assert sorted(bid["recovered"] for bid in between["bids"]) == [False, True, True]
    assert set(states(scene).values()) == {("opened", None, None)}
    assert len(events(scene, "opening.recovery")) == 3
    assert events(scene, "gate.released") == []


def propose_to_go_on(scene: Scene) -> tuple[str, dict[str, str]]:
    """The address to confirm at, and what the second person saw."""
    path = f"/api/acts/opening.conclude/{scene.lot}/proposals"
    made = scene.person("centre").post(path, {"reason": "两名保管人失联"})
    seen = {"act": made["act"], "object_id": made["object_id"], "sha256": made["sha256"]}
    return f"/api/proposals/{made['id']}/confirm", seen


def misused(scene: Scene, user: str, path: str, seen: dict[str, str]) -> dict[str, Any]:
    """The problem of a confirmation that is refused, and logged."""
    with pytest.raises(Refused) as caught:
        scene.person(user).post(path, seen)
    logged = [event["data"]["code"] for event in events(scene, "authority.refused")]
    assert logged[-1] == caught.value.problem["code"]
    return caught.value.problem


def test_the_centre_and_supervision_may_go_on_and_a_bid_without_keys_is_the_custodians_fault(
    scene: Scene, suspended: Sealed
) -> None:
    for bidder in ("bidder-1", "bidder-2"):
        hand_in(scene, bidder, suspended[bidder])
    asked = f"/api/acts/opening.conclude/{scene.lot}/proposals"
    stranger = refused(scene, "agency", "POST", asked, json={"reason": "等不及了"})
    path, seen = propose_to_go_on(scene)
    alone = misused(scene, "centre", path, seen)
    outsider = refused(scene, "tenderer", "POST", path, json=seen)
    between = scene.hall()["state"]

    done = scene.person("regulator").post(path, seen)
    again = misused(scene, "regulator", path, seen)
    scene.read_out()

    assert [verdict(one) for one in (stranger, alone, outsider, again)] == [
        (403, "E_FORBIDDEN"),
        (403, "E_TWO_SAME_PERSON"),
        (403, "E_FORBIDDEN"),
        (409, "E_TWO_USED"),
    ]
    assert (between, done["state"]) == ("sealed", "done")
    (said,) = events(scene, "opening.concluded")
    assert (said["actor"], said["data"]) == ("centre", {"have": 2, "need": 3, "second": "regulator"})
    assert states(scene)[suspended["bidder-3"].manifest_sha256] == ("withdrawn", "E_QUORUM", "custodian")
    tender = scene.person("agency").get(f"/api/lots/{scene.lot}/tender")
    assert tender["lots"][0]["state"] == "failed"


def test_the_centres_desk_leads_to_the_proposal_until_it_is_made(scene: Scene, suspended: Sealed) -> None:
    link = f'href="/two-person/propose/opening.conclude/{scene.lot}"'

    def shown() -> dict[str, bool]:
        desks = {who: scene.person(who).call("GET", "/desk").text for who in ("centre", "regulator")}
        return {who: link in text for who, text in desks.items()}

    before = shown()
    propose_to_go_on(scene)

    assert before == {"centre": True, "regulator": False}
    assert shown() == {"centre": False, "regulator": False}


def test_keys_that_come_after_the_proposal_make_it_another_act(scene: Scene, suspended: Sealed) -> None:
    hand_in(scene, "bidder-1", suspended["bidder-1"])
    path, seen = propose_to_go_on(scene)
    hand_in(scene, "bidder-2", suspended["bidder-2"])

    late = misused(scene, "regulator", path, seen)

    assert verdict(late) == (409, "E_TWO_CHANGED")
    assert scene.hall()["state"] == "sealed"


def test_keys_are_refused_early_wrong_partial_and_from_strangers(
    scene: Scene, waiting: Sealed, sweep: Callable[[], None]
) -> None:
    path = f"/api/lots/{scene.lot}/recovery"
    own = keys(waiting["bidder-1"])
    early = refused(scene, "bidder-1", "POST", path, json=own)
    asked = f"/api/acts/opening.conclude/{scene.lot}/proposals"
    conclude = refused(scene, "centre", "POST", asked, json={"reason": "无人释放"})
    scene.move_clock(minutes=5)
    sweep()
    other = {"identities": {part: age.encode_identity(age.generate()[0]) for part in own["identities"]}}
    partial = {"identities": {"summary": own["identities"]["summary"]}}
    nonsense = {"identities": dict.fromkeys(own["identities"], "AGE-SECRET-KEY-1NONSENSE")}

    wrong = refused(scene, "bidder-1", "POST", path, json=other)
    rivals = refused(scene, "bidder-2", "POST", path, json=own)
    short = refused(scene, "bidder-1", "POST", path, json=partial)
    unreadable = refused(scene, "bidder-1", "POST", path, json=nonsense)
    stranger = refused(scene, "bidder-4", "POST", path, json=own)

    assert [verdict(one) for one in (early, conclude, wrong, rivals, short, unreadable, stranger)] == [
        (409, "E_TOO_EARLY"),
        (409, "E_TOO_EARLY"),
        (409, "E_BIDDER_KEY_MISMATCH"),
        (409, "E_BIDDER_KEY_MISMATCH"),
        (422, "E_SCHEMA"),
        (422, "E_SCHEMA"),
        (404, "E_NOT_FOUND"),
    ]
    secrets = [*own["identities"].values(), *other["identities"].values()]
    assert not any(secret in str(problem) for secret in secrets for problem in (wrong, rivals, short))


def test_a_bidder_reads_its_own_bid_again_offline(scene: Scene, sealed: Sealed) -> None:
    bid = sealed["bidder-1"]

    found = open_own(bid.folder, bid.recovery.read_bytes(), PASSPHRASE, bid.folder.parent / "opened")

    assert sorted(found) == ["deposit/deposit.json", "summary/summary.json", "technical/方案.txt"]
    text = (bid.folder.parent / "opened" / "technical" / "方案.txt").read_text(encoding="utf-8")
    assert text == "bidder-1 的施工组织设计"
