"""Submissions that a test can spoil in one place."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import msgspec
from scene import Scene

from bidding_docs import dsse
from bidding_docs import manifests as m
from bidding_docs.encoding import encode
from bidding_docs.sealing import SealedBid
from govcore.dsse import CertificateSigner

KEY = "0123456789abcdef-key"


@dataclass(frozen=True, slots=True)
class Ready:
    """A bid that only waits for its submission."""

    scene: Scene
    bidder: str
    sealed: SealedBid
    upload_id: str

    def body(self, envelope: bytes | None = None, **changes: Any) -> dict[str, Any]:
        raw = self.sealed.envelope if envelope is None else envelope
        return {
            "envelope": raw.decode(),
            "upload_id": self.upload_id,
            "idempotency_key": KEY,
            **changes,
        }

    def resigned(self, signer: CertificateSigner | None = None, **changes: Any) -> bytes:
        """The same manifest with some members changed, properly signed by `signer`."""
        signer = signer or self.scene.city.signers[self.bidder]
        members = {"cert_sha256": signer.keyid, **changes}
        return dsse.sign_document(msgspec.structs.replace(self.sealed.manifest, **members), [signer])

    def with_part(self, part_id: str, data: bytes) -> bytes:
        """A properly signed manifest whose part is other bytes, which are put beside the other parts."""
        self.sealed.parts[part_id].chmod(0o600)
        self.sealed.parts[part_id].write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        parts = tuple(
            msgspec.structs.replace(part, size=len(data), sha256=digest) if part.id == part_id else part
            for part in self.sealed.manifest.parts
        )
        return self.resigned(parts=parts)


def ready(scene: Scene, bidder: str, **options: Any) -> Ready:
    sealed = scene.seal(bidder, **options)
    return Ready(scene, bidder, sealed, scene.upload(bidder, sealed))


def raw_envelope(document: m.BidManifest, signer: CertificateSigner, **unknown: Any) -> bytes:
    """A well-signed envelope around a manifest with members that are not documented."""
    members = msgspec.json.decode(encode(document)) | unknown
    return dsse.sign(m.media_type(m.BidManifest), msgspec.json.encode(members), [signer]).encode()
