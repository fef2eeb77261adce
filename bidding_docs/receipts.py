"""What the platform signs for a bidder, checked without asking it: receipts, refusals, that nothing was received."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bidding_docs import dsse
from bidding_docs.codes import CODES, BadSchema
from bidding_docs.encoding import format_time
from bidding_docs.manifests import (
    BidManifest,
    BidWithdraw,
    KeyManifest,
    NoBid,
    Receipt,
    ReceiptPart,
    Refusal,
    media_type,
)
from govcore.dsse import BadEnvelope, PublicKey
from govcore.errors import Detail


def make_receipt(
    message: BidManifest | BidWithdraw,
    *,
    manifest_sha256: str,
    receipt_id: str,
    received_at: datetime,
    leaf: str,
    promise_by: datetime,
    signer: dsse.Signer,
) -> bytes:
    """Return the signed receipt of a bid or withdrawal; `leaf` is what the log promises to hold by `promise_by`."""
    receipt = Receipt(
        tender_id=message.tender_id,
        lot_id=message.lot_id,
        round=message.round,
        key_manifest_sha256=message.key_manifest_sha256,
        receipt_id=receipt_id,
        bidder_id=message.bidder_id,
        seq=message.seq,
        manifest_sha256=manifest_sha256,
        parts=_parts(message),
        received_at=format_time(received_at),
        leaf=leaf,
        promise_by=format_time(promise_by),
    )
    return dsse.sign_document(receipt, [signer])


def _parts(message: BidManifest | BidWithdraw) -> tuple[ReceiptPart, ...]:
    """The files received; a withdrawal has none."""
    if isinstance(message, BidWithdraw):
        return ()
    return tuple(ReceiptPart(id=part.id, size=part.size, sha256=part.sha256) for part in message.parts)


def make_refusal(
    lot: KeyManifest,
    *,
    key_manifest_sha256: str,
    manifest_sha256: str,
    code: str,
    at: datetime,
    signer: dsse.Signer,
) -> bytes:
    """Return the signed refusal of a message with one of the protocol's codes."""
    if code not in CODES:
        raise BadSchema(detail=Detail("{code} is not a code of this protocol", code=code))
    refusal = Refusal(
        tender_id=lot.tender_id,
        lot_id=lot.lot_id,
        round=lot.round,
        key_manifest_sha256=key_manifest_sha256,
        code=code,
        manifest_sha256=manifest_sha256,
        at=format_time(at),
    )
    return dsse.sign_document(refusal, [signer])


def make_no_bid(
    lot: KeyManifest,
    *,
    key_manifest_sha256: str,
    bidder_id: str,
    deadline_at: datetime,
    at: datetime,
    signer: dsse.Signer,
) -> bytes:
    """Return the signed statement that no bid of this bidder was received before the deadline."""
    statement = NoBid(
        tender_id=lot.tender_id,
        lot_id=lot.lot_id,
        round=lot.round,
        key_manifest_sha256=key_manifest_sha256,
        bidder_id=bidder_id,
        deadline_at=format_time(deadline_at),
        at=format_time(at),
    )
    return dsse.sign_document(statement, [signer])


def verify_any(raw: bytes, keys: Mapping[str, PublicKey]) -> Receipt | Refusal | NoBid:
    """Return whichever of the three the platform signed; E_SCHEMA or E_MANIFEST_SIG."""
    try:
        kind = dsse.Envelope.decode(raw).payload_type
    except BadEnvelope:
        raise BadSchema(detail="not a signed document of the expected kind") from None
    if kind == media_type(Refusal):
        return dsse.open_document(raw, Refusal, keys).document
    if kind == media_type(NoBid):
        return dsse.open_document(raw, NoBid, keys).document
    return dsse.open_document(raw, Receipt, keys).document


def verify_receipt(
    raw: bytes, keys: Mapping[str, PublicKey], *, manifest: BidManifest, manifest_sha256: str
) -> Receipt:
    """Return the receipt when it is the platform's and for exactly this bid; E_SCHEMA or E_MANIFEST_SIG."""
    receipt = dsse.open_document(raw, Receipt, keys).document
    for field in ("tender_id", "lot_id", "round", "key_manifest_sha256", "bidder_id", "seq"):
        if getattr(receipt, field) != getattr(manifest, field):
            raise BadSchema(detail=Detail("the receipt is for another bid: {field} differs", field=field))
    if receipt.manifest_sha256 != manifest_sha256 or receipt.parts != _parts(manifest):
        raise BadSchema(detail="the receipt is for another bid")
    return receipt


def verify_refusal(raw: bytes, keys: Mapping[str, PublicKey], *, manifest_sha256: str) -> Refusal:
    """Return the refusal when it is the platform's and for this manifest; E_SCHEMA or E_MANIFEST_SIG."""
    refusal = dsse.open_document(raw, Refusal, keys).document
    if refusal.manifest_sha256 != manifest_sha256:
        raise BadSchema(detail="the refusal is for another bid")
    return refusal
