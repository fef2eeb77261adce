"""Shares that must not give a key: too few, without the gate or the bidder, altered, moved, dealt badly."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from bid_factories import PASSPHRASE, World
from opening_factories import combined, context, gate_share, shares_for

from bidding_docs import age, capsules, opening, recovery
from bidding_docs.codes import (
    BidderBadShare,
    BidderKeyMismatch,
    BidderTimeout,
    GateKey,
    NoQuorum,
    ShareCommit,
)
from bidding_docs.encoding import b64decode
from bidding_docs.sealing import SealedBid


@pytest.fixture
def world() -> World:
    return World()


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


def test_k_custodians_without_the_gate_cannot_combine(world: World, tmp_path: Path) -> None:
    bid = world.seal(tmp_path / "bid")

    with pytest.raises(GateKey) as caught:
        combined(world, bid, "summary", shares_for(world, bid, "summary", 1, 2, 3), None)

    assert caught.value.fault == "platform"


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
