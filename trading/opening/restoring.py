"""A bidder hands in its ciphertext again after the store damaged it: the manifest says which bytes these must be."""

from __future__ import annotations

from sqlalchemy import select

from bidding_docs.codes import StoreHash, WrongHash
from govcore import clock
from govcore.db import Tx, new_id
from govcore.errors import MoveNotAllowed, NotFound
from govcore.identity.policy import Actor, require
from govcore.platform import Platform
from trading.bidding import queries as bidding
from trading.bidding.models import Bid, Upload
from trading.bidding.queries import owner_tag
from trading.opening.bidder_shares import own_bid
from trading.opening.hall import announce
from trading.opening.models import Opening, OpeningBid
from trading.opening.policy import OpeningState
from trading.opening.verification import damaged_objects


def begin(tx: Tx, platform: Platform, lot_id: str, *, actor: Actor) -> Upload:
    """Give the bidder of a damaged bid a new place for the same bytes; pieces and capsules go up as before."""
    _, bid = _damaged(tx, lot_id, actor)
    parts = bidding.bid_manifest(bid.envelope).parts
    upload = Upload(
        id=new_id(),
        lot_id=lot_id,
        parts=[{"id": part.id, "size": part.size, "sha256": part.sha256} for part in parts],
        owner_tag=owner_tag(platform.keys, lot_id, actor.org_id),
        created_at=clock.now(tx),
        capsules=None,
        replaces=bid.bid_id,
    )
    tx.add(upload)
    return upload


def finish(tx: Tx, platform: Platform, upload_id: str, *, actor: Actor) -> None:
    """Put the new place in the damaged one's stead when it holds every byte of the manifest; E_HASH otherwise.

    The whole store of the lot is then hashed again before anything is released.
    """
    upload = tx.get(Upload, upload_id)
    if upload is None or upload.replaces is None:
        raise NotFound
    opening, bid = _damaged(tx, upload.lot_id, actor)
    if upload.replaces != bid.bid_id:
        raise NotFound
    if damaged_objects(platform, bid, upload.id, bidding.pieces_of(tx, upload.id)):
        raise WrongHash(what=bid.manifest_sha256)
    tx.get_one(Bid, bid.bid_id).upload_id = upload.id
    opening.damaged = opening.lease_until = None
    at = clock.now(tx)
    data = {"lot_id": opening.lot_id, "code": StoreHash.code, "manifest_sha256": bid.manifest_sha256}
    announce(tx, "store.restored", lot_id=upload.lot_id, subject=bid.bid_id, at=at, data=data)


def _damaged(tx: Tx, lot_id: str, actor: Actor) -> tuple[Opening, OpeningBid]:
    require(actor, "opening.restore")
    opening = tx.scalar(select(Opening).where(Opening.lot_id == lot_id).with_for_update())
    if opening is None:
        raise NotFound
    bid = own_bid(tx, opening, actor)
    body = bidding.bid_manifest(bid.envelope)
    named = {part.sha256 for part in body.parts}
    named |= {one.sha256 for part in body.parts for one in part.capsules}
    if opening.state != OpeningState.SEALED or not named & set(opening.damaged or ()):
        raise MoveNotAllowed(move="opening.restore", state=opening.state)
    return opening, bid
