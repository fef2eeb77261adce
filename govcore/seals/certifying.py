"""The seal CA: certificates for seals, and the list of those that no longer hold."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from cryptography.x509.oid import NameOID

AUTHORITY_LIFE = timedelta(days=3650)
SEAL_LIFE = timedelta(days=5 * 365)
_LIST_LIFE = timedelta(days=7)
_EARLIER = timedelta(minutes=5)  # clocks of readers may be a little behind


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate (DER), its SHA-256, its end, and its key (PKCS#8)."""

    der: bytes
    sha256: str
    not_after: datetime
    key: bytes = field(repr=False)


def new_authority(*, name: str, at: datetime) -> Issued:
    """A fresh self-signed CA that may certify seals and nothing below them."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = _builder(subject, subject, key, at, AUTHORITY_LIFE)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(ca=True), critical=True)
    return _issued(builder.sign(key, hashes.SHA256()), key)


def certify(
    *, authority: bytes, authority_key: bytes, organ: str, words: str, code: str, list_url: str, at: datetime
) -> Issued:
    """A new key for a seal, certified to the organ, the seal's words and its registered code."""
    issuer, signer = x509.load_der_x509_certificate(authority), _key(authority_key)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organ),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, code),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{organ}{words}"[:64]),
        ]
    )
    builder = _builder(subject, issuer.subject, key, at, SEAL_LIFE)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(ca=False), critical=True)
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    builder = builder.add_extension(identifier, critical=False)
    if list_url:
        place = x509.DistributionPoint([x509.UniformResourceIdentifier(list_url)], None, None, None)
        builder = builder.add_extension(x509.CRLDistributionPoints([place]), critical=False)
    return _issued(builder.sign(signer, hashes.SHA256()), key)


def revocation_list(
    *, authority: bytes, authority_key: bytes, revoked: Iterable[tuple[bytes, datetime]], at: datetime
) -> bytes:
    """The signed list (CRL, DER) of the certificates that no longer hold, each with since when."""
    issuer, signer = x509.load_der_x509_certificate(authority), _key(authority_key)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.subject)
        .last_update(at)
        .next_update(at + _LIST_LIFE)
        .add_extension(x509.CRLNumber(int(at.timestamp())), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    )
    for der, since in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(
            x509.load_der_x509_certificate(der).serial_number
        )
        builder = builder.add_revoked_certificate(entry.revocation_date(since).build())
    return builder.sign(signer, hashes.SHA256()).public_bytes(Encoding.DER)


def pem(der: bytes) -> bytes:
    """A certificate as people hand it around."""
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)


def _key(pkcs8: bytes) -> ec.EllipticCurvePrivateKey:
    key = load_der_private_key(pkcs8, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("the seal CA holds a P-256 key")
    return key


def _issued(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Issued:
    der = certificate.public_bytes(Encoding.DER)
    secret = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return Issued(der, hashlib.sha256(der).hexdigest(), certificate.not_valid_after_utc, secret)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, at: datetime, life: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - _EARLIER)
        .not_valid_after(at + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        content_commitment=not ca,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )
