"""A check for everybody: is a receipt ours and in the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import MultipartBody
from litestar.response import Redirect

from bidding_docs import manifests as m
from bidding_docs.encoding import parse_time
from govcore import clock, dsse
from govcore.audit import queries as audit
from govcore.db import Tx
from govcore.errors import NotFound, Problem
from govcore.pdf.carrying import carried_by
from govcore.platform import Platform
from govcore.web import page
from govcore.web.rendering import AnyRequest, language
from trading.documents import queries as documents
from trading.documents.manifests import RECEIPT_TYPE
from trading.tender.queries import published_lot

RECEIPT_LIMIT = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptChecked:
    """What a receipt with a good signature says, and where the log holds it; `late` after a broken promise."""

    tender_id: str
    lot_id: str
    lot_name: str
    lot_code: str
    bidder_id: str
    seq: int
    manifest_sha256: str
    received_at: datetime
    promise_by: datetime
    index: int | None
    late: bool


def check_receipt(tx: Tx, platform: Platform, raw: bytes, *, at: datetime) -> ReceiptChecked:
    """Check signature and log; raise the refusal of an envelope that is not a receipt of this platform."""
    signer = platform.keys.receipt_signer
    keys = {signer.keyid: Ed25519PublicKey.from_public_bytes(signer.public_bytes)}
    payload = dsse.verify(dsse.Envelope.decode(raw), m.media_type(m.Receipt), keys)
    receipt = m.parse(payload, m.Receipt)
    promise_by = parse_time(receipt.promise_by)
    index = audit.index_of(tx, bytes.fromhex(receipt.leaf))
    try:
        lot = published_lot(tx, receipt.lot_id)
        lot_name, lot_code = f"{lot.title} · {lot.lot_name}", lot.lot_code
    except NotFound:
        lot_name = lot_code = ""
    return ReceiptChecked(
        tender_id=receipt.tender_id,
        lot_id=receipt.lot_id,
        lot_name=lot_name,
        lot_code=lot_code,
        bidder_id=receipt.bidder_id,
        seq=receipt.seq,
        manifest_sha256=receipt.manifest_sha256,
        received_at=parse_time(receipt.received_at),
        promise_by=promise_by,
        index=index,
        late=index is None and at > promise_by,
    )


@get("/verify/document", permission="public", sync_to_thread=False)
def document_page() -> Redirect:
    """An address of earlier papers: one page checks published files and sealed papers."""
    return Redirect("/verify-document", status_code=308)


@get("/verify/receipt", permission="public", sync_to_thread=True)
def receipt_page(request: AnyRequest) -> Response[str]:
    return page(request, "desk/verify_receipt.html", result=None, held=None, errors=[], entered="")


@post(
    "/verify/receipt",
    permission="public",
    cost=10,
    sync_to_thread=True,
    status_code=200,
    request_max_body_size=RECEIPT_LIMIT + (64 << 10),
)
def check_receipt_page(
    request: AnyRequest, data: MultipartBody[dict[str, Any]], platform: NamedDependency[Platform]
) -> Response[str]:
    """Check a pasted or uploaded receipt; what is wrong with it is said beside the field."""
    entered = _text(data.get("text"))
    file = _file(data.get("file"))
    raw = file.read(RECEIPT_LIMIT) if file is not None else entered.strip().encode()
    if raw.startswith(b"%PDF-"):
        raw = carried_by(raw) or b"a PDF that carries no receipt"
    result, held, errors = None, None, []
    try:
        with platform.db.read() as tx:
            if dsse.Envelope.decode(raw).payload_type == RECEIPT_TYPE:
                held = documents.receipt_is_valid(tx, platform.keys, raw)
            else:
                result = check_receipt(tx, platform, raw, at=clock.now(tx))
    except Problem as problem:
        _ = platform.catalogue.translator(language(request))
        text = _(problem.text, **problem.data) if raw else _("Choose the receipt's file or paste its text.")
        errors.append({"field": "text" if file is None else "file", "text": text})
    status = 422 if errors else 200
    return page(
        request,
        "desk/verify_receipt.html",
        status=status,
        result=result,
        held=held,
        since=parse_time(held.issued_at) if held else None,
        errors=errors,
        entered=entered,
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _file(value: object) -> SpooledTemporaryFile[bytes] | None:
    """The uploaded file, or nothing when the field was left empty."""
    return value.file if isinstance(value, UploadFile) and value.filename else None


PAGES = [document_page, receipt_page, check_receipt_page]
