"""Releases that must be refused: each with its code, the culprit named, and nothing stored."""

from __future__ import annotations

import base64

import msgspec
from scene import Scene
from scene_city import SEATS
from scene_facts import facts, refused, verdict

from bidding_docs import dsse
from bidding_docs import manifests as m
from bidding_docs.sealing import SealedBid

Sealed = dict[str, SealedBid]


def sent(
    scene: Scene, body: m.ShareRelease, *, user: str = "centre", signer: str = "centre"
) -> dict[str, object]:
    raw = dsse.sign_document(body, [scene.city.signers[signer]]).decode()
    return refused(scene, user, "POST", f"/api/lots/{scene.lot}/share-releases", json={"envelope": raw})


def altered(release: m.Release) -> m.Release:
    share = bytearray(base64.b64decode(str(release.share) + "==="))
    share[0] ^= 1
    text = base64.b64encode(bytes(share)).decode()
    padded = str(release.share).endswith("=")
    return msgspec.structs.replace(release, share=text if padded else text.rstrip("="))


def test_an_altered_share_is_refused_and_names_its_custodian(scene: Scene, waiting: Sealed) -> None:
    body = scene.share_release(2)
    bad = msgspec.structs.replace(body, releases=(*body.releases[:-1], altered(body.releases[-1])))

    problem = sent(scene, bad, user="tenderer", signer="tenderer")

    assert verdict(problem) == (409, "E_SHARE_COMMIT")
    assert problem["holder"] == "custodian:2"
    assert scene.hall()["releases"][1]["received_at"] is None


def test_shares_of_two_parts_that_were_swapped_are_refused(scene: Scene, waiting: Sealed) -> None:
    body = scene.share_release(1)
    one, two, *rest = body.releases
    swapped = (
        msgspec.structs.replace(one, share=two.share),
        msgspec.structs.replace(two, share=one.share),
        *rest,
    )

    problem = sent(scene, msgspec.structs.replace(body, releases=swapped))

    assert (problem["code"], problem["holder"]) == ("E_SHARE_COMMIT", "custodian:1")


def test_a_release_for_another_lot_tender_or_closing_is_refused(scene: Scene, waiting: Sealed) -> None:
    body = scene.share_release(1)
    changes = (
        {"lot_id": scene.city.lots[1]},
        {"tender_id": "another"},
        {"round": 2},
        {"key_manifest_sha256": "0" * 64},
        {"tender_closed_sha256": "0" * 64},
        {"opens": "technical"},
    )

    problems = [sent(scene, msgspec.structs.replace(body, **change)) for change in changes]

    assert [verdict(one) for one in problems] == [
        *[(422, "E_KEY_MANIFEST")] * 4,
        *[(422, "E_SCHEMA")] * 2,
    ]


def test_a_release_of_another_seat_or_by_another_signature_is_refused(scene: Scene, waiting: Sealed) -> None:
    body = scene.share_release(1)

    as_another = sent(scene, body, user="tenderer", signer="tenderer")
    forged = sent(scene, body, user="centre", signer="tenderer")
    outsider = sent(scene, body, user="stranger", signer="stranger")
    bidder = sent(scene, body, user="bidder-1", signer="bidder-1")

    assert [verdict(one) for one in (as_another, forged, outsider, bidder)] == [
        (422, "E_SCHEMA"),
        (422, "E_MANIFEST_SIG"),
        (404, "E_NOT_FOUND"),
        (403, "E_FORBIDDEN"),
    ]


def test_a_release_that_leaves_out_or_doubles_a_bid_is_refused(scene: Scene, waiting: Sealed) -> None:
    body = scene.share_release(1)
    signer = scene.city.signers["centre"]
    doubled = msgspec.structs.replace(body, releases=(*body.releases, body.releases[0]))
    raw = dsse.sign(m.media_type(m.ShareRelease), msgspec.json.encode(doubled), [signer]).encode().decode()
    path = f"/api/lots/{scene.lot}/share-releases"

    left_out = sent(scene, msgspec.structs.replace(body, releases=body.releases[1:]))
    twice = refused(scene, "centre", "POST", path, json={"envelope": raw})
    nonsense = refused(scene, "centre", "POST", path, json={"envelope": "nonsense"})
    extended = refused(scene, "centre", "POST", path, json={"envelope": raw, "more": 1})

    assert [verdict(one) for one in (left_out, twice, nonsense, extended)] == [(422, "E_SCHEMA")] * 4


def test_a_custodian_who_refuses_one_bid_does_not_kill_it_while_others_may_release(
    scene: Scene, waiting: Sealed
) -> None:
    victim = waiting["bidder-2"].manifest_sha256
    body = scene.share_release(1)
    refusing = tuple(
        m.Release(manifest_sha256=one.manifest_sha256, part=one.part, refused="E_CAPSULE_UNREADABLE")
        if one.manifest_sha256 == victim
        else one
        for one in body.releases
    )
    scene.hand_in(1, msgspec.structs.replace(body, releases=refusing))
    scene.release(2)

    too_soon = scene.open_gate()
    scene.release(3)
    assert scene.open_gate()
    scene.read_out()

    assert not too_soon
    assert {bid["state"] for bid in scene.hall()["bids"]} == {"opened"}


def test_a_bid_refused_by_two_custodians_is_decided_when_the_release_window_ends(
    scene: Scene, waiting: Sealed
) -> None:
    victim = waiting["bidder-2"].manifest_sha256
    for index in (1, 2):
        body = scene.share_release(index)
        refusing = tuple(
            m.Release(manifest_sha256=one.manifest_sha256, part=one.part, refused="E_CAPSULE_UNREADABLE")
            if one.manifest_sha256 == victim
            else one
            for one in body.releases
        )
        scene.hand_in(index, msgspec.structs.replace(body, releases=refusing))

    before = facts(scene)
    assert not scene.open_gate()
    assert facts(scene) == before
    scene.move_clock(minutes=10)
    assert scene.open_gate()
    scene.read_out()

    states = {
        bid["manifest_sha256"]: (bid["state"], bid["code"], bid["fault"]) for bid in scene.hall()["bids"]
    }
    assert states.pop(victim) == ("withdrawn", "E_QUORUM", "custodian")
    assert set(states.values()) == {("opened", None, None)}
    assert {seat["role"] for seat in scene.hall()["releases"]} == set(SEATS)
