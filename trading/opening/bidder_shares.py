"""The bidder's own share: where the tender asks for it, nothing opens before every bidder's window is over."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from bidding_docs import capsules
from bidding_docs.capsules import BIDDER
from bidding_docs.codes import BadSchema, BidderBadShare, BidderTimeout
from govcore import clock
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.policy import Actor, require
from govcore.keys import KeyWrapper
from trading.bidding import queries as bidding
from trading.opening.hall import announce
from trading.opening.models import BidderShare, Opening, OpeningBid
from trading.opening.pausing import windows_of
from trading.opening.policy import OpeningState
from trading.opening.stages import covered_bids, covered_parts, parts_at
from trading.tender import queries as tenders
from trading.tender.policy import Step
from trading.tender.suspensions import keep_running


def give(tx: Tx, wrapper: KeyWrapper, lot_id: str, shares: Mapping[str, bytes], *, actor: Actor) -> None:
    """Take the shares of one's own bid for the present stage; giving them again changes nothing.

    Raises E_BIDDER_TIMEOUT when the window is over, E_BIDDER_BAD_SHARE for a share that is not the one committed to.
    """
    require(actor, "opening.give_share")
    opening = tx.scalar(select(Opening).where(Opening.lot_id == lot_id).with_for_update())
    if opening is None or opening.bidder_until is None:
        raise NotFound
    at = clock.now(tx)
    bid = own_bid(tx, opening, actor)
    keep_running(tx, lot_id, Step.OPENING, at)
    until = windows_of(tx, opening).bidder_until
    if until is None or at >= until or opening.state != OpeningState.SEALED:
        raise BidderTimeout(part=", ".join(sorted(shares)))
    manifest = bidding.bid_manifest(bid.envelope)
    parts = parts_at(manifest, tenders.key_manifest_body(tx, lot_id), opening.opens)
    if set(shares) != {part.id for part in parts}:
        raise BadSchema(detail="a share is needed for every part that opens now, and no other")
    for part in parts:
        ctx = capsules.context_of(manifest, part)
        if not capsules.fits(ctx, BIDDER, shares[part.id], part.commits()[BIDDER]):
            raise BidderBadShare(holder=BIDDER)
    if tx.get(BidderShare, (bid.bid_id, parts[0].id)) is not None:
        return
    tx.add_all(
        BidderShare(
            bid_id=bid.bid_id,
            part=part.id,
            wrapped=wrapper.wrap("bidder-share", f"{bid.bid_id}/{part.id}", shares[part.id]),
            received_at=at,
        )
        for part in parts
    )
    data = {"lot_id": lot_id, "opens": opening.opens, "manifest_sha256": bid.manifest_sha256}
    announce(tx, "opening.share_given", lot_id=lot_id, subject=bid.bid_id, at=at, data=data)


def own_bid(tx: Tx, opening: Opening, actor: Actor) -> OpeningBid:
    """The actor's bid of the present stage; everybody else's does not exist."""
    own = [bid for bid in covered_bids(tx, opening) if bid.org_id == actor.org_id]
    if not own:
        raise NotFound
    return own[0]


def missing(tx: Tx, opening: Opening) -> int:
    """How many parts of the present stage wait for their bidder's share."""
    if opening.bidder_until is None:
        return 0
    wanted = [(bid.bid_id, part.id) for bid, _, part in covered_parts(tx, opening)]
    query = select(BidderShare.bid_id, BidderShare.part).join(
        OpeningBid, OpeningBid.bid_id == BidderShare.bid_id
    )
    given = {tuple(row) for row in tx.execute(query.where(OpeningBid.lot_id == opening.lot_id))}
    return len(set(wanted) - given)


def given_shares(tx: Tx, wrapper: KeyWrapper, lot_id: str) -> dict[tuple[str, str], bytes]:
    """The bidders' shares of a lot by manifest digest and part."""
    rows = tx.execute(
        select(OpeningBid.manifest_sha256, BidderShare)
        .join(BidderShare, BidderShare.bid_id == OpeningBid.bid_id)
        .where(OpeningBid.lot_id == lot_id)
    )
    return {
        (digest, row.part): wrapper.unwrap("bidder-share", f"{row.bid_id}/{row.part}", row.wrapped)
        for digest, row in rows
    }
