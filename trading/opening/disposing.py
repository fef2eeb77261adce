"""Forget what opens the bids of lots whose years of keeping are over."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select, update

from govcore.db import Tx
from trading.opening.models import BidderShare, OpeningBid, PartKey, ShareRelease


def forget_keys(tx: Tx, lot_ids: Sequence[str]) -> None:
    """Delete every recovered key and every share of these lots' bids; what was read out stays as it was published."""
    bids = select(OpeningBid.bid_id).where(OpeningBid.lot_id.in_(lot_ids))
    for table in (PartKey, BidderShare):
        tx.execute(delete(table).where(table.bid_id.in_(bids)))
    tx.execute(delete(ShareRelease).where(ShareRelease.lot_id.in_(lot_ids)))
    tx.execute(update(OpeningBid).where(OpeningBid.lot_id.in_(lot_ids)).values(opened=None))
