"""Software signers for signed documents, and what a certificate must be before its signature counts."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.verification import ExtensionPolicy, PolicyBuilder, Store, VerificationError

from bidding_docs.codes import BadCertificate
from govcore.dsse import PublicKey
from govcore.sm2 import Sm2PublicKey, key_of

PrivateKey = Ed25519PrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class SoftwareSigner:
    """Signs with a P-256 or Ed25519 key held in memory; `keyid` is the SHA-256 of the certificate."""

    certificate: x509.Certificate
    _key: PrivateKey = field(repr=False)

    @property
    def keyid(self) -> str:
        return certificate_sha256(self.certificate)

    def sign(self, message: bytes) -> bytes:
        """Return an Ed25519 signature, or an ECDSA signature in DER."""
        if isinstance(self._key, Ed25519PrivateKey):
            return self._key.sign(message)
        return self._key.sign(message, ec.ECDSA(SHA256()))


def signer_from_pem(key: bytes, certificate: bytes, *, password: bytes | None = None) -> SoftwareSigner:
    """Load a signer; E_CERT when the key is of another kind or not the certificate's."""
    loaded = load_pem_private_key(key, password)
    held = x509.load_pem_x509_certificate(certificate)
    if not isinstance(loaded, Ed25519PrivateKey | ec.EllipticCurvePrivateKey):
        raise BadCertificate(detail="the key is neither P-256 nor Ed25519")
    if loaded.public_key() != public_key(held):
        raise BadCertificate(detail="the key is not the certificate's")
    return SoftwareSigner(held, loaded)


def certificate_sha256(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of the certificate's DER, which names it in every document."""
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def public_key(certificate: x509.Certificate) -> PublicKey:
    """Return the P-256, Ed25519 or SM2 key of a certificate; E_CERT for any other kind."""
    national = key_of(certificate)
    if national is not None:
        return national
    key = certificate.public_key()
    if isinstance(key, Ed25519PublicKey):
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    raise BadCertificate(detail="the key is neither P-256, Ed25519 nor SM2")


def keys_by_id(certificates: Collection[x509.Certificate]) -> Mapping[str, PublicKey]:
    """Return the keys of certificates by their digest, as `dsse.verify` wants them."""
    return {certificate_sha256(one): public_key(one) for one in certificates}


def der_signature(raw: bytes) -> bytes:
    """Return the DER form of an r||s signature of P-256, as WebCrypto makes it; ValueError unless 64 bytes."""
    if len(raw) != 64:
        raise ValueError("an r||s signature of P-256 is 64 bytes long")
    return encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))


def check_certificate(
    certificate: x509.Certificate,
    *,
    authorities: Collection[x509.Certificate],
    trust_anchors: Collection[str],
    at: datetime,
) -> None:
    """E_CERT unless a chain leads to a trust anchor, all valid at `at`, and the key may sign.

    `authorities` are the CA certificates at hand; only those whose digest is in `trust_anchors` end a chain.
    Revocation is not looked at here: it needs the register.
    """
    anchors = [one for one in authorities if certificate_sha256(one) in trust_anchors]
    others = [one for one in authorities if one not in anchors]
    if not anchors:
        raise BadCertificate(detail="no trust anchor of the tender is at hand")
    if isinstance(public_key(certificate), Sm2PublicKey):
        _check_issued(certificate, anchors, at)
    else:
        _check_chain(certificate, anchors, others, at)
    _check_key_usage(certificate)


def _check_issued(certificate: x509.Certificate, anchors: Collection[x509.Certificate], at: datetime) -> None:
    """The library builds no chain that ends at an SM2 key: such a certificate must be an anchor's own."""
    for anchor in anchors:
        valid = all(
            one.not_valid_before_utc <= at <= one.not_valid_after_utc for one in (certificate, anchor)
        )
        with suppress(ValueError, TypeError, InvalidSignature):
            certificate.verify_directly_issued_by(anchor)
            if valid:
                return
    raise BadCertificate(detail="no valid chain leads to the tender's trust anchors")


def _check_chain(
    certificate: x509.Certificate,
    anchors: Collection[x509.Certificate],
    others: Collection[x509.Certificate],
    at: datetime,
) -> None:
    builder = PolicyBuilder().store(Store(list(anchors))).time(at)
    # The default policy for end entities asks for a host name and for client authentication: not for signing.
    builder = builder.extension_policies(
        ca_policy=ExtensionPolicy.webpki_defaults_ca(), ee_policy=ExtensionPolicy.permit_all()
    )
    try:
        builder.build_client_verifier().verify(certificate, list(others))
    except VerificationError:
        raise BadCertificate(detail="no valid chain leads to the tender's trust anchors") from None


def _check_key_usage(certificate: x509.Certificate) -> None:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return
    if not (usage.digital_signature or usage.content_commitment):
        raise BadCertificate(detail="it is not meant for signing")
