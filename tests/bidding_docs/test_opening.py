"""From sealing to opening, and every attack on the way that pure functions must refuse."""

from __future__ import annotations

import dataclasses
import io
import os
import shutil
import subprocess
from pathlib import Path

import msgspec
import pytest
from bid_factories import FORM, PASSPHRASE, STAGE, World, certificate

from bidding_docs import age, capsules, dsse, opening, recovery
from bidding_docs.codes import (
    BadContent,
    BadPayload,
    BadSchema,
    BidderBadShare,
    BidderKeyMismatch,
    BidderTimeout,
    BidsRoot,
    ContextMismatch,
    GateKey,
    NoQuorum,
    OverLimit,
    ShareCommit,
    StoreHash,
    Unrecoverable,
    WrongKeyManifest,
)
from bidding_docs.encoding import b64decode, sha256_hex
from bidding_docs.manifests import BidManifest, Part, Release, ShareRelease
from bidding_docs.pieces import check_stored
from bidding_docs.sealing import SealedBid
from bidding_docs.signing import SoftwareSigner

needs_age = pytest.mark.skipif(
    shutil.which("age") is None and "CI" not in os.environ, reason="the age command is not installed"
)


@pytest.fixture
def world() -> World:
    return World()


def part_of(bid: SealedBid, part: str) -> Part:
    return next(one for one in bid.manifest.parts if one.id == part)


def released(world: World, bid: SealedBid, *indexes: int) -> list[ShareRelease]:
    closing = world.closing([bid.envelope])
    return [
        opening.open_custodian_capsules(
            closing,
            [world.closed(bid, capsules.custodian(index))],
            index=index,
            opens=STAGE,
            identity=world.custodians[index][0],
        )
        for index in indexes
    ]


def gate_share(world: World, bid: SealedBid, part: str) -> bytes | None:
    release = opening.open_gate_capsules(
        world.closing([bid.envelope]),
        [world.closed(bid, capsules.GATE)],
        opens=STAGE,
        identity=world.gate_identity,
    )
    return opening.gate_share_of(release, manifest_sha256=bid.manifest_sha256, part=part)


def combined(
    world: World,
    bid: SealedBid,
    part: str,
    shares: dict[int, bytes],
    gate: bytes | None,
    bidder: bytes | None = None,
) -> opening.Combined:
    described = part_of(bid, part)
    return opening.combine(
        shares,
        gate,
        bidder,
        k=world.k,
        ctx=capsules.context_of(bid.manifest, described),
        commits=described.commits(),
    )


def shares_for(world: World, bid: SealedBid, part: str, *indexes: int) -> dict[int, bytes]:
    releases = released(world, bid, *indexes)
    return opening.shares_of(releases, manifest_sha256=bid.manifest_sha256, part=part)


def key_of(world: World, bid: SealedBid, part: str) -> bytes:
    shares = shares_for(world, bid, part, 1, 3)
    return combined(world, bid, part, shares, gate_share(world, bid, part)).identity


def context(bid: SealedBid, part: str) -> capsules.Context:
    return capsules.context_of(bid.manifest, part_of(bid, part))


def test_a_sealed_bid_opens_to_the_same_price_and_files(world: World, tmp_path: Path) -> None:
    drawing = tmp_path / "drawing.bin"
    drawing.write_bytes(os.urandom(3_000_000))
    bid = world.seal(tmp_path / "bid", files=[("图纸/一.bin", drawing)], self_test=True)

    with bid.parts["summary"].open("rb") as sealed:
        answers = opening.read_summary(
            sealed, key_of(world, bid, "summary"), ctx=context(bid, "summary"), form=FORM
        )
    with bid.parts["technical"].open("rb") as sealed:
        files = opening.open_part(
            sealed,
            key_of(world, bid, "technical"),
            ctx=context(bid, "technical"),
            extract_to=tmp_path / "out",
        )

    assert answers == {"price": 123_456_700, "days": 180}
    assert [(one.name, one.sha256) for one in files] == [("图纸/一.bin", sha256_hex(drawing.read_bytes()))]
    assert (tmp_path / "out" / "图纸" / "一.bin").read_bytes() == drawing.read_bytes()


def test_the_folder_holds_ciphertext_only_and_its_hashes_are_the_manifests(
    world: World, tmp_path: Path
) -> None:
    bid = world.seal(tmp_path / "bid")

    for part in bid.manifest.parts:
        assert sha256_hex(bid.parts[part.id].read_bytes()) == part.sha256
        with bid.parts[part.id].open("rb") as stored:
            check_stored(stored, part)
        for one in part.capsules:
            assert sha256_hex(bid.capsules[part.id, one.holder].read_bytes()) == one.sha256
    for path in bid.folder.iterdir():
        assert b"123456700" not in path.read_bytes()
        assert "施工组织设计".encode() not in path.read_bytes()


def test_altered_stored_bytes_are_the_platforms_fault(world: World, tmp_path: Path) -> None:
    bid = world.seal(tmp_path / "bid")
    data = bytearray(bid.parts["summary"].read_bytes())
    data[-1] ^= 1

    with pytest.raises(StoreHash) as caught:
        check_stored(io.BytesIO(data), part_of(bid, "summary"))

    assert caught.value.fault == "platform"


@needs_age
def test_the_stock_command_opens_a_part_with_its_recovered_identity(world: World, tmp_path: Path) -> None:
    bid = world.seal(tmp_path / "bid")
    (tmp_path / "key").write_text(age.encode_identity(key_of(world, bid, "summary")) + "\n")

    opened = subprocess.run(
        ["age", "-d", "-i", tmp_path / "key", bid.parts["summary"]], capture_output=True, check=True
    )

    assert b'{"price":123456700,"days":180}' in opened.stdout


def test_the_recovery_file_opens_the_bid_without_any_custodian(world: World, tmp_path: Path) -> None:
    bid = world.seal(tmp_path / "bid")

    kept = recovery.read(bid.recovery.read_bytes(), PASSPHRASE)

    assert kept.manifest_sha256 == bid.manifest_sha256
    for part in kept.parts:
        identity = age.parse_identity(part.identity)
        recovery.check_identity(identity, recipient=part_of(bid, part.id).recipient, part=part.id)
        assert identity == key_of(world, bid, part.id)
        assert part.identity not in repr(kept)
    with pytest.raises(BidderKeyMismatch):
        recovery.check_identity(age.generate()[0], recipient=kept.parts[0].recipient, part="summary")
    with pytest.raises(Unrecoverable):
        recovery.read(bid.recovery.read_bytes(), "another passphrase")


def test_k_custodians_without_the_gate_cannot_combine(world: World, tmp_path: Path) -> None:
    bid = world.seal(tmp_path / "bid")

    with pytest.raises(GateKey) as caught:
        combined(world, bid, "summary", shares_for(world, bid, "summary", 1, 2, 3), None)

    assert caught.value.fault == "platform"


def test_one_custodian_with_gate_and_bidder_cannot_combine(tmp_path: Path) -> None:
    world = World(bidder_share=True)
    bid = world.seal(tmp_path / "bid")
    kept = recovery.read(bid.recovery.read_bytes(), PASSPHRASE)
    bidder = b64decode(kept.parts[0].bidder_share or "")
    gate = gate_share(world, bid, "summary")

    with pytest.raises(NoQuorum):
        combined(world, bid, "summary", shares_for(world, bid, "summary", 1), gate, bidder)
    with pytest.raises(BidderTimeout):
        combined(world, bid, "summary", shares_for(world, bid, "summary", 1, 2), gate)
    with pytest.raises(BidderBadShare):
        combined(world, bid, "summary", shares_for(world, bid, "summary", 1, 2), gate, bytes(32))
    opened = combined(world, bid, "summary", shares_for(world, bid, "summary", 1, 2), gate, bidder)
    assert age.recipient_of(opened.identity) == bid.manifest.parts[0].recipient


def test_without_a_gate_k_custodians_are_enough(tmp_path: Path) -> None:
    world = World(gate=False)
    bid = world.seal(tmp_path / "bid")

    opened = combined(world, bid, "summary", shares_for(world, bid, "summary", 2, 3), None)

    assert age.recipient_of(opened.identity) == bid.manifest.parts[0].recipient


def test_an_altered_share_names_its_custodian_and_a_spare_one_saves_the_opening(
    world: World, tmp_path: Path
) -> None:
    bid = world.seal(tmp_path / "bid")
    gate = gate_share(world, bid, "summary")
    shares = shares_for(world, bid, "summary", 1, 2, 3)
    shares[2] = bytes([shares[2][0] ^ 1]) + shares[2][1:]

    saved = combined(world, bid, "summary", shares, gate)
    del shares[3]
    with pytest.raises(ShareCommit) as caught:
        combined(world, bid, "summary", shares, gate)

    assert saved.left_out == ("custodian:2",)
    assert not saved.inconsistent
    assert "identity" not in repr(saved)
    assert caught.value.data == {"holder": "custodian:2"}
    assert caught.value.fault == "custodian"
    with pytest.raises(ShareCommit) as gates:
        combined(world, bid, "summary", shares_for(world, bid, "summary", 1, 2), bytes(32))
    assert gates.value.data == {"holder": "gate"}


def test_a_custodians_share_is_not_good_in_anothers_place(world: World, tmp_path: Path) -> None:
    bid = world.seal(tmp_path / "bid")
    first = shares_for(world, bid, "summary", 1)[1]

    with pytest.raises(ShareCommit):
        combined(world, bid, "summary", {1: first, 2: first}, gate_share(world, bid, "summary"))


def committed(bid: SealedBid, part: str, shares: dict[int, bytes], gate: bytes) -> dict[str, str]:
    ctx = context(bid, part)
    named = {capsules.custodian(index): share for index, share in shares.items()} | {"gate": gate}
    return {holder: capsules.commit(ctx, holder, share) for holder, share in named.items()}


def test_a_bidder_who_dealt_one_bad_share_is_opened_by_the_others_or_named(
    world: World, tmp_path: Path
) -> None:
    bid = world.seal(tmp_path / "bid")
    gate = gate_share(world, bid, "summary")
    assert gate is not None
    shares = shares_for(world, bid, "summary", 1, 2, 3)
    shares[1] = os.urandom(32) + shares[1][-1:]
    commits = committed(bid, "summary", shares, gate)
    ctx = context(bid, "summary")

    opened = opening.combine(shares, gate, None, k=2, ctx=ctx, commits=commits)
    del shares[3]
    with pytest.raises(BidderKeyMismatch) as caught:
        opening.combine(shares, gate, None, k=2, ctx=ctx, commits=commits)

    assert opened.inconsistent
    assert age.recipient_of(opened.identity) == ctx.recipient
    assert caught.value.fault == "bidder"


def resigned(
    bid: SealedBid, world: World, signer: SoftwareSigner, **changes: object
) -> tuple[bytes, BidManifest]:
    manifest = msgspec.structs.replace(bid.manifest, cert_sha256=signer.keyid, **changes)
    return dsse.sign_document(manifest, [signer]), manifest


def refusals(release: ShareRelease) -> set[object]:
    return {item.refused for item in release.releases}


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


def test_cut_and_mixed_payloads_leave_no_file_behind(world: World, tmp_path: Path) -> None:
    big = tmp_path / "big"
    big.write_bytes(os.urandom(300_000))
    bid = world.seal(tmp_path / "bid", files=[("big", big)])
    other = world.seal(tmp_path / "other", bidder="B2", files=[("big", big)])
    identity, ctx = key_of(world, bid, "technical"), context(bid, "technical")
    data, strange = bid.parts["technical"].read_bytes(), other.parts["technical"].read_bytes()
    attacks = [data[:-1], data[:-65552], data[:200_000] + strange[200_000:], strange]

    for place, attack in enumerate(attacks):
        with pytest.raises(BadPayload) as caught:
            opening.open_part(io.BytesIO(attack), identity, ctx=ctx, extract_to=tmp_path / f"out{place}")
        assert caught.value.data["part"] == "technical"
        assert list((tmp_path / f"out{place}").iterdir()) == []


def test_a_payload_of_another_lot_under_the_right_key_is_refused(world: World, tmp_path: Path) -> None:
    bid = world.seal(tmp_path / "bid")
    identity = key_of(world, bid, "summary")
    elsewhere = msgspec.structs.replace(context(bid, "summary"), lot_id="lot-2")

    with bid.parts["summary"].open("rb") as sealed, pytest.raises(ContextMismatch):
        opening.read_summary(sealed, identity, ctx=elsewhere, form=FORM)
    not_an_archive = age.encrypt_bytes(b"price 1", [context(bid, "summary").recipient])
    with pytest.raises(BadContent):
        opening.read_summary(io.BytesIO(not_an_archive), identity, ctx=context(bid, "summary"), form=FORM)


def test_sealing_refuses_what_the_tender_does_not_take(world: World, tmp_path: Path) -> None:
    large = tmp_path / "large"
    with large.open("wb") as out:
        out.truncate((1 << 26) + 1)
    with pytest.raises(OverLimit) as caught:
        world.seal(tmp_path / "one", files=[("large", large)])
    assert caught.value.data == {"what": "technical", "limit": 1 << 26}
    with pytest.raises(FileExistsError):
        world.seal(tmp_path / "one")


def test_a_signature_of_another_key_gives_no_share(world: World, tmp_path: Path) -> None:
    key_owner = certificate("one", world.authority)
    impostor = SoftwareSigner(certificate("two", world.authority).certificate, key_owner._key)
    bid = world.seal(tmp_path / "bid", signer=impostor)

    release = released(world, bid, 1)[0]

    assert refusals(release) == {"E_MANIFEST_SIG"}
    assert all(isinstance(item, Release) and item.share is msgspec.UNSET for item in release.releases)
