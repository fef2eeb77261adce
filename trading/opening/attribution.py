"""Whose fault it is that a bid did not open: never a bidder's before the platform and the custodians are cleared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bidding_docs import capsules
from bidding_docs import manifests as m
from bidding_docs.codes import CODES, BidderBadShare, ContextMismatch, SealProblem, StoreHash
from bidding_docs.encoding import b64decode
from govcore.errors import NotFound, Problem
from govcore.platform import Platform
from trading.bidding import queries as bidding
from trading.bidding.uploads import capsule_key
from trading.opening.models import OpeningBid
from trading.opening.verification import damaged_objects

PROVABLE = (ContextMismatch.code, BidderBadShare.code)


@dataclass(frozen=True, slots=True)
class KeptBack:
    """A holder's reason for releasing no share, with the capsule's file key as its proof."""

    holder: str
    item: m.Release


def attributed(
    platform: Platform,
    bid: OpeningBid,
    problem: Problem,
    kept_back: Sequence[KeptBack],
    *,
    upload_id: str,
    pieces: Mapping[str, int],
) -> SealProblem:
    """The problem that counts: damage of the store first, then a bad capsule that is proven, then what was seen."""
    if damaged := damaged_objects(platform, bid, upload_id, dict(pieces)):
        return StoreHash(what=damaged[0])
    body = bidding.bid_manifest(bid.envelope)
    for one in kept_back:
        if one.item.manifest_sha256 == bid.manifest_sha256 and _is_proven(platform, body, one, upload_id):
            return _told(one)
    if isinstance(problem, SealProblem):
        return problem
    return StoreHash(what=bid.manifest_sha256)


def _is_proven(platform: Platform, body: m.BidManifest, one: KeptBack, upload_id: str) -> bool:
    if one.item.refused not in PROVABLE or not isinstance(one.item.proof, str):
        return False
    part = next(part for part in body.parts if part.id == one.item.part)
    ref = next(ref for ref in part.capsules if ref.holder == one.holder)
    try:
        sealed = platform.store.get(capsule_key(upload_id, ref.sha256))
    except NotFound:
        return False
    return capsules.bad_share_is_proven(
        sealed,
        b64decode(one.item.proof),
        ctx=capsules.context_of(body, part),
        holder=one.holder,
        committed=ref.commit,
    )


def _told(one: KeptBack) -> SealProblem:
    data = {"field": one.item.part, "holder": one.holder}
    return CODES[str(one.item.refused)](**data)
