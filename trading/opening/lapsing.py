"""A bid that binds its bidder no longer leaves the opened ones, before the committee has reported."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from govcore.db import Tx
from trading.opening.hall import announce
from trading.opening.models import OpeningBid
from trading.opening.policy import BidState

LAPSED = "E_VALIDITY_ENDED"


def take_out(tx: Tx, lot_id: str, bid_id: str, *, at: datetime) -> None:
    """Take an opened bid out as withdrawn through nobody's fault, once; what was read out stays on record."""
    query = update(OpeningBid).where(OpeningBid.bid_id == bid_id, OpeningBid.state == BidState.OPENED)
    moved = tx.execute(
        query.values(state=BidState.WITHDRAWN, code=LAPSED).returning(OpeningBid.manifest_sha256)
    )
    digest = moved.scalar_one_or_none()
    if digest is not None:
        data = {"manifest_sha256": digest}
        announce(tx, "opening.bid_lapsed", lot_id=lot_id, subject=bid_id, at=at, data=data)
