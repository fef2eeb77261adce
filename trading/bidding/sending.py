"""The bidder's side: upload by pieces, submit, withdraw, check receipts."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from bidding_docs import dsse, receipts
from bidding_docs import manifests as m
from bidding_docs import sealing as bs1
from bidding_docs.codes import BadSchema, BidsRoot
from bidding_docs.manifests import PIECE_SIZE
from bidding_docs.merkle import bids_root
from govcore.dsse import BadEnvelope, Signer
from govcore.pdf.carrying import carried_by
from trading.bidding.schemas import PartHere, Place, Standing, UploadShown
from trading.bidding.sealing import LOT_FILE, SealedFor, last_bid
from trading.client import Client, Refused
from trading.documents import manifests as documents
from trading.tender.signing import fetch_manifest

RECEIPT, REFUSAL, KEY = "receipt.json", "refusal.json", "idempotency-key"


def submit(client: Client, folder: Path, *, lot: str | None = None) -> m.Receipt:
    """Upload and submit a sealed folder; keeps the signed receipt or refusal in it.

    The idempotency key is kept too: running the command again after a lost answer gives the same receipt.
    """
    lot_id = lot or msgspec.json.decode((folder / LOT_FILE).read_bytes(), type=SealedFor).lot_id
    envelope = (folder / bs1.MANIFEST_FILE).read_bytes()
    manifest, _ = dsse.read_unverified(envelope, m.BidManifest)
    body = {"envelope": envelope.decode(), "idempotency_key": _idempotency_key(folder)}
    try:
        answer = _sent(client, folder, lot_id, manifest, body)
    except Refused as refused:
        if "refusal" in refused.problem:
            (folder / REFUSAL).write_text(refused.problem["refusal"])
        raise refused from None
    (folder / RECEIPT).write_bytes(answer.content)
    return dsse.read_unverified(answer.content, m.Receipt)[0]


def _sent(
    client: Client, folder: Path, lot: str, manifest: m.BidManifest, body: dict[str, str]
) -> httpx.Response:
    """Where the upload itself is refused (late, too large), the submission is judged all the same.

    It gives the signed refusal, or the receipt of an earlier run whose answer was lost.
    """
    path = f"/api/lots/{lot}/bids"
    try:
        upload_id = _upload(client, folder, lot, manifest)
    except Refused as first:
        try:
            return client.call("POST", path, json={**body, "upload_id": "none"})
        except Refused as second:
            raise (second if "refusal" in second.problem else first) from None
    return client.call("POST", path, json={**body, "upload_id": upload_id})


def _idempotency_key(folder: Path) -> str:
    path = folder / KEY
    if not path.exists():
        path.write_text(secrets.token_urlsafe(24))
    return path.read_text()


def _upload(client: Client, folder: Path, lot: str, manifest: m.BidManifest) -> str:
    """Send what is not there yet; a run that was broken off goes on where it ended, also from another computer."""
    parts = [{"id": part.id, "size": part.size, "sha256": part.sha256} for part in manifest.parts]
    answer = client.post(f"/api/lots/{lot}/uploads", {"parts": parts})
    return _fill(client, folder, manifest, msgspec.convert(answer, UploadShown))


def resend(client: Client, folder: Path) -> None:
    """Send a sealed folder again in the stead of what the site damaged; it takes only the very same bytes."""
    manifest, _ = dsse.read_unverified((folder / bs1.MANIFEST_FILE).read_bytes(), m.BidManifest)
    begun = client.post(f"/api/lots/{manifest.lot_id}/replacements", {})["id"]
    upload = msgspec.convert(client.get(f"/api/uploads/{begun}"), UploadShown)
    _fill(client, folder, manifest, upload)
    client.call("POST", f"/api/uploads/{upload.id}/replace")


def _fill(client: Client, folder: Path, manifest: m.BidManifest, upload: UploadShown) -> str:
    for part, here in zip(manifest.parts, upload.parts, strict=True):
        if not here.complete:
            _send_pieces(client, upload.id, here, folder / bs1.part_file(manifest.suite, part.id))
            client.call("POST", f"/api/uploads/{upload.id}/parts/{part.sha256}/complete")
    wanted = [(part.id, one) for part in manifest.parts for one in part.capsules if one.size]
    if not {one.sha256 for _, one in wanted} <= set(upload.capsules):
        files = [folder / bs1.capsule_file(manifest.suite, part_id, one.holder) for part_id, one in wanted]
        body = {"capsules": [base64.b64encode(file.read_bytes()).decode() for file in files]}
        client.call("PUT", f"/api/uploads/{upload.id}/capsules", json=body)
    return upload.id


def _send_pieces(client: Client, upload_id: str, part: PartHere, path: Path) -> None:
    """Each piece goes to the place that the site names for it: the site itself, or its object store."""
    here = {piece.n for piece in part.pieces}
    with path.open("rb") as file:
        for n in range(part.piece_count):
            if n in here:
                continue
            file.seek(n * PIECE_SIZE)
            piece = file.read(PIECE_SIZE)
            digest = {"sha256": hashlib.sha256(piece).hexdigest()}
            address = f"/api/uploads/{upload_id}/parts/{part.sha256}/{n}"
            place = msgspec.convert(client.post(f"{address}/place", digest), Place)
            client.put(place.url, piece, headers=place.headers)
            if place.staged is not None:
                client.call("POST", f"{address}/staged", json={**digest, "staged": place.staged})


def withdraw(client: Client, signer: Signer, lot: str, receipt: Path) -> None:
    """Sign and send a withdrawal of one's last bid; keeps the signed receipt."""
    last = last_bid(client, lot)
    manifest, payload, _ = fetch_manifest(client, lot)
    body = m.BidWithdraw(
        tender_id=manifest.tender_id,
        lot_id=manifest.lot_id,
        round=manifest.round,
        key_manifest_sha256=m.digest(payload),
        bidder_id=client.get("/api/session")["uscc"],
        cert_sha256=signer.keyid,
        seq=last.seq + 1 if last else 1,
        withdraws=last.manifest_sha256 if last else "0" * 64,
    )
    envelope = dsse.sign_document(body, [signer]).decode()
    message = {"envelope": envelope, "idempotency_key": secrets.token_urlsafe(24)}
    answer = client.call("POST", f"/api/lots/{lot}/withdrawals", json=message)
    receipt.write_bytes(answer.content)


def status(client: Client, lot: str) -> Iterator[str]:
    """What one's organisation has in a lot, in sentences; the state in capitals comes first."""
    shown = msgspec.convert(client.get(f"/api/lots/{lot}/standing"), Standing)
    state = shown.state.replace("_", " ")
    yield state if shown.received_at is None else f"{state}: no. {shown.seq}, received at {shown.received_at}"
    if shown.open and shown.pending is not None:
        yield f"sent but NOT SUBMITTED: upload {shown.pending.upload_id}"
        for part in shown.pending.parts:
            missing = f"{part.missing_pieces} pieces, {part.missing_bytes:,} bytes missing"
            yield f"  {part.id}: {'complete' if part.complete else missing}"


def consent(client: Client, lot: str, manifest: bytes, password: str) -> None:
    """Confirm the bid in a manifest envelope with one's own password."""
    digest = m.digest(dsse.Envelope.decode(manifest).payload)
    client.post(f"/api/lots/{lot}/consents", {"manifest_sha256": digest, "password": password})


def verify(raw: bytes, key_pem: bytes, manifest: bytes | None) -> str:
    """Check what the platform signed, as JSON or in its PDF, and that it names this manifest; as a sentence."""
    key = load_pem_public_key(key_pem)
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("the receipt key is an Ed25519 key")
    keyid = hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()
    message = (carried_by(raw) if raw.startswith(b"%PDF-") else raw) or b""
    if _type_of(message) == documents.RECEIPT_TYPE:
        held = documents.read_receipt(message, key, keyid)
        return (
            f"valid receipt for documents: {held.tender_code} version {held.version}, "
            f"manifest {held.manifest_sha256}, held since {held.issued_at}"
        )
    document = receipts.verify_any(message, {keyid: key})
    if isinstance(document, m.NoBid):
        return f"valid statement: no bid was received before {document.deadline_at}"
    if manifest is not None and m.digest(dsse.Envelope.decode(manifest).payload) != document.manifest_sha256:
        raise BadSchema(detail="it speaks of another bid")
    if isinstance(document, m.Receipt):
        return f"valid receipt: received at {document.received_at}, log entry {document.leaf}"
    return f"valid refusal: {document.code} at {document.at}"


def _type_of(message: bytes) -> str:
    """What a signed message says it is; nothing for what is none, of which `verify_any` says why."""
    try:
        return dsse.Envelope.decode(message).payload_type
    except BadEnvelope:
        return ""


def check_seals(client: Client, lot: str, receipt: bytes) -> str:
    """Hold a receipt against the set of bids fixed at the closing (招标投标法 art. 36); the finding as a sentence.

    Raises `BidsRoot` when the bid is missing or the digests shown do not give the logged root: object with
    the receipt before the window ends.
    """
    body, _ = dsse.read_unverified(receipt, m.Receipt)
    opening = client.get(f"/api/lots/{lot}/opening")
    digests = [bid["manifest_sha256"] for bid in opening["bids"]]
    if body.manifest_sha256 not in digests or bids_root(digests) != opening["bids_root"]:
        raise BidsRoot
    return f"your bid is one of the {len(digests)} that were fixed, root {opening['bids_root']}"
