"""Certificates of our register, as signatures on tender documents are held against them."""

from __future__ import annotations

from datetime import datetime

from cryptography import x509

from bidding_docs.codes import BadCertificate
from bidding_docs.signing import public_key
from govcore.certificates import queries as certificates
from govcore.certificates.queries import CertificateHolder
from govcore.db import Tx
from govcore.dsse import PublicKey


def holder_of(tx: Tx, sha256: str, *, at: datetime) -> CertificateHolder:
    """Who a certificate speaks for at this time; `BadCertificate` when unknown, ended or revoked."""
    return valid_holder(certificates.certificate_holder(tx, sha256), at=at)


def valid_holder(holder: CertificateHolder | None, *, at: datetime) -> CertificateHolder:
    """The same for a look-up that was made already."""
    if holder is None:
        raise BadCertificate(detail="it is not in the register")
    if holder.revoked_at is not None and holder.revoked_at <= at:
        raise BadCertificate(detail="it was revoked")
    if holder.not_after <= at:
        raise BadCertificate(detail="it has ended")
    return holder


def key_of(der: bytes) -> PublicKey:
    """The key of a registered certificate."""
    return public_key(x509.load_der_x509_certificate(der))
