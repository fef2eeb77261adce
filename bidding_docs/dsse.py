"""Documents of protocol bs1 in DSSE envelopes: signing, and verifying back to the document and its exact bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from bidding_docs import manifests
from bidding_docs.codes import BadSchema, ManifestSignature
from bidding_docs.encoding import encode, sha256_hex
from bidding_docs.manifests import Document
from govcore.dsse import BadEnvelope, BadSignature, Envelope, PublicKey, Signer, pae, sign, verify

__all__ = ["Envelope", "Signed", "Signer", "open_document", "pae", "sign", "sign_document", "verify"]

_D = TypeVar("_D", bound=Document)


@dataclass(frozen=True, slots=True)
class Signed(Generic[_D]):
    """A verified document, the bytes that were signed, and their digest."""

    document: _D
    payload: bytes
    sha256: str
    keyids: tuple[str, ...]


def sign_document(document: Document, signers: Sequence[Signer]) -> bytes:
    """Return the envelope of a document signed by all `signers`; E_SCHEMA when it does not hold together."""
    payload = encode(document)
    manifests.parse(payload, type(document))
    return sign(manifests.media_type(type(document)), payload, signers).encode()


def open_document(raw: bytes, kind: type[_D], keys: Mapping[str, PublicKey]) -> Signed[_D]:
    """Return the document that all of `keys` signed; E_SCHEMA or E_MANIFEST_SIG."""
    try:
        envelope = Envelope.decode(raw)
        payload = verify(envelope, manifests.media_type(kind), keys)
    except BadEnvelope:
        raise BadSchema(detail="not a signed document of the expected kind") from None
    except BadSignature:
        raise ManifestSignature(detail="it is missing or not over these bytes") from None
    return Signed(
        document=manifests.parse(payload, kind),
        payload=payload,
        sha256=sha256_hex(payload),
        keyids=tuple(signature.keyid for signature in envelope.signatures),
    )


def keyids_of(raw: bytes) -> tuple[str, ...]:
    """Return who claims to have signed, to learn which keys to ask for; E_SCHEMA when it is no envelope."""
    try:
        return tuple(signature.keyid for signature in Envelope.decode(raw).signatures)
    except BadEnvelope:
        raise BadSchema(detail="not a signed document") from None


def read_unverified(raw: bytes, kind: type[_D]) -> tuple[_D, bytes]:
    """Return a document and its bytes without looking at signatures, to learn which keys to ask for."""
    try:
        envelope = Envelope.decode(raw)
    except BadEnvelope:
        raise BadSchema(detail="not a signed document") from None
    if envelope.payload_type != manifests.media_type(kind):
        raise BadSchema(detail="not a signed document of the expected kind")
    return manifests.parse(envelope.payload, kind), envelope.payload
