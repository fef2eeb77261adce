"""Stages: which bids and parts the present one covers, and how the second one begins."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select, update

from bidding_docs import manifests as m
from bidding_docs.codes import TooEarly
from govcore.db import Tx
from trading.bidding import queries as bidding
from trading.opening import queries
from trading.opening.hall import announce
from trading.opening.hall_bids import passed
from trading.opening.models import Opening, OpeningBid, PastStage
from trading.opening.moves import move_opening
from trading.opening.policy import OpeningMove, windows
from trading.tender import queries as tenders


def covered_bids(tx: Tx, opening: Opening) -> list[OpeningBid]:
    """The bids whose parts open at the present stage, in the order of their numbers."""
    bids, named = queries.bids_of(tx, opening.lot_id), passed(tx, opening)
    return bids if named is None else [bid for bid in bids if bid.manifest_sha256 in named]


def parts_at(manifest: m.BidManifest, rules: m.KeyManifest, opens: str) -> list[m.Part]:
    """The parts of a bid that open at a stage."""
    at_stage = rules.parts_of(opens)
    return [part for part in manifest.parts if part.id in at_stage]


def covered_parts(tx: Tx, opening: Opening) -> Iterable[tuple[OpeningBid, m.BidManifest, m.Part]]:
    """Every part that opens at the present stage, with its bid."""
    rules = tenders.key_manifest_body(tx, opening.lot_id)
    for bid in covered_bids(tx, opening):
        manifest = bidding.bid_manifest(bid.envelope)
        for part in parts_at(manifest, rules, opening.opens):
            yield bid, manifest, part


def begin_second_stage(tx: Tx, lot_id: str, *, event: bytes, document: bytes, at: datetime) -> None:
    """Begin the stage `technical-fixed` with the event that fixed the technical result, and the signed result itself.

    The record of the first stage must be written (`MoveNotAllowed`); what it read out and recorded is kept apart.
    """
    opening = tx.scalar(select(Opening).where(Opening.lot_id == lot_id).with_for_update())
    if opening is None or opening.opens != m.OPENING:
        raise TooEarly(opening_at="tender.closed")
    move_opening(tx, opening, OpeningMove.NEXT_STAGE, at=at)
    if opening.read_out_at is None or opening.record_key is None or opening.record_sha256 is None:
        raise ValueError(f"the first stage of {lot_id} is recorded without its record")
    tx.add(
        PastStage(
            lot_id=lot_id,
            opens=opening.opens,
            read_out_at=opening.read_out_at,
            record_key=opening.record_key,
            record_sha256=opening.record_sha256,
        )
    )
    opening.opens, opening.stage_payload, opening.stage_document = m.TECHNICAL_FIXED, event, document
    opening.read_out_at = opening.record_key = opening.record_sha256 = None
    opening.store_verified_at = opening.damaged = opening.suspended_at = opening.lease_until = None
    opening.outage_from = opening.outage_until = None
    asked = tenders.key_manifest_body(tx, lot_id).windows
    until = windows(at, bidder_share=asked.bidder_share, seal_check=0, release=asked.release)
    opening.bidder_until, opening.seal_check_until = until.bidder_until, until.seal_check_until
    opening.release_until = until.release_until
    covered = [bid.bid_id for bid in covered_bids(tx, opening)]
    tx.execute(
        update(OpeningBid).where(OpeningBid.bid_id.in_(covered)).values(opened=None, payload_checked_at=None)
    )
    data = {"lot_id": lot_id, "opens": opening.opens, "bids": len(covered)}
    announce(tx, "opening.stage_begun", lot_id=lot_id, at=at, data=data)
