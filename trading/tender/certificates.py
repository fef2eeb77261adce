"""Certificates of our register, as signatures on tender documents are held against them."""

from __future__ import annotations

from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from bidding_docs.codes import BadCertificate
from govcore.db import Tx
from govcore.identity import queries as identity
from govcore.identity.queries import CertificateHolder


def holder_of(tx: Tx, sha256: str, *, at: datetime) -> CertificateHolder:
    """Who a certificate speaks for at this time; `BadCertificate` when unknown, ended or revoked."""
    holder = identity.certificate_holder(tx, sha256)
    if holder is None:
        raise BadCertificate(detail="it is not in the register")
    if holder.revoked_at is not None and holder.revoked_at <= at:
        raise BadCertificate(detail="it was revoked")
    if holder.not_after <= at:
        raise BadCertificate(detail="it has ended")
    return holder


def key_of(der: bytes) -> ec.EllipticCurvePublicKey:
    """The P-256 key of a registered certificate."""
    key = x509.load_der_x509_certificate(der).public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise BadCertificate(detail="its key is not P-256")
    return key
