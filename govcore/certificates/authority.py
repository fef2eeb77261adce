"""The registration CA: certificates that bind a P-256 or SM2 key to an organisation's credit code, and its lists."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)
from cryptography.x509.oid import NameOID

from govcore import sm2
from govcore.certificates.policy import LIST_LIFETIME, POLICY_OID, Reason
from govcore.errors import Problem
from govcore.identifiers import country_of

LIST_PATH = "/authority/revoked.crl"
POLICY_PATH = "/authority"


class BadRequestForCertificate(Problem):
    code = "E_CSR"
    status = 422
    text = "The certificate request is not a signed PKCS#10 request for a P-256 or SM2 key."


def sha256_of(certificate: x509.Certificate) -> str:
    """The certificate's `keyid`: SHA-256 of its DER form."""
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def key_sha256_of(certificate: x509.Certificate) -> str:
    """What names the certificate's key, however often it is certified."""
    national = sm2.key_of(certificate)
    return key_sha256(certificate.public_key() if national is None else national)


def key_sha256(key: PublicKeyTypes | sm2.Sm2PublicKey) -> str:
    if isinstance(key, sm2.Sm2PublicKey):
        return hashlib.sha256(key.point).hexdigest()
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


def uscc_of(certificate: x509.Certificate) -> str:
    """The credit code in the subject, empty when there is none."""
    values = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_IDENTIFIER)
    return str(values[0].value) if values else ""


def new_authority(*, name: str, at: datetime) -> tuple[x509.Certificate, bytes]:
    """A fresh self-signed CA: its certificate and its PKCS#8 key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        _builder(subject, subject, key.public_key(), at, timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(ca=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return certificate, key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """For whom and how long a key is certified; `site` is the address under which the lists are published.

    With a `person`, the id of an account, that is all that the certificate names.
    """

    uscc: str
    name: str
    at: datetime
    until: datetime
    site: str = ""
    person: str = ""


def issue(
    key: ec.EllipticCurvePublicKey | sm2.Sm2PublicKey,
    asked: Issue,
    *,
    authority: x509.Certificate,
    key_der: bytes,
) -> x509.Certificate:
    """Certify a requested key; the names come from our register, never from the request."""
    own = _own_key(key_der)
    subject = x509.Name([x509.NameAttribute(oid, value) for oid, value in _subject(asked)])
    # An SM2 key takes the place of the authority's own in a certificate that is otherwise the same.
    held = own.public_key() if isinstance(key, sm2.Sm2PublicKey) else key
    builder = (
        _builder(subject, authority.subject, held, asked.at, asked.until - asked.at)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(ca=False), critical=True)
        .add_extension(_issuer(own), critical=False)
        .add_extension(_policies(asked.site), critical=False)
    )
    if asked.site:
        builder = builder.add_extension(_where_lists_are(asked.site), critical=False)
    certificate = builder.sign(own, hashes.SHA256())
    if isinstance(key, sm2.Sm2PublicKey):
        return sm2.certified(certificate, key, authority=own)
    return certificate


def _subject(asked: Issue) -> list[tuple[x509.ObjectIdentifier, str]]:
    country = NameOID.COUNTRY_NAME, country_of(asked.uscc)
    if asked.person:
        return [country, (NameOID.SERIAL_NUMBER, asked.person), (NameOID.COMMON_NAME, asked.person)]
    named = (NameOID.ORGANIZATION_NAME, asked.name), (NameOID.ORGANIZATION_IDENTIFIER, asked.uscc)
    return [country, *named, (NameOID.COMMON_NAME, asked.name)]


def revocation_list(
    revoked: Iterable[tuple[x509.Certificate, datetime, Reason]],
    *,
    authority: x509.Certificate,
    key_der: bytes,
    number: int,
    at: datetime,
) -> x509.CertificateRevocationList:
    """The signed list of RFC 5280 with this number; it may be relied on for `LIST_LIFETIME`."""
    own = _own_key(key_der)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.subject)
        .last_update(at)
        .next_update(at + LIST_LIFETIME)
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(_issuer(own), critical=False)
    )
    for certificate, since, reason in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(certificate.serial_number)
        entry = entry.revocation_date(since)
        entry = entry.add_extension(x509.CRLReason(x509.ReasonFlags(reason.value)), critical=False)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(own, hashes.SHA256())


def _own_key(key_der: bytes) -> ec.EllipticCurvePrivateKey:
    key = load_der_private_key(key_der, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("the registration CA holds a P-256 key")
    return key


def _issuer(own: ec.EllipticCurvePrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(own.public_key())


def _policies(site: str) -> x509.CertificatePolicies:
    told = [f"{site}{POLICY_PATH}"] if site else None
    return x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier(POLICY_OID), told)])


def _where_lists_are(site: str) -> x509.CRLDistributionPoints:
    address = x509.UniformResourceIdentifier(f"{site}{LIST_PATH}")
    return x509.CRLDistributionPoints([x509.DistributionPoint([address], None, None, None)])


def requested_key(request_pem: bytes) -> ec.EllipticCurvePublicKey | sm2.Sm2PublicKey:
    """The key of a PKCS#10 request that it signed itself; `BadRequestForCertificate` for anything else."""
    try:
        request = x509.load_pem_x509_csr(request_pem)
        if (national := sm2.requested_key(request)) is not None:
            return national
        key = request.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadRequestForCertificate from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise BadRequestForCertificate
    if not request.is_signature_valid:
        raise BadRequestForCertificate
    return key


def is_issued_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    """True when the authority's key signed the certificate."""
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, at: datetime, life: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(minutes=5))
        .not_valid_after(at + life)
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
