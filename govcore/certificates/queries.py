"""Reads of certificates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from govcore.certificates.models import Authority, Certificate
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.models import Organisation


@dataclass(frozen=True, slots=True)
class CertificateHolder:
    """A certificate of our register, the organisation it speaks for, and whose key it certifies."""

    der: bytes
    org_id: str
    uscc: str
    name: str
    not_after: datetime
    revoked_at: datetime | None
    user_id: str


BY_CERTIFICATE = (  # the columns of `CertificateHolder`, for the parameter `sha256`
    select(
        Certificate.der,
        Certificate.org_id,
        Organisation.uscc,
        Organisation.name,
        Certificate.not_after,
        Certificate.revoked_at,
        Certificate.user_id,
    )
    .join(Organisation, Organisation.id == Certificate.org_id)
    .where(Certificate.sha256 == bindparam("sha256"))
)


def certificate_holder(tx: Tx, sha256: str) -> CertificateHolder | None:
    """The register's entry of a certificate, or nothing when we never issued it."""
    row = tx.execute(BY_CERTIFICATE, {"sha256": sha256}).one_or_none()
    return CertificateHolder(*row) if row else None


def authority_der(tx: Tx) -> bytes:
    """The registration CA's certificate (public)."""
    der: bytes | None = tx.scalar(select(Authority.der))
    if der is None:
        raise NotFound
    return der


def authority_sha256(tx: Tx) -> str:
    """The registration CA's fingerprint, as key manifests name it."""
    digest: str | None = tx.scalar(select(Authority.sha256))
    if digest is None:
        raise NotFound
    return digest
