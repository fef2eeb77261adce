"""Signed documents: the DSSE envelope around exact bytes, with Ed25519, P-256 and SM2 signatures."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from govcore.errors import Problem
from govcore.sm2 import Sm2PrivateKey, Sm2PublicKey

PublicKey = Ed25519PublicKey | ec.EllipticCurvePublicKey | Sm2PublicKey


class BadEnvelope(Problem):
    """The bytes are no DSSE envelope of the expected type."""

    code = "E_ENVELOPE"
    status = 422
    text = "This is not a signed document of the expected kind."


class BadSignature(Problem):
    """A signature that must be there is missing or wrong."""

    code = "E_SIGNATURE"
    status = 422
    text = "The signature is missing or does not fit the document."


class Signer(Protocol):
    """Signs messages; `keyid` is the SHA-256 of the certificate or of the raw public key, in hex."""

    @property
    def keyid(self) -> str: ...

    def sign(self, message: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True)
class CertificateSigner:
    """Signs with the P-256 or SM2 key of a certificate."""

    certificate: x509.Certificate
    _key: ec.EllipticCurvePrivateKey | Sm2PrivateKey = field(repr=False)

    @property
    def keyid(self) -> str:
        return hashlib.sha256(self.certificate.public_bytes(Encoding.DER)).hexdigest()

    def sign(self, message: bytes) -> bytes:
        if isinstance(self._key, Sm2PrivateKey):
            return self._key.sign(message)
        return self._key.sign(message, ec.ECDSA(SHA256()))


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    keyid: str
    sig: bytes


class Envelope(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"payload_type": "payloadType"}
):
    """A payload's exact bytes, their type, and who signed them."""

    payload: bytes
    payload_type: str
    signatures: tuple[Signature, ...]

    def encode(self) -> bytes:
        return msgspec.json.encode(self)

    @classmethod
    def decode(cls, raw: bytes) -> Envelope:
        """Raise `BadEnvelope` unless the bytes are an envelope, without unknown members."""
        try:
            return msgspec.json.decode(raw, type=cls)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise BadEnvelope from error


def pae(payload_type: str, body: bytes) -> bytes:
    """The bytes that are signed: DSSE's pre-authentication encoding."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(body), body)


def sign(payload_type: str, body: bytes, signers: Sequence[Signer]) -> Envelope:
    """An envelope of `body` signed by every signer, in their order."""
    message = pae(payload_type, body)
    signatures = tuple(Signature(signer.keyid, signer.sign(message)) for signer in signers)
    return Envelope(body, payload_type, signatures)


def verify(envelope: Envelope, payload_type: str, keys: Mapping[str, PublicKey]) -> bytes:
    """The payload, when all of `keys` (by keyid) signed it; else `BadEnvelope` or `BadSignature`."""
    if envelope.payload_type != payload_type:
        raise BadEnvelope
    message = pae(payload_type, envelope.payload)
    found = {signature.keyid: signature.sig for signature in envelope.signatures}
    if not keys or len(found) != len(envelope.signatures):
        raise BadSignature
    for keyid, key in keys.items():
        if keyid not in found or not fits(key, found[keyid], message):
            raise BadSignature
    return envelope.payload


def fits(key: PublicKey, signature: bytes, message: bytes) -> bool:
    """True when the key made the signature over the message."""
    try:
        if isinstance(key, Ed25519PublicKey | Sm2PublicKey):
            key.verify(signature, message)
        elif isinstance(key.curve, ec.SECP256R1):
            key.verify(signature, message, ec.ECDSA(SHA256()))
        else:
            return False
    except InvalidSignature:
        return False
    return True
