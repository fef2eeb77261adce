"""Receipts and refusals: signed by the platform, checked by anybody without asking it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bidding_docs import dsse
from bidding_docs.codes import CODES, BadSchema
from bidding_docs.encoding import format_time
from bidding_docs.manifests import BidManifest, Receipt, ReceiptPart, Refusal
from bidding_docs.signing import PublicKey


def make_receipt(
    manifest: BidManifest,
    *,
    manifest_sha256: str,
    receipt_id: str,
    received_at: datetime,
    leaf: str,
    promise_by: datetime,
    signer: dsse.Signer,
) -> bytes:
    """Return the signed receipt of a bid; `leaf` is the digest that the log promises to hold by `promise_by`."""
    receipt = Receipt(
        tender_id=manifest.tender_id,
        lot_id=manifest.lot_id,
        round=manifest.round,
        key_manifest_sha256=manifest.key_manifest_sha256,
        receipt_id=receipt_id,
        bidder_id=manifest.bidder_id,
        seq=manifest.seq,
        manifest_sha256=manifest_sha256,
        parts=_parts(manifest),
        received_at=format_time(received_at),
        leaf=leaf,
        promise_by=format_time(promise_by),
    )
    return dsse.sign_document(receipt, [signer])


def _parts(manifest: BidManifest) -> tuple[ReceiptPart, ...]:
    return tuple(ReceiptPart(id=part.id, size=part.size, sha256=part.sha256) for part in manifest.parts)


def make_refusal(
    *,
    tender_id: str,
    lot_id: str,
    round: int,
    key_manifest_sha256: str,
    manifest_sha256: str,
    code: str,
    at: datetime,
    signer: dsse.Signer,
) -> bytes:
    """Return the signed refusal of a bid with one of the protocol's codes."""
    if code not in CODES:
        raise BadSchema(detail=f"{code} is not a code of this protocol")
    refusal = Refusal(
        tender_id=tender_id,
        lot_id=lot_id,
        round=round,
        key_manifest_sha256=key_manifest_sha256,
        code=code,
        manifest_sha256=manifest_sha256,
        at=format_time(at),
    )
    return dsse.sign_document(refusal, [signer])


def verify_receipt(
    raw: bytes, keys: Mapping[str, PublicKey], *, manifest: BidManifest, manifest_sha256: str
) -> Receipt:
    """Return the receipt when it is the platform's and for exactly this bid; E_SCHEMA or E_MANIFEST_SIG."""
    receipt = dsse.open_document(raw, Receipt, keys).document
    for field in ("tender_id", "lot_id", "round", "key_manifest_sha256", "bidder_id", "seq"):
        if getattr(receipt, field) != getattr(manifest, field):
            raise BadSchema(detail=f"the receipt is for another bid: {field} differs")
    if receipt.manifest_sha256 != manifest_sha256 or receipt.parts != _parts(manifest):
        raise BadSchema(detail="the receipt is for another bid")
    return receipt


def verify_refusal(raw: bytes, keys: Mapping[str, PublicKey], *, manifest_sha256: str) -> Refusal:
    """Return the refusal when it is the platform's and for this manifest; E_SCHEMA or E_MANIFEST_SIG."""
    refusal = dsse.open_document(raw, Refusal, keys).document
    if refusal.manifest_sha256 != manifest_sha256:
        raise BadSchema(detail="the refusal is for another bid")
    return refusal
