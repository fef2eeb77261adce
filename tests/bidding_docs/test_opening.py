"""From sealing to opening, and every attack on the way that pure functions must refuse."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from pathlib import Path

import msgspec
import pytest
from bid_factories import FORM, PASSPHRASE, World
from opening_factories import (
    combined,
    context,
    gate_share,
    key_of,
    part_of,
    shares_for,
)

from bidding_docs import age, capsules, opening, recovery
from bidding_docs.codes import (
    BadContent,
    BadPayload,
    BidderBadShare,
    BidderKeyMismatch,
    BidderTimeout,
    ContextMismatch,
    GateKey,
    NoQuorum,
    OverLimit,
    ShareCommit,
    StoreHash,
    Unrecoverable,
)
from bidding_docs.encoding import b64decode, sha256_hex
from bidding_docs.pieces import check_stored
from bidding_docs.sealing import SealedBid

needs_age = pytest.mark.skipif(
    shutil.which("age") is None and "CI" not in os.environ, reason="the age command is not installed"
)


@pytest.fixture
def world() -> World:
    return World()


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
