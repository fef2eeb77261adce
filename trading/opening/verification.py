"""Before any share is released, the stored ciphertext is read again and held against the signed manifests."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from sqlalchemy import update

from bidding_docs import manifests as m
from govcore import clock
from govcore.errors import NotFound
from govcore.platform import Platform
from trading.bidding import queries as bidding
from trading.bidding.uploads import capsule_key, read_part
from trading.opening.hall import announce
from trading.opening.leases import give_back, keep
from trading.opening.models import Opening, OpeningBid
from trading.opening.stages import covered_bids

RECHECK = timedelta(minutes=10)
"""A damaged store is hashed and logged again only after this time."""


def verify_store(platform: Platform, lot_id: str) -> list[str]:
    """Hash every stored part and capsule of the lot's bids; the digests that differ (`E_STORE_HASH`) stop the gate."""
    with platform.db.read() as tx:
        opening = tx.get_one(Opening, lot_id)
        bids, opens = covered_bids(tx, opening), opening.opens
        uploads = {bid.bid_id: bidding.upload_of(tx, bid.bid_id) for bid in bids}
        pieces = {bid_id: bidding.pieces_of(tx, upload) for bid_id, upload in uploads.items()}
    damaged = [
        digest
        for bid in bids
        for digest in damaged_objects(platform, bid, uploads[bid.bid_id], pieces[bid.bid_id])
    ]
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        if not damaged:
            first = tx.execute(
                update(Opening)
                .where(Opening.lot_id == lot_id, Opening.store_verified_at.is_(None))
                .values(store_verified_at=at, damaged=None)
                .returning(Opening.lot_id)
            ).one_or_none()
            if first is not None:
                data = {"lot_id": lot_id, "opens": opens, "bids": len(bids)}
                announce(tx, "store.verified", lot_id=lot_id, at=at, data=data)
        else:
            tx.execute(update(Opening).where(Opening.lot_id == lot_id).values(damaged=sorted(damaged)))
            data = {"lot_id": lot_id, "code": "E_STORE_HASH", "objects": sorted(damaged)}
            announce(tx, "store.damaged", lot_id=lot_id, at=at, data=data)
    if damaged:
        keep(platform.db, lot_id, at=at, until=RECHECK)
    else:
        give_back(platform.db, lot_id)
    return damaged


def damaged_objects(platform: Platform, bid: OpeningBid, upload_id: str, pieces: dict[str, int]) -> list[str]:
    """The digests named in a bid's manifest whose stored bytes are not, or no longer, there."""
    manifest = bidding.bid_manifest(bid.envelope)
    found = []
    for part in manifest.parts:
        if not _intact(platform, part, upload_id, pieces):
            found.append(part.sha256)
        kept = [one for one in part.capsules if one.size]
        found += [one.sha256 for one in kept if not _intact_capsule(platform, one, upload_id)]
    return found


def _intact(platform: Platform, part: m.Part, upload_id: str, pieces: dict[str, int]) -> bool:
    digest = hashlib.sha256()
    try:
        for chunk in read_part(platform.store, upload_id, part.sha256, pieces.get(part.sha256, 0)):
            digest.update(chunk)
    except NotFound:
        return False
    return digest.hexdigest() == part.sha256


def _intact_capsule(platform: Platform, capsule: m.CapsuleRef, upload_id: str) -> bool:
    try:
        stored = platform.store.get(capsule_key(upload_id, capsule.sha256))
    except NotFound:
        return False
    return hashlib.sha256(stored).hexdigest() == capsule.sha256
