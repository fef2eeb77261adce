"""From sealing to opening, and every attack on the way that pure functions must refuse."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from bid_factories import FORM, PASSPHRASE, World
from opening_factories import (
    combined,
    context,
    key_of,
    part_of,
    shares_for,
)

from bidding_docs import age, opening, recovery
from bidding_docs.codes import (
    BidderKeyMismatch,
    OverLimit,
    Unrecoverable,
)
from bidding_docs.encoding import sha256_hex
from bidding_docs.pieces import check_stored

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


def test_without_a_gate_k_custodians_are_enough(tmp_path: Path) -> None:
    world = World(gate=False)
    bid = world.seal(tmp_path / "bid")

    opened = combined(world, bid, "summary", shares_for(world, bid, "summary", 2, 3), None)

    assert age.recipient_of(opened.identity) == bid.manifest.parts[0].recipient


def test_sealing_refuses_what_the_tender_does_not_take(world: World, tmp_path: Path) -> None:
    large = tmp_path / "large"
    with large.open("wb") as out:
        out.truncate((1 << 26) + 1)
    with pytest.raises(OverLimit) as caught:
        world.seal(tmp_path / "one", files=[("large", large)])
    assert caught.value.data == {"what": "technical", "limit": 1 << 26}
    with pytest.raises(FileExistsError):
        world.seal(tmp_path / "one")
