"""Found the registration CA and certify signing keys."""

from __future__ import annotations

from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select

from govcore.audit.service import record
from govcore.certificates import authority as ca
from govcore.certificates.models import Authority, Certificate
from govcore.certificates.policy import CERTIFICATE_LIFETIME
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.policy import Actor
from govcore.keys import KeyWrapper


def create_authority(tx: Tx, wrapper: KeyWrapper, *, name: str, at: datetime) -> None:
    """Make the registration CA unless there is one."""
    if tx.scalar(select(Authority.sha256)) is not None:
        return
    certificate, key = ca.new_authority(name=name, at=at)
    digest = ca.sha256_of(certificate)
    der = certificate.public_bytes(Encoding.DER)
    tx.add(Authority(sha256=digest, der=der, wrapped=wrapper.wrap("authority", digest, key)))


def certify(
    tx: Tx, wrapper: KeyWrapper, *, request_pem: bytes, actor: Actor, at: datetime
) -> x509.Certificate:
    """Certify the key in a PKCS#10 request for the actor's own organisation."""
    row = tx.scalar(select(Authority))
    if row is None or actor.org_id is None or actor.uscc is None:
        raise NotFound
    certificate = ca.issue(
        request_pem,
        authority=x509.load_der_x509_certificate(row.der),
        key_der=wrapper.unwrap("authority", row.sha256, row.wrapped),
        uscc=actor.uscc,
        name=actor.org_name,
        at=at,
    )
    digest = ca.sha256_of(certificate)
    tx.add(
        Certificate(
            sha256=digest,
            org_id=actor.org_id,
            user_id=actor.user_id,
            der=certificate.public_bytes(Encoding.DER),
            not_after=at + CERTIFICATE_LIFETIME,
        )
    )
    record(
        tx,
        "certificate.issued",
        subject=digest,
        actor=actor.user_id,
        at=at,
        data={"org": actor.org_id},
    )
    return certificate
