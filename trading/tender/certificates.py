"""Certificates of our register, as signatures on tender documents are held against them."""

from __future__ import annotations

from datetime import datetime

from cryptography import x509

from bidding_docs.codes import CertificateEarly, CertificateEnded, CertificateRevoked, CertificateUnknown
from bidding_docs.signing import public_key
from govcore.certificates import queries as certificates
from govcore.certificates.queries import CertificateHolder
from govcore.db import Tx
from govcore.dsse import PublicKey


def holder_of(tx: Tx, sha256: str, *, at: datetime) -> CertificateHolder:
    """Who a certificate speaks for at this time; a `BadCertificate` when unknown, early, ended or revoked."""
    return valid_holder(certificates.certificate_holder(tx, sha256), at=at)


def valid_holder(holder: CertificateHolder | None, *, at: datetime) -> CertificateHolder:
    """The same for a look-up that was made already."""
    if holder is None:
        raise CertificateUnknown
    if holder.revoked_at is not None and holder.revoked_at <= at:
        raise CertificateRevoked
    if at < holder.issued_at:
        raise CertificateEarly
    if holder.not_after <= at:
        raise CertificateEnded
    return holder


def key_of(der: bytes) -> PublicKey:
    """The key of a registered certificate."""
    return public_key(x509.load_der_x509_certificate(der))
