"""Damaged ciphertext handed in again, capsules judged with their key, crooked dealing, the table of faults."""

from __future__ import annotations

import os
from collections.abc import Callable

import msgspec
import pytest
from scene import Scene
from scene_facts import events, refused, secrets_of, verdict

from bidding_docs import age, capsules, dsse, shamir
from bidding_docs import manifests as m
from bidding_docs.codes import CODES
from bidding_docs.encoding import sha256_hex
from bidding_docs.sealing import SealedBid
from trading.bidding import sending
from trading.client import Refused
from trading.opening.attribution import table

Sealed = dict[str, SealedBid]


def state_of(scene: Scene, bid: SealedBid) -> tuple[str, str | None, str | None]:
    found = next(one for one in scene.hall()["bids"] if one["manifest_sha256"] == bid.manifest_sha256)
    return found["state"], found["code"], found["fault"]


def damage(scene: Scene, bid: SealedBid, part: str) -> None:
    digest = next(one.sha256 for one in bid.manifest.parts if one.id == part)
    (path,) = (scene.platform.settings.data / "store").glob(f"bids/*/{digest}/000000")
    data = bytearray(path.read_bytes())
    data[40] ^= 1
    path.chmod(0o600)
    path.write_bytes(bytes(data))


def test_the_bidder_hands_in_the_same_bytes_again_and_the_opening_goes_on(
    scene: Scene, sealed: Sealed, sweep: Callable[[], None]
) -> None:
    damage(scene, sealed["bidder-2"], "technical")
    scene.close()
    found = scene.check_seals()
    shown = scene.hall()["damaged"]
    with pytest.raises(Refused) as other:
        sending.resend(scene.person("bidder-1"), sealed["bidder-1"].folder)

    sending.resend(scene.person("bidder-2"), sealed["bidder-2"].folder)

    assert shown == found == [sealed["bidder-2"].manifest.parts[2].sha256]
    assert other.value.problem["code"] == "E_STATE"
    assert scene.check_seals() == []
    scene.release(1, 3)
    assert scene.open_gate()
    scene.read_out()
    assert state_of(scene, sealed["bidder-2"]) == ("opened", None, None)
    assert len(events(scene, "store.restored")) == 1


def test_other_bytes_than_the_manifest_s_replace_nothing(scene: Scene, sealed: Sealed) -> None:
    bid = sealed["bidder-2"]
    damage(scene, bid, "technical")
    scene.close()
    damaged = scene.check_seals()
    path = bid.parts["technical"]
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    begun = scene.person("bidder-2").post(f"/api/lots/{scene.lot}/replacements", {})["id"]

    with pytest.raises(Refused) as caught:
        sending.resend(scene.person("bidder-2"), bid.folder)
    empty = refused(scene, "bidder-2", "POST", f"/api/uploads/{begun}/replace")
    strangers = refused(scene, "bidder-1", "POST", f"/api/uploads/{begun}/replace")

    assert caught.value.problem["code"] == "E_HASH"
    assert (verdict(empty), verdict(strangers)) == ((422, "E_HASH"), (409, "E_STATE"))
    scene.move_clock(minutes=11)
    assert scene.check_seals() == damaged


def claim_unreadable(scene: Scene, index: int, bid: SealedBid) -> None:
    body = scene.share_release(index)
    claimed = tuple(
        m.Release(manifest_sha256=one.manifest_sha256, part=one.part, refused="E_CAPSULE_UNREADABLE")
        if one.manifest_sha256 == bid.manifest_sha256
        else one
        for one in body.releases
    )
    scene.hand_in(index, msgspec.structs.replace(body, releases=claimed))


def judge(scene: Scene, index: int, bid: SealedBid, *, key: bytes | None = None) -> dict[str, object]:
    identity = key or scene.city.identities[scene.lot, index, "opening"]
    return {
        "manifest_sha256": bid.manifest_sha256,
        "part": "summary",
        "custodian": index,
        "identity": age.encode_identity(identity),
    }


def test_a_custodian_that_called_a_good_capsule_unreadable_answers_for_it(
    scene: Scene, waiting: Sealed
) -> None:
    victim, path = waiting["bidder-2"], f"/api/lots/{scene.lot}/capsule-judgements"
    claim_unreadable(scene, 1, victim)
    claim_unreadable(scene, 2, victim)

    wrong_key = refused(scene, "regulator", "POST", path, json=judge(scene, 1, victim, key=age.generate()[0]))
    not_claimed = refused(scene, "regulator", "POST", path, json=judge(scene, 3, victim))
    centre = refused(scene, "centre", "POST", path, json=judge(scene, 1, victim))
    judged = scene.person("regulator").post(path, judge(scene, 1, victim))
    scene.move_clock(minutes=10)
    assert scene.open_gate()
    scene.read_out()

    assert [verdict(one) for one in (wrong_key, not_claimed, centre)] == [
        (422, "E_KEY_MANIFEST"),
        (404, "E_NOT_FOUND"),
        (403, "E_FORBIDDEN"),
    ]
    assert judged == {"code": None, "fault": "custodian"}
    assert state_of(scene, victim) == ("withdrawn", "E_QUORUM", "custodian")
    (said,) = events(scene, "opening.capsule_judged")
    assert not any(secret in str(said) for secret in secrets_of(scene))


def resealed(
    scene: Scene, bidder: str, spoil: Callable[[SealedBid, m.Part, m.CapsuleRef], bytes]
) -> SealedBid:
    """A bid whose capsules for custodians 1 and 2 were spoiled by its bidder, who signs their hashes."""
    bad, parts = scene.seal(bidder), []
    for part in bad.manifest.parts:
        refs = []
        for ref in part.capsules:
            if ref.holder in ("custodian:1", "custodian:2"):
                data = spoil(bad, part, ref)
                path = bad.capsules[part.id, ref.holder]
                path.chmod(0o600)
                path.write_bytes(data)
                ref = msgspec.structs.replace(ref, size=len(data), sha256=sha256_hex(data))
            refs.append(ref)
        parts.append(msgspec.structs.replace(part, capsules=tuple(refs)))
    return resigned(scene, bidder, bad, tuple(parts))


def resigned(scene: Scene, bidder: str, bad: SealedBid, parts: tuple[m.Part, ...]) -> SealedBid:
    signer = scene.city.signers[bidder]
    manifest = msgspec.structs.replace(bad.manifest, parts=parts)
    envelope = dsse.sign_document(manifest, [signer])
    file = bad.folder / "manifest.dsse.json"
    file.chmod(0o600)
    file.write_bytes(envelope)
    scene.submit(bidder, bad)
    digest = sha256_hex(dsse.Envelope.decode(envelope).payload)
    return SealedBid(manifest, digest, envelope, bad.folder, bad.parts, bad.capsules, bad.recovery)


@pytest.mark.parametrize("before", [True, False], ids=["before the read-out", "after it"])
def test_a_capsule_that_supervision_cannot_open_either_is_the_bidder_s_fault(
    scene: Scene, sealed: Sealed, before: bool
) -> None:
    def foreign(bid: SealedBid, part: m.Part, ref: m.CapsuleRef) -> bytes:
        ctx = capsules.context_of(bid.manifest, part)
        return capsules.build(ctx, ref.holder, os.urandom(33), age.generate()[1], token_bytes=os.urandom)

    bad = resealed(scene, "bidder-4", foreign)
    path = f"/api/lots/{scene.lot}/capsule-judgements"
    scene.close()
    scene.check_seals()
    scene.release(1, 2, 3)
    assert scene.open_gate()
    if not before:
        scene.read_out()
        assert state_of(scene, bad) == ("withdrawn", "E_QUORUM", "custodian")

    judged = scene.person("regulator").post(path, judge(scene, 1, bad))

    scene.read_out()
    assert judged == {"code": "E_CAPSULE_UNREADABLE", "fault": "bidder"}
    assert state_of(scene, bad) == ("revoked", "E_CAPSULE_UNREADABLE", "bidder")
    assert {state_of(scene, one) for one in sealed.values()} == {("opened", None, None)}
    again = refused(scene, "regulator", "POST", path, json=judge(scene, 1, bad))
    assert verdict(again) == (409, "E_STATE")


def dealt_badly(scene: Scene, bidder: str, *, bad_holders: tuple[str, ...]) -> SealedBid:
    """A bidder that commits to shares which do not belong together."""
    bad, parts = scene.seal(bidder), []
    rules = scene.key_manifest().document
    for part in bad.manifest.parts:
        ctx, refs = capsules.context_of(bad.manifest, part), []
        for ref in part.capsules:
            if ref.holder in bad_holders:
                index = int(ref.holder[-1])
                share = shamir.split(os.urandom(32), k=2, n=3, token_bytes=os.urandom)[index - 1]
                recipient = rules.custodians[index - 1].recipients["opening"]
                data = capsules.build(ctx, ref.holder, share, recipient, token_bytes=os.urandom)
                path = bad.capsules[part.id, ref.holder]
                path.chmod(0o600)
                path.write_bytes(data)
                ref = m.CapsuleRef(
                    holder=ref.holder,
                    size=len(data),
                    sha256=sha256_hex(data),
                    commit=capsules.commit(ctx, ref.holder, share),
                )
            refs.append(ref)
        parts.append(msgspec.structs.replace(part, capsules=tuple(refs)))
    return resigned(scene, bidder, bad, tuple(parts))


def test_shares_that_disagree_wait_for_the_third_custodian_and_are_logged(
    scene: Scene, sealed: Sealed
) -> None:
    crooked = dealt_badly(scene, "bidder-4", bad_holders=("custodian:1",))
    scene.close()
    scene.check_seals()
    scene.release(1, 2)
    assert scene.open_gate()
    scene.read_out()
    waiting = scene.hall()["state"]

    scene.release(3)
    scene.read_out()

    assert waiting == "released"
    assert state_of(scene, crooked) == ("opened", None, None)
    (said,) = events(scene, "opening.dealing_inconsistent")
    assert said["data"]["manifest_sha256"] == crooked.manifest_sha256


def test_shares_that_give_no_key_are_the_bidder_s_fault_only_when_no_other_can_come(
    scene: Scene, sealed: Sealed
) -> None:
    crooked = dealt_badly(scene, "bidder-4", bad_holders=("custodian:1", "custodian:2"))
    scene.close()
    scene.check_seals()
    scene.release(1, 2)
    assert scene.open_gate()
    scene.read_out()
    early = state_of(scene, crooked)
    scene.move_clock(minutes=5)

    scene.read_out()

    assert early == ("sealed", None, None)
    assert state_of(scene, crooked) == ("revoked", "E_BIDDER_KEY_MISMATCH", "bidder")
    assert {state_of(scene, one) for one in sealed.values()} == {("opened", None, None)}


def test_large_parts_go_on_decrypting_with_their_progress(
    scene: Scene, sealed: Sealed, sweep: Callable[[], None]
) -> None:
    scene.open_all(1, 3)
    begun = [bid["progress"] for bid in scene.hall()["bids"]]

    sweep()

    sizes = {bid.manifest_sha256: bid.manifest.parts[2].size for bid in sealed.values()}
    assert [(one[0]["part"], one[0]["done"]) for one in begun] == [("technical", 0)] * 3
    assert {
        bid["manifest_sha256"]: [(one["done"], one["total"], one["code"]) for one in bid["progress"]]
        for bid in scene.hall()["bids"]
    } == {digest: [(size, size, None)] for digest, size in sizes.items()}


def test_every_code_has_its_fault_and_consequence_in_one_table(scene: Scene) -> None:
    faults = {row.code: row.fault for row in table()}

    assert faults == {code: problem.fault for code, problem in CODES.items()}
    assert {code for code, fault in faults.items() if fault == "bidder"} == {
        "E_CTX_MISMATCH",
        "E_BIDDER_BAD_SHARE",
        "E_CAPSULE_UNREADABLE",
        "E_BIDDER_KEY_MISMATCH",
        "E_PAYLOAD",
        "E_CONTENT",
        "E_BIDDER_TIMEOUT",
    }
    assert {code for code, fault in faults.items() if fault == "custodian"} == {"E_SHARE_COMMIT", "E_QUORUM"}
    shown = scene.person("stranger").get("/api/seal-codes")
    assert {row["code"] for row in shown} == set(faults)
    assert all((row["consequence"] is None) == (row["fault"] is None) for row in shown)
    english = scene.person("stranger", language="en").call("GET", "/opening/codes").text
    chinese = scene.person("stranger").call("GET", "/opening/codes").text
    assert "the deposit is at risk" in english
    assert "投标保证金可不予退还" in chinese
    assert {code for code in faults if code not in chinese} == set()
    assert [row["code"] for row in shown if "{" in row["text"]] == []
