"""A bidder's receipt on paper; the signed message, not the paper, is the proof."""

from __future__ import annotations

import base64

from bidding_docs import dsse
from bidding_docs.encoding import parse_time
from bidding_docs.manifests import Receipt
from govcore.db import Tx
from govcore.identity.policy import Actor
from govcore.pdf.document import DEMO_WATERMARK
from govcore.platform import Platform
from trading.bidding import queries
from trading.bidding.papers import BidReceipt, SealedPart, bid_receipt
from trading.documents.papers import CENTRE
from trading.tender.queries import LotContext


def receipt_pdf(tx: Tx, platform: Platform, lot: LotContext, *, actor: Actor) -> bytes:
    """The actor's own receipt; `NotFound` when nothing of it was received."""
    last = queries.my_last(
        tx, lot.lot_id, round_=lot.round, actor=actor, vault=platform.keys, wrapper=platform.wrapper
    )
    receipt, _ = dsse.read_unverified(last.receipt, Receipt)
    signature = dsse.Envelope.decode(last.receipt).signatures[0]
    labels = {part.id: part.label for part in lot.content.parts}
    paper = BidReceipt(
        centre=platform.settings.centre or CENTRE,
        receipt_no=receipt.receipt_id,
        tenderer=lot.tenderer.name,
        project=lot.title,
        lot=lot.lot_name,
        lot_code=lot.lot_code,
        bidder=actor.org_name,
        uscc=receipt.bidder_id,
        sequence=receipt.seq,
        received_at=parse_time(receipt.received_at),
        deadline_at=lot.deadline_at or parse_time(receipt.received_at),
        manifest_sha256=receipt.manifest_sha256,
        parts=[
            SealedPart(name=labels[part.id], size=part.size, sha256=part.sha256) for part in receipt.parts
        ],
        log_leaf=receipt.leaf,
        promised_by=parse_time(receipt.promise_by),
        signed_by=signature.keyid,
        signature=base64.b64encode(signature.sig).decode(),
        message=last.receipt.decode(),
    )
    return bid_receipt(paper, watermark=None if lot.rule_set.lawful else DEMO_WATERMARK)
