"""The registration CA: certificates that bind a P-256 or SM2 key to an organisation's credit code."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from cryptography.x509.oid import NameOID

from govcore import sm2
from govcore.certificates.policy import CERTIFICATE_LIFETIME
from govcore.errors import Problem


class BadRequestForCertificate(Problem):
    code = "E_CSR"
    status = 422
    text = "The certificate request is not a signed PKCS#10 request for a P-256 or SM2 key."


def sha256_of(certificate: x509.Certificate) -> str:
    """The certificate's `keyid`: SHA-256 of its DER form."""
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


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


def issue(
    request_pem: bytes, *, authority: x509.Certificate, key_der: bytes, uscc: str, name: str, at: datetime
) -> x509.Certificate:
    """Certify the request's key; the names come from our register, never from the request."""
    key = load_der_private_key(key_der, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("the registration CA holds a P-256 key")
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, name),
            x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, uscc),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    public_key = _requested_key(request_pem)
    issuer_key = authority.public_key()
    assert isinstance(issuer_key, ec.EllipticCurvePublicKey)
    # An SM2 key takes the place of the authority's own in a certificate that is otherwise the same.
    held = issuer_key if isinstance(public_key, sm2.Sm2PublicKey) else public_key
    certificate = (
        _builder(subject, authority.subject, held, at, CERTIFICATE_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(ca=False), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
        .sign(key, hashes.SHA256())
    )
    if isinstance(public_key, sm2.Sm2PublicKey):
        return sm2.certified(certificate, public_key, authority=key)
    return certificate


def _requested_key(request_pem: bytes) -> ec.EllipticCurvePublicKey | sm2.Sm2PublicKey:
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
