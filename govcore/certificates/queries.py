"""Reads of certificates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import ColumnElement, Select, bindparam, or_, select

from govcore import grants
from govcore.certificates.models import (
    Authority,
    Certificate,
    OutsideCertificate,
    RevocationList,
    TrustedAuthority,
)
from govcore.certificates.policy import REQUESTERS, WARNED_DAYS, Standing, standing
from govcore.certificates.schemas import OutsideShown, TrustedShown
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.models import Organisation, User
from govcore.identity.policy import Actor
from govcore.module import Proof
from govcore.platform import Platform


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
    issued_at: datetime
    personal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateShown:
    """A certificate in a list; `key_sha256` is the same for all certificates of one key."""

    sha256: str
    key_sha256: str
    organisation: str
    uscc: str
    holder: str
    own: bool
    issued_at: datetime
    not_after: datetime
    revoked_at: datetime | None
    reason: str | None
    standing: Standing


@dataclass(frozen=True, slots=True)
class Ending:
    """A certificate that ends soon, and everybody who should know: its holder and the members beside it."""

    sha256: str
    organisation: str
    not_after: datetime
    people: list[str]


BY_CERTIFICATE = (  # the columns of `CertificateHolder`, for the parameter `sha256`
    select(
        Certificate.der,
        Certificate.org_id,
        Organisation.uscc,
        Organisation.name,
        Certificate.not_after,
        Certificate.revoked_at,
        Certificate.user_id,
        Certificate.issued_at,
        Certificate.personal,
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


def current_list(tx: Tx) -> RevocationList:
    """The revocation list with the highest number; `NotFound` before the first."""
    found = tx.scalar(select(RevocationList).order_by(RevocationList.number.desc()).limit(1))
    if found is None:
        raise NotFound
    return found


def own_certificates(tx: Tx, *, actor: Actor, at: datetime) -> list[CertificateShown]:
    """Those of the actor's organisation, newest first; of personal ones only the actor's own."""
    query = _SHOWN.where(_shared(actor))
    return _shown(tx, query, actor=actor, at=at)


def all_certificates(
    tx: Tx, *, search: str, actor: Actor, at: datetime, limit: int = 200
) -> list[CertificateShown]:
    """For administrators: those whose organisation, credit code or fingerprint fits.

    There is no list of the newest: who just had a certificate issued may be about to bid.
    """
    if not actor.may("certificate.revoke"):
        raise NotFound
    word = search.strip()
    if not word:
        return []
    named = Organisation.name.contains(word, autoescape=True)
    fits = or_(named, Organisation.uscc == word, Certificate.sha256.startswith(word.lower()))
    query = _SHOWN.where(fits).order_by(None).order_by(Organisation.name, Certificate.sha256)
    return _shown(tx, query.limit(limit), actor=actor, at=at)


def certificate(tx: Tx, sha256: str, *, actor: Actor, at: datetime) -> CertificateShown:
    """One certificate, for its organisation, a personal one for its holder, and for administrators."""
    query = _SHOWN.where(Certificate.sha256 == sha256)
    if not actor.may("certificate.revoke"):
        query = query.where(_shared(actor))
    found = _shown(tx, query, actor=actor, at=at)
    if not found:
        raise NotFound
    return found[0]


def ending_before(tx: Tx, moment: datetime, *, actor: Actor, at: datetime) -> list[datetime]:
    """The ends of the actor's own valid certificates, when none of them lasts until the moment; else nothing."""
    query = select(Certificate.not_after).where(
        Certificate.user_id == actor.user_id, Certificate.org_id == actor.org_id, _valid(at)
    )
    ends = sorted(tx.scalars(query))
    return ends if ends and ends[-1] < moment else []


def ending(tx: Tx, *, at: datetime) -> list[Ending]:
    """Certificates in force that end soon, without those whose holder has one that lasts longer.

    Who is told follows from who holds certificates, never from bids or drafts.
    """
    soon = at + timedelta(days=max(WARNED_DAYS))
    later = (
        select(Certificate.user_id)
        .where(Certificate.not_after > soon, Certificate.revoked_at.is_(None))
        .scalar_subquery()
    )
    query = (
        select(Certificate.sha256, Certificate.org_id, Certificate.user_id, Organisation.name)
        .add_columns(Certificate.not_after, Certificate.personal)
        .join(Organisation, Organisation.id == Certificate.org_id)
        .where(_valid(at), Certificate.not_after <= soon, Certificate.user_id.not_in(later))
    )
    return [
        Ending(sha256, name, not_after, sorted({user_id, *(() if personal else members(tx, org_id))}))
        for sha256, org_id, user_id, name, not_after, personal in tx.execute(query)
    ]


def has_certificate(tx: Tx, *, actor: Actor, at: datetime) -> bool:
    """Whether the actor can sign with a valid certificate of our register."""
    query = select(Certificate.sha256).where(Certificate.user_id == actor.user_id, _valid(at)).limit(1)
    return tx.scalar(query) is not None


def proofs(tx: Tx, _platform: Platform, actor: Actor, at: datetime) -> list[Proof]:
    """Signing in again with a certificate, for who has one that counts now, ours or an outside authority's."""
    outside = (
        select(OutsideCertificate.sha256)
        .join(TrustedAuthority, TrustedAuthority.sha256 == OutsideCertificate.trusted_sha256)
        .where(OutsideCertificate.user_id == actor.user_id, OutsideCertificate.revoked_at.is_(None))
        .where(OutsideCertificate.not_after > at, TrustedAuthority.until > at)
        .where(TrustedAuthority.may_sign_in, TrustedAuthority.removed_at.is_(None))
    )
    if not has_certificate(tx, actor=actor, at=at) and tx.scalar(outside.limit(1)) is None:
        return []
    return [Proof(href="/sign-in/certificate", text="Sign in with a certificate", icon="certificate")]


def members(tx: Tx, org_id: str) -> list[str]:
    """The active people of an organisation who may hold certificates."""
    holders = grants.holders(tx, REQUESTERS)
    query = select(User.id).where(User.org_id == org_id, User.active, User.id.in_(holders))
    return list(tx.scalars(query.order_by(User.id)))


_SHOWN = (
    select(Certificate, Organisation.name, Organisation.uscc, User.name.label("holder"))
    .join(Organisation, Organisation.id == Certificate.org_id)
    .join(User, User.id == Certificate.user_id)
    .order_by(Certificate.issued_at.desc(), Certificate.sha256)
)


def _valid(at: datetime) -> ColumnElement[bool]:
    return Certificate.revoked_at.is_(None) & (Certificate.not_after > at)


def _shared(actor: Actor) -> ColumnElement[bool]:
    """What the actor may see: colleagues who learnt when an expert signs would know that the expert evaluates."""
    own = Certificate.user_id == actor.user_id
    return (Certificate.org_id == actor.org_id) & (own | Certificate.personal.is_(False))


def _shown(
    tx: Tx, query: Select[Certificate, str, str, str], *, actor: Actor, at: datetime
) -> list[CertificateShown]:
    return [
        CertificateShown(
            sha256=row.sha256,
            key_sha256=row.key_sha256,
            organisation=organisation,
            uscc=uscc,
            holder=holder,
            own=row.user_id == actor.user_id,
            issued_at=row.issued_at,
            not_after=row.not_after,
            revoked_at=row.revoked_at,
            reason=row.reason,
            standing=standing(not_after=row.not_after, revoked_at=row.revoked_at, at=at),
        )
        for row, organisation, uscc, holder in tx.execute(query)
    ]


def authority_pem(tx: Tx) -> str:
    return x509.load_der_x509_certificate(authority_der(tx)).public_bytes(Encoding.PEM).decode()


def named(tx: Tx, org_id: str) -> Organisation:
    return tx.get_one(Organisation, org_id)


def outside_certificates(tx: Tx, *, actor: Actor) -> list[OutsideShown]:
    """The outside certificates on the actor's own account, newest first."""
    query = (
        select(OutsideCertificate, TrustedAuthority)
        .join(TrustedAuthority, TrustedAuthority.sha256 == OutsideCertificate.trusted_sha256)
        .where(OutsideCertificate.user_id == actor.user_id)
        .order_by(OutsideCertificate.bound_at.desc())
    )
    return [
        OutsideShown(
            sha256=row.sha256,
            authority=x509.load_der_x509_certificate(trusted.der).subject.rfc4514_string(),
            not_after=row.not_after,
            bound_at=row.bound_at,
            revoked_at=row.revoked_at,
            may_seal=trusted.may_seal and trusted.removed_at is None,
        )
        for row, trusted in tx.execute(query)
    ]


def trust_list(tx: Tx, *, actor: Actor) -> list[TrustedShown]:
    """The outside authorities that are trusted, for who keeps the list."""
    if not actor.may("certificate.trust"):
        raise NotFound
    rows = select(TrustedAuthority).where(TrustedAuthority.removed_at.is_(None))
    return [_trusted_shown(row) for row in tx.scalars(rows.order_by(TrustedAuthority.added_at))]


def _trusted_shown(row: TrustedAuthority) -> TrustedShown:
    crl = x509.load_der_x509_crl(row.crl) if row.crl else None
    return TrustedShown(
        sha256=row.sha256,
        name=x509.load_der_x509_certificate(row.der).subject.rfc4514_string(),
        may_sign_in=row.may_sign_in,
        may_seal=row.may_seal,
        code_field=row.code_field,
        until=row.until,
        crl_at=row.crl_at,
        crl_until=crl.next_update_utc if crl is not None else None,
        revoked=len(crl) if crl is not None else 0,
    )
