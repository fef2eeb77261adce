"""What the opening keeps wrapped, and for what each blob was wrapped: rotation of keys re-wraps these columns."""

from __future__ import annotations

from govcore.db import Tx
from govcore.module import WrappedColumn
from trading.opening.models import BidderShare, GateRelease, Opening, OpeningBid, PartKey, ShareRelease


def _share(tx: Tx, row: ShareRelease) -> str:
    return f"{row.lot_id}/{tx.get_one(Opening, row.lot_id).round}/{row.custodian}"


def _gate(tx: Tx, row: GateRelease) -> str:
    return f"{row.lot_id}/{tx.get_one(Opening, row.lot_id).round}/{row.opens}"


WRAPPED = (
    WrappedColumn(attribute=ShareRelease.wrapped, purpose="share", context=_share),
    WrappedColumn(attribute=GateRelease.wrapped, purpose="gate-release", context=_gate),
    WrappedColumn(
        attribute=BidderShare.wrapped,
        purpose="bidder-share",
        context=lambda _, row: f"{row.bid_id}/{row.part}",
    ),
    WrappedColumn(attribute=OpeningBid.opened, purpose="opened", context=lambda _, row: str(row.bid_id)),
    WrappedColumn(
        attribute=PartKey.wrapped, purpose="part-key", context=lambda _, row: f"{row.bid_id}/{row.part}"
    ),
)
