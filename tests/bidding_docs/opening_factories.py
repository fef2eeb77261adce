"""Steps of an opening, as several tests take them."""

from __future__ import annotations

import msgspec
from bid_factories import STAGE, World

from bidding_docs import capsules, dsse, opening
from bidding_docs.manifests import BidManifest, Part, ShareRelease
from bidding_docs.sealing import SealedBid
from bidding_docs.signing import SoftwareSigner


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


def resigned(
    bid: SealedBid, world: World, signer: SoftwareSigner, **changes: object
) -> tuple[bytes, BidManifest]:
    manifest = msgspec.structs.replace(bid.manifest, cert_sha256=signer.keyid, **changes)
    return dsse.sign_document(manifest, [signer]), manifest


def refusals(release: ShareRelease) -> set[object]:
    return {item.refused for item in release.releases}
