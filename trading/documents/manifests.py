"""What is signed of the documents: a version as its officer releases it, its manifest, and receipts that name nobody.

Bidders read both on their own machines, so nothing of the platform is loaded for that.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bidding_docs.encoding import decode, format_time
from govcore import dsse
from trading.documents.schemas import DownloadReceipt, FileEntry, ReleaseManifest, VersionManifest

if TYPE_CHECKING:
    from govcore.vault import Vault
    from trading.documents.models import Version
    from trading.tender.queries import LotContext

MANIFEST_TYPE = "application/vnd.bidseal.documents+json"
RELEASE_TYPE = "application/vnd.bidseal.documents-release+json"
RECEIPT_TYPE = "application/vnd.bidseal.download+json"


def canonical(value: object) -> bytes:
    """The one spelling of plain data: members in the order of their names, no spaces, UTF-8."""
    return msgspec.json.encode(msgspec.to_builtins(value), order="deterministic")


def manifest_of(context: LotContext, version: Version, *, supersedes: str | None) -> bytes:
    """The exact bytes of a version's manifest."""
    if version.published_at is None:
        raise ValueError("only a published version has a manifest")
    released = release_of(context, version, supersedes=supersedes)
    said = msgspec.structs.asdict(released) | {"type": "documents"}
    return msgspec.json.encode(VersionManifest(**said, published_at=format_time(version.published_at)))


def release_of(context: LotContext, version: Version, *, supersedes: str | None) -> ReleaseManifest:
    """What a version is before it is published: what the manifest will say, without the files that are made then."""
    return ReleaseManifest(
        tender_id=version.tender_id,
        tender_code=context.tender_code,
        round=context.round,
        version=version.number,
        supersedes=supersedes,
        rule_set=context.rule_set.id,
        terms_sha256=version.terms_sha256,
        files=tuple(msgspec.convert(file, FileEntry) for file in version.files),
    )


def encoded(release: ReleaseManifest) -> bytes:
    return msgspec.json.encode(release)


def receipt_for(vault: Vault, manifest: VersionManifest, sha256: str, *, nonce: str, at: datetime) -> bytes:
    """A signed receipt for the documents, for whoever asks; nothing is kept of it."""
    receipt = DownloadReceipt(
        tender_id=manifest.tender_id,
        tender_code=manifest.tender_code,
        round=manifest.round,
        version=manifest.version,
        manifest_sha256=sha256,
        issued_at=format_time(at),
        nonce=nonce,
    )
    return dsse.sign(RECEIPT_TYPE, msgspec.json.encode(receipt), [vault.receipt_signer]).encode()


def read_receipt(raw: bytes, key: Ed25519PublicKey, keyid: str) -> DownloadReceipt:
    """What a receipt with a good signature says; the refusal of an envelope that is none. Needs no platform."""
    return decode(dsse.verify(dsse.Envelope.decode(raw), RECEIPT_TYPE, {keyid: key}), DownloadReceipt)


def read_manifest(raw: bytes, key: Ed25519PublicKey, keyid: str) -> VersionManifest:
    """What a manifest with a good signature says; the refusal of an envelope that is none."""
    return decode(dsse.verify(dsse.Envelope.decode(raw), MANIFEST_TYPE, {keyid: key}), VersionManifest)
