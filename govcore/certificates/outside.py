"""The trust list, and the outside certificates that people proved to hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select

from govcore import sm2
from govcore.audit.service import record
from govcore.certificates import authority as ca
from govcore.certificates import national, refusals, service, trust
from govcore.certificates.models import Certificate, OutsideCertificate, TrustedAuthority
from govcore.certificates.policy import Reason
from govcore.certificates.trust import Anchor, CodeField, Subject
from govcore.db import Tx
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor, require
from govcore.identity.sessions import end_opened_by
from govcore.keys import KeyWrapper

Use = Literal["sign_in", "seal"]


class NoAuthority(Problem):
    code = "E_NO_CA"
    status = 422
    text = "This file is no authority's certificate (PEM or DER) that is in force."


class NoList(Problem):
    code = "E_NO_CRL"
    status = 422
    text = "This file is no revocation list (PEM or DER) signed by this authority, or it is older than the present one."


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusted:
    """For what an authority is to be trusted, until when, and where it writes the credit code."""

    may_sign_in: bool
    may_seal: bool
    code_field: CodeField
    until: datetime


def read_authority(raw: bytes, *, at: datetime) -> x509.Certificate:
    """The authority's certificate in a file; `NoAuthority` unless it may issue certificates now."""
    try:
        pem = raw.lstrip().startswith(b"-----BEGIN")
        found = x509.load_pem_x509_certificate(raw) if pem else x509.load_der_x509_certificate(raw)
        usable = trust.is_authority(found)
    except ValueError as error:
        raise NoAuthority from error
    if not usable or not found.not_valid_before_utc <= at < found.not_valid_after_utc:
        raise NoAuthority
    return found


def add(tx: Tx, raw: bytes, asked: Trusted, *, actor: Actor, at: datetime) -> str:
    """Put an authority on the list, or change for what it is trusted; its fingerprint."""
    require(actor, "certificate.trust")
    certificate = read_authority(raw, at=at)
    digest = ca.sha256_of(certificate)
    known = tx.get(TrustedAuthority, digest)
    before = _trusted_for(known) if known and known.removed_at is None else None
    row = known or TrustedAuthority(sha256=digest, added_at=at)
    row.der = certificate.public_bytes(Encoding.DER)
    row.may_sign_in, row.may_seal = asked.may_sign_in, asked.may_seal
    row.code_field = asked.code_field
    row.until = min(asked.until, certificate.not_valid_after_utc)
    row.removed_at = None
    tx.add(row)
    tx.flush()
    data = {**_trusted_for(row), "before": before}
    record(tx, "certificate.authority_trusted", subject=digest, actor=actor.user_id, at=at, data=data)
    return digest


def _trusted_for(row: TrustedAuthority) -> dict[str, object]:
    return {
        "sign_in": row.may_sign_in,
        "seal": row.may_seal,
        "code_field": row.code_field,
        "until": row.until.isoformat(),
    }


def remove(tx: Tx, wrapper: KeyWrapper, sha256: str, *, actor: Actor, at: datetime) -> None:
    """Trust an authority no more from now on; what was issued here on its word is revoked."""
    require(actor, "certificate.trust")
    row = _trusted(tx, sha256)
    row.removed_at = at
    record(tx, "certificate.authority_removed", subject=sha256, actor=actor.user_id, at=at, data={})
    theirs = select(OutsideCertificate).where(OutsideCertificate.trusted_sha256 == sha256)
    _revoke_derived(tx, wrapper, list(tx.scalars(theirs)), Reason.WITHDRAWN, actor=actor, at=at)


def give_list(tx: Tx, wrapper: KeyWrapper, sha256: str, raw: bytes, *, actor: Actor, at: datetime) -> int:
    """Take an authority's revocation list from a file; what it revokes is refused at once. How many it names."""
    require(actor, "certificate.trust")
    row = _trusted(tx, sha256)
    crl = _read_list(raw, x509.load_der_x509_certificate(row.der))
    if crl.last_update_utc > at or (row.crl_at is not None and crl.last_update_utc < row.crl_at):
        raise NoList
    row.crl, row.crl_at = crl.public_bytes(Encoding.DER), crl.last_update_utc
    data = {"revoked": len(crl), "made_at": crl.last_update_utc.isoformat()}
    record(tx, "certificate.authority_list_given", subject=sha256, actor=actor.user_id, at=at, data=data)
    known = select(OutsideCertificate).where(OutsideCertificate.revoked_at.is_(None))
    hit = [one for one in tx.scalars(known) if _lists(crl, one)]
    for one in hit:
        one.revoked_at = at
    _revoke_derived(tx, wrapper, hit, Reason.KEY_COMPROMISE, actor=actor, at=at)
    return len(crl)


def _read_list(raw: bytes, authority: x509.Certificate) -> x509.CertificateRevocationList:
    try:
        pem = raw.lstrip().startswith(b"-----BEGIN")
        crl = x509.load_pem_x509_crl(raw) if pem else x509.load_der_x509_crl(raw)
        if sm2.key_of(authority) is not None:
            signed = national.signed_list(crl, authority)
        else:
            signed = crl.is_signature_valid(authority.public_key())  # type: ignore[arg-type]  # other kinds raise
    except (ValueError, TypeError) as error:
        raise NoList from error
    if crl.issuer != authority.subject or not signed:
        raise NoList
    return crl


def _lists(crl: x509.CertificateRevocationList, row: OutsideCertificate) -> bool:
    return any(
        one.issuer == crl.issuer and crl.get_revoked_certificate_by_serial_number(one.serial_number)
        for one in trust.read_chain(row.chain)
    )


def _revoke_derived(
    tx: Tx,
    wrapper: KeyWrapper,
    outside: Sequence[OutsideCertificate],
    reason: Reason,
    *,
    actor: Actor,
    at: datetime,
) -> None:
    """Revoke what was issued here on the proof of these certificates, and end the sessions they opened."""
    fingerprints = [one.sha256 for one in outside]
    end_opened_by(tx, fingerprints, actor=actor.user_id, at=at)
    derived = Certificate.outside_sha256.in_(fingerprints)
    service.revoke_all(tx, wrapper, derived, reason=reason, by=actor.user_id, at=at)


def anchors(tx: Tx, use: Use, *, at: datetime) -> list[Anchor]:
    """The authorities that are trusted for this use now."""
    allowed = TrustedAuthority.may_sign_in if use == "sign_in" else TrustedAuthority.may_seal
    rows = select(TrustedAuthority).where(
        allowed, TrustedAuthority.removed_at.is_(None), TrustedAuthority.until > at
    )
    return [
        Anchor(
            row.sha256,
            x509.load_der_x509_certificate(row.der),
            CodeField(row.code_field),
            x509.load_der_x509_crl(row.crl) if row.crl else None,
        )
        for row in tx.scalars(rows)
    ]


def judge(tx: Tx, chain: Sequence[x509.Certificate], use: Use, *, at: datetime) -> Subject:
    """Whom a certificate names that an authority trusted for this use issued; else why it is refused."""
    subject = trust.judge(chain, anchors(tx, use, at=at), at=at)
    row = tx.get(OutsideCertificate, ca.sha256_of(chain[0]))
    if row is not None and row.revoked_at is not None:
        raise refusals.Revoked
    return subject


def vouch(
    tx: Tx, chain: Sequence[x509.Certificate], use: Use, *, uscc: str | None, name: str, at: datetime
) -> Subject:
    """Whom a certificate names, when that is the organisation of this credit code and name; else why not."""
    subject = judge(tx, chain, use, at=at)
    if subject.uscc != uscc or not trust.same_name(subject.name, name):
        raise refusals.NameDiffers
    return subject


def bind(tx: Tx, chain: Sequence[x509.Certificate], *, actor: Actor, at: datetime) -> str:
    """Add a certificate, whose key was proved, to the actor's account; its fingerprint.

    It must name the actor's organisation as it is registered, and belong to nobody else.
    """
    require(actor, "certificate.request")
    if actor.org_id is None:
        raise refusals.NameDiffers
    subject = vouch(tx, chain, "sign_in", uscc=actor.uscc, name=actor.org_name, at=at)
    leaf = chain[0]
    digest, key = ca.sha256_of(leaf), ca.key_sha256_of(leaf)
    service.refuse_taken(tx, key, user_id=actor.user_id, org_id=actor.org_id)
    known = select(OutsideCertificate).where(OutsideCertificate.key_sha256 == key)
    if (row := tx.scalar(known)) is not None and row.sha256 == digest:
        return digest
    if row is not None:
        raise refusals.Reused
    tx.add(
        OutsideCertificate(
            sha256=digest,
            org_id=actor.org_id,
            user_id=actor.user_id,
            trusted_sha256=subject.anchor.sha256,
            key_sha256=key,
            chain=b"".join(one.public_bytes(Encoding.PEM) for one in chain),
            not_after=leaf.not_valid_after_utc,
            bound_at=at,
        )
    )
    tx.flush()
    data = {"org": actor.org_id, "authority": subject.anchor.sha256}
    record(tx, "certificate.bound", subject=digest, actor=actor.user_id, at=at, data=data)
    return digest


def give_up(tx: Tx, wrapper: KeyWrapper, sha256: str, *, actor: Actor, at: datetime) -> None:
    """Take one's own outside certificate out of use here for good, with what was issued on its proof."""
    row = tx.get(OutsideCertificate, sha256)
    if row is None or row.user_id != actor.user_id:
        raise NotFound
    row.revoked_at = row.revoked_at or at
    record(tx, "certificate.given_up", subject=sha256, actor=actor.user_id, at=at, data={})
    _revoke_derived(tx, wrapper, [row], Reason.CESSATION, actor=actor, at=at)


def certify(
    tx: Tx,
    wrapper: KeyWrapper,
    sha256: str,
    *,
    request_pem: bytes,
    actor: Actor,
    at: datetime,
    site: str = "",
) -> x509.Certificate:
    """Certify the key of one's own outside certificate for sealing, when its authority is trusted for that.

    Bids stay checkable with the registration CA alone: no custodian and no gate has to know outside authorities.
    """
    row = tx.get(OutsideCertificate, sha256)
    if row is None or row.user_id != actor.user_id:
        raise NotFound
    vouch(tx, trust.read_chain(row.chain), "seal", uscc=actor.uscc, name=actor.org_name, at=at)
    return service.certify(tx, wrapper, request_pem=request_pem, actor=actor, at=at, site=site, outside=row)


def _trusted(tx: Tx, sha256: str) -> TrustedAuthority:
    row = tx.get(TrustedAuthority, sha256)
    if row is None or row.removed_at is not None:
        raise NotFound
    return row
