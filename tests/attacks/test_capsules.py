"""Replayed, copied and spoiled capsules: what a custodian refuses to release, and whom it names."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import msgspec
import pytest
from bid_factories import STAGE, World, certificate
from opening_factories import (
    context,
    part_of,
    refusals,
    released,
    resigned,
)

from bidding_docs import age, capsules, opening
from bidding_docs.codes import (
    BadSchema,
    BidsRoot,
    ContextMismatch,
    WrongKeyManifest,
)
from bidding_docs.encoding import b64decode, sha256_hex
from bidding_docs.manifests import Release, ShareRelease
from bidding_docs.sealing import SealedBid
from bidding_docs.signing import SoftwareSigner


@pytest.fixture
def world() -> World:
    return World()


def test_a_bid_signed_again_under_another_name_gives_no_share_and_a_proof(
    world: World, tmp_path: Path
) -> None:
    bid = world.seal(tmp_path / "bid")
    thief = certificate("thief", world.authority)
    envelope, manifest = resigned(bid, world, thief, bidder_id="91330000MA00000099")
    stolen = opening.ClosedBid(envelope, thief.certificate, world.closed(bid, capsules.custodian(1)).capsules)

    release = opening.open_custodian_capsules(
        world.closing([envelope]), [stolen], index=1, opens=STAGE, identity=world.custodians[1][0]
    )

    assert refusals(release) == {"E_CTX_MISMATCH"}
    assert all(item.share is msgspec.UNSET for item in release.releases)
    item, part = release.releases[0], manifest.parts[0]
    assert isinstance(item.proof, str)
    assert capsules.bad_share_is_proven(
        stolen.capsules[part.id],
        b64decode(item.proof),
        ctx=capsules.context_of(manifest, part),
        holder="custodian:1",
        committed=part.commits()["custodian:1"],
    )


@pytest.mark.parametrize("changes", [{"tender_id": "tender-2"}, {"lot_id": "lot-2"}, {"round": 2}])
def test_capsules_replayed_in_another_tender_lot_or_round_give_no_share(
    world: World, tmp_path: Path, changes: dict[str, object]
) -> None:
    bid = world.seal(tmp_path / "bid")
    later = World(authority=world.authority, **changes)  # type: ignore[arg-type]
    # The same custodians' keys, which is what the attacker hopes for.
    later.custodians, later.gate_recipient = world.custodians, world.gate_recipient
    later.key_manifest = dataclasses.replace(later.key_manifest, document=later.manifest())
    signer = certificate("replayer", world.authority)
    bound = {"key_manifest_sha256": later.key_manifest.sha256} | changes
    envelope, _ = resigned(bid, world, signer, **bound)
    replay = opening.ClosedBid(
        envelope, signer.certificate, world.closed(bid, capsules.custodian(1)).capsules
    )

    release = opening.open_custodian_capsules(
        later.closing([envelope]), [replay], index=1, opens=STAGE, identity=later.custodians[1][0]
    )

    assert refusals(release) == {"E_CTX_MISMATCH"}


def test_a_capsule_of_the_technical_part_is_not_opened_as_the_summary(world: World, tmp_path: Path) -> None:
    bid = world.seal(tmp_path / "bid")
    described = part_of(bid, "summary")

    with pytest.raises(ContextMismatch) as caught:
        capsules.open_capsule(
            bid.capsules["technical", "custodian:1"].read_bytes(),
            world.custodians[1][0],
            ctx=context(bid, "summary"),
            holder="custodian:1",
            committed=described.commits()["custodian:1"],
        )

    assert caught.value.data == {"field": "part_id"}


def test_another_capsule_than_the_manifests_is_a_fault_of_the_store(world: World, tmp_path: Path) -> None:
    bid, other = world.seal(tmp_path / "bid"), world.seal(tmp_path / "other", bidder="B2")
    mixed = dataclasses.replace(
        world.closed(bid, "custodian:1"), capsules=world.closed(other, "custodian:1").capsules
    )

    release = opening.open_custodian_capsules(
        world.closing([bid.envelope]), [mixed], index=1, opens=STAGE, identity=world.custodians[1][0]
    )

    assert refusals(release) == {"E_STORE_HASH"}


def with_capsule(bid: SealedBid, world: World, sealed: bytes, share: bytes) -> ShareRelease:
    """The bidder's own wrong capsule for custodian 1, named truly in its own manifest."""
    signer = world.signers[bid.folder]
    part = part_of(bid, "summary")
    first = msgspec.structs.replace(
        part.capsules[0],
        size=len(sealed),
        sha256=sha256_hex(sealed),
        commit=capsules.commit(context(bid, "summary"), "custodian:1", share),
    )
    changed = msgspec.structs.replace(part, capsules=(first, *part.capsules[1:]))
    envelope, _ = resigned(bid, world, signer, parts=(changed, *bid.manifest.parts[1:]))
    given = {"technical": bid.capsules["technical", "custodian:1"].read_bytes(), "summary": sealed}
    return opening.open_custodian_capsules(
        world.closing([envelope]),
        [opening.ClosedBid(envelope, signer.certificate, given)],
        index=1,
        opens=STAGE,
        identity=world.custodians[1][0],
    )


def test_a_capsule_that_does_not_open_or_breaks_its_commitment_is_reported(
    world: World, tmp_path: Path
) -> None:
    bid = world.seal(tmp_path / "bid")
    ctx, recipient = context(bid, "summary"), world.custodians[1][1]
    wrong = capsules.build(ctx, "custodian:1", bytes(33), recipient, token_bytes=os.urandom)
    strange = capsules.build(ctx, "custodian:1", bytes(33), age.generate()[1], token_bytes=os.urandom)
    noise = age.encrypt_bytes(b"not a capsule", [recipient])

    codes = [
        with_capsule(bid, world, sealed, b"\x01" * 33).releases[0].refused
        for sealed in (wrong, strange, noise)
    ]

    assert codes == ["E_BIDDER_BAD_SHARE", "E_CAPSULE_UNREADABLE", "E_BIDDER_BAD_SHARE"]
    assert with_capsule(bid, world, wrong, b"\x01" * 33).releases[1].refused is msgspec.UNSET


def test_a_set_of_bids_that_is_not_the_closed_one_releases_nothing(world: World, tmp_path: Path) -> None:
    bids = [world.seal(tmp_path / name, bidder=name.upper()) for name in ("a", "b", "c")]
    closing = world.closing([bid.envelope for bid in bids])
    closed = [world.closed(bid, "custodian:1") for bid in bids]
    identity = world.custodians[1][0]

    whole = opening.open_custodian_capsules(closing, closed, index=1, opens=STAGE, identity=identity)
    assert refusals(whole) == {msgspec.UNSET}
    assert len(whole.releases) == 6
    for wrong in (closed[:2], [*closed, closed[0]], [closed[0], closed[1], closed[1]]):
        with pytest.raises(BidsRoot):
            opening.open_custodian_capsules(closing, wrong, index=1, opens=STAGE, identity=identity)


def test_a_certificate_of_an_unknown_authority_gives_no_share(world: World, tmp_path: Path) -> None:
    stranger = certificate("stranger", certificate("Other register"))
    bid = world.seal(tmp_path / "bid", signer=stranger)

    assert refusals(released(world, bid, 1)[0]) == {"E_CERT"}


def test_a_custodian_with_another_stages_identity_is_told_so(world: World, tmp_path: Path) -> None:
    bid = world.seal(tmp_path / "bid")
    closing, closed = world.closing([bid.envelope]), [world.closed(bid, "custodian:1")]

    with pytest.raises(WrongKeyManifest):
        opening.open_custodian_capsules(
            closing, closed, index=1, opens=STAGE, identity=world.custodians[2][0]
        )
    with pytest.raises(BadSchema):
        opening.open_custodian_capsules(
            closing, closed, index=1, opens="technical-fixed", identity=world.custodians[1][0]
        )


def test_a_signature_of_another_key_gives_no_share(world: World, tmp_path: Path) -> None:
    key_owner = certificate("one", world.authority)
    impostor = SoftwareSigner(certificate("two", world.authority).certificate, key_owner._key)
    bid = world.seal(tmp_path / "bid", signer=impostor)

    release = released(world, bid, 1)[0]

    assert refusals(release) == {"E_MANIFEST_SIG"}
    assert all(isinstance(item, Release) and item.share is msgspec.UNSET for item in release.releases)
