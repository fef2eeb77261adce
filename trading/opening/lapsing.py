"""A bid that binds its bidder no longer is out: it leaves the opened ones, or is never opened at all."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, or_, update

from govcore.db import Tx
from govcore.errors import Problem
from trading.opening.hall import announce
from trading.opening.models import OpeningBid
from trading.opening.policy import BidState

LAPSED = "E_VALIDITY_ENDED"


class BeingOpened(Problem):
    code = "E_BEING_OPENED"
    text = "The bids are being opened at this moment. Try again when they were read out."


def take_out(tx: Tx, lot_id: str, bid_id: str, *, at: datetime) -> None:
    """Take a bid out as withdrawn through nobody's fault; what was read out stays on record, what is sealed stays so.

    `BeingOpened` while its keys are put together: then its read-out comes first.
    """
    sealed = and_(OpeningBid.state == BidState.SEALED, OpeningBid.opened.is_(None), OpeningBid.code.is_(None))
    query = update(OpeningBid).where(
        OpeningBid.bid_id == bid_id, or_(OpeningBid.state == BidState.OPENED, sealed)
    )
    moved = tx.execute(
        query.values(state=BidState.WITHDRAWN, code=LAPSED).returning(OpeningBid.manifest_sha256)
    )
    digest = moved.scalar_one_or_none()
    if digest is None:
        raise BeingOpened
    data = {"manifest_sha256": digest}
    announce(tx, "opening.bid_lapsed", lot_id=lot_id, subject=bid_id, at=at, data=data)
