"""Close a lot: commit to the set of bids in the log before anything can be opened."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from bidding_docs.manifests import OPENING
from bidding_docs.merkle import bids_root
from govcore import clock
from govcore.audit.entries import event_bytes
from govcore.audit.queries import Checkpoint
from govcore.audit.service import integrate
from govcore.db import Tx
from govcore.platform import Platform
from trading.bidding.queries import EligibleBid, eligible_bids
from trading.opening.announcing import publish_failure
from trading.opening.drawing import announce_at_closing
from trading.opening.hall import announce
from trading.opening.models import Opening, OpeningBid
from trading.opening.policy import BidState, OpeningState, windows
from trading.tender import custodian_keys
from trading.tender import queries as tenders
from trading.tender.models import Lot
from trading.tender.moves import move_lot
from trading.tender.policy import LotMove, LotState
from trading.tender.queries import LotContext


def close(tx: Tx, platform: Platform, lot_id: str) -> Opening | None:
    """Close a lot whose deadline has passed; nothing when it is early or done already.

    The lock on the lot waits for submissions that were judged in time; the log then drains, so the signed
    checkpoint holds exactly the entries of the bids that count (招标投标法 art. 28, 34).
    """
    lot = tx.scalar(select(Lot).where(Lot.id == lot_id).with_for_update())
    at = clock.now(tx)
    if lot is None or lot.state != LotState.OPEN or lot.deadline_at is None or at < lot.deadline_at:
        return None
    lot.closed_at = at
    checkpoint = drain_log(tx, platform, at=at)
    context = tenders.lot_context(tx, lot_id)
    bids = eligible_bids(tx, platform.wrapper, lot_id, lot.round)
    opening = _opening(tx, context, checkpoint, bids, at=at)
    tx.add(opening)
    tx.flush()
    if opening.state == OpeningState.FAILED:
        _fail(tx, context, opening, at=at)
    else:
        move_lot(tx, lot_id, LotMove.CLOSE, at=at)
        _admit(tx, lot_id, bids)
        tx.flush()
        announce_at_closing(tx, context, opening, at=at)
    return opening


def drain_log(tx: Tx, platform: Platform, *, at: datetime) -> Checkpoint:
    """Force an instant of the log that holds everything recorded so far."""
    settings = platform.settings
    checkpoint = integrate(
        tx,
        at=at,
        signer=platform.keys.log_signer,
        origin=settings.log_origin,
        bucket=settings.log_bucket,
        interval=timedelta(seconds=settings.log_interval),
        forced=True,
    )
    if checkpoint is None:
        raise RuntimeError("a forced instant always signs a checkpoint")
    return checkpoint


def _opening(
    tx: Tx, lot: LotContext, checkpoint: Checkpoint, bids: list[EligibleBid], *, at: datetime
) -> Opening:
    root = bids_root(bid.manifest_sha256 for bid in bids)
    data = {
        "tender_id": lot.tender_id,
        "lot_id": lot.lot_id,
        "round": lot.round,
        "key_manifest_sha256": lot.key_manifest_sha256,
        "schedule_sha256": tenders.present_schedule(tx, lot.lot_id).sha256,
        "cp_size": checkpoint.size,
        "cp_root": checkpoint.root.hex(),
        "bids_root": root,
        "eligible_count": len(bids),
    }
    announce(tx, "tender.closed", lot_id=lot.lot_id, at=at, data=data)
    payload = event_bytes(type="tender.closed", subject=lot.lot_id, actor="system", at=at, data=data)
    asked = tenders.key_manifest_body(tx, lot.lot_id).windows
    until = windows(at, bidder_share=asked.bidder_share, seal_check=asked.seal_check, release=asked.release)
    enough = len(bids) >= lot.least_received.number
    return Opening(
        lot_id=lot.lot_id,
        round=lot.round,
        state=OpeningState.SEALED if enough else OpeningState.FAILED,
        opens=OPENING,
        closed_payload=payload,
        cp_size=checkpoint.size,
        bids_root=root,
        eligible_count=len(bids),
        closed_at=at,
        seal_check_until=until.seal_check_until,
        bidder_until=until.bidder_until,
        release_until=until.release_until,
    )


def _admit(tx: Tx, lot_id: str, bids: list[EligibleBid]) -> None:
    """From the closing on the bids are public: who, and the digest of what (not its content)."""
    in_order = sorted(bids, key=lambda bid: (bid.received_at, bid.manifest_sha256))
    tx.add_all(
        OpeningBid(
            bid_id=bid.bid_id,
            lot_id=lot_id,
            number=number,
            org_id=bid.org_id,
            manifest_sha256=bid.manifest_sha256,
            envelope=bid.envelope,
            received_at=bid.received_at,
            state=BidState.SEALED,
        )
        for number, bid in enumerate(in_order, 1)
    )


def _fail(tx: Tx, lot: LotContext, opening: Opening, *, at: datetime) -> None:
    """Too few bids: nothing is opened, all keys are destroyed, the bids stay sealed for ever."""
    move_lot(tx, lot.lot_id, LotMove.FAIL, at=at)
    data = {
        "lot": lot.lot_code,
        "eligible_count": opening.eligible_count,
        "needed": lot.least_received.number,
    }
    announce(tx, "tender.failed", lot_id=lot.lot_id, at=at, data=data)
    publish_failure(tx, lot, count=opening.eligible_count, at=at)
    custodian_keys.destroy(tx, lot.lot_id, lot.lot_code, at=at)
