"""Found the registration CA, certify signing keys, revoke certificates and publish what was revoked."""

from __future__ import annotations

from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import ColumnElement, func, select, update

from govcore.audit.service import record, record_all
from govcore.certificates import authority as ca
from govcore.certificates import refusals
from govcore.certificates.models import Authority, Certificate, OutsideCertificate, RevocationList
from govcore.certificates.policy import CERTIFICATE_LIFETIME, LIST_AGE, Reason, is_personal
from govcore.db import Tx
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor, require
from govcore.identity.sessions import end_opened_by
from govcore.keys import KeyWrapper


class AlreadyRevoked(Problem):
    code = "E_CERT_REVOKED"
    text = "This certificate is revoked already."


def create_authority(tx: Tx, wrapper: KeyWrapper, *, name: str, at: datetime) -> None:
    """Make the registration CA unless there is one."""
    if tx.scalar(select(Authority.sha256)) is not None:
        return
    certificate, key = ca.new_authority(name=name, at=at)
    digest = ca.sha256_of(certificate)
    der = certificate.public_bytes(Encoding.DER)
    tx.add(Authority(sha256=digest, der=der, wrapped=wrapper.wrap("authority", digest, key)))


def certify(
    tx: Tx,
    wrapper: KeyWrapper,
    *,
    request_pem: bytes,
    actor: Actor,
    at: datetime,
    site: str = "",
    until: datetime | None = None,
    outside: OutsideCertificate | None = None,
) -> x509.Certificate:
    """Certify the key in a PKCS#10 request for the actor's own organisation, for a year or `until`.

    An expert's certificate names the account instead: evaluating is the person's own act (招标投标法 art. 44).
    On the proof of an `outside` certificate its own key is certified, not longer than it lasts itself.
    """
    row = tx.scalar(select(Authority))
    if row is None or actor.org_id is None or actor.uscc is None:
        raise NotFound
    key = ca.requested_key(request_pem)
    refuse_taken(tx, ca.key_sha256(key), user_id=actor.user_id, org_id=actor.org_id)
    if outside is not None and outside.key_sha256 != ca.key_sha256(key):
        raise refusals.SignatureWrong
    limits = (at + CERTIFICATE_LIFETIME, until, outside.not_after if outside else None)
    ends = min(one for one in limits if one is not None)
    personal = is_personal(actor.roles)
    certificate = ca.issue(
        key,
        ca.Issue(
            uscc=actor.uscc,
            name=actor.org_name,
            at=at,
            until=ends,
            site=site,
            person=actor.user_id if personal else "",
        ),
        authority=x509.load_der_x509_certificate(row.der),
        key_der=wrapper.unwrap("authority", row.sha256, row.wrapped),
    )
    issued = Certificate(
        sha256=ca.sha256_of(certificate),
        org_id=actor.org_id,
        user_id=actor.user_id,
        der=certificate.public_bytes(Encoding.DER),
        key_sha256=ca.key_sha256(key),
        issued_at=at,
        not_after=ends,
        personal=personal,
        outside_sha256=outside.sha256 if outside else None,
    )
    _register(tx, issued, at=at)
    return certificate


def _register(tx: Tx, row: Certificate, *, at: datetime) -> None:
    tx.add(row)
    tx.flush()
    record(tx, "certificate.issued", subject=row.sha256, actor=row.user_id, at=at, data={"org": row.org_id})


def refuse_taken(tx: Tx, key_sha256: str, *, user_id: str, org_id: str | None) -> None:
    """`Reused` when the key speaks for somebody else, or for another organisation.

    Certified twice, one could sign and the other be bound.
    """
    for table in (Certificate, OutsideCertificate):
        others = (table.user_id != user_id) | (table.org_id != org_id)
        if tx.scalar(select(table.sha256).where(table.key_sha256 == key_sha256, others).limit(1)):
            raise refusals.Reused


def revoke(
    tx: Tx, wrapper: KeyWrapper, sha256: str, *, reason: Reason, actor: Actor, at: datetime
) -> Certificate:
    """Revoke a certificate of one's own, or as an administrator anybody's, and publish the list; from now on it
    signs nothing. What it signed before stays signed.
    """
    row = tx.get(Certificate, sha256)
    if row is None or not (row.user_id == actor.user_id or actor.may("certificate.revoke")):
        raise NotFound
    require(actor, "certificate.read")
    if not revoke_all(tx, wrapper, Certificate.sha256 == sha256, reason=reason, by=actor.user_id, at=at):
        raise AlreadyRevoked
    return row


def revoke_all(
    tx: Tx, wrapper: KeyWrapper, which: ColumnElement[bool], *, reason: Reason, by: str, at: datetime
) -> int:
    """Revoke those that are not revoked yet, end the sessions they opened, publish one list; how many they were."""
    free = update(Certificate).where(which, Certificate.revoked_at.is_(None))
    revoked = free.values(revoked_at=at, reason=reason).returning(Certificate.sha256, Certificate.org_id)
    facts = [(sha256, {"org": org_id, "reason": reason}) for sha256, org_id in tx.execute(revoked)]
    if facts:
        end_opened_by(tx, [sha256 for sha256, _ in facts], actor=by, at=at)
        record_all(tx, "certificate.revoked", facts, actor=by, at=at)
        publish_list(tx, wrapper, at=at)
    return len(facts)


def publish_list(tx: Tx, wrapper: KeyWrapper, *, at: datetime) -> int:
    """Sign the list of everything revoked so far under the next number."""
    row = tx.scalar(select(Authority).with_for_update())  # one at a time: numbers only rise
    if row is None:
        raise NotFound
    number = 1 + (tx.scalar(select(func.max(RevocationList.number))) or 0)
    revoked = select(Certificate).where(Certificate.revoked_at.is_not(None)).order_by(Certificate.revoked_at)
    made = ca.revocation_list(
        [
            (x509.load_der_x509_certificate(one.der), one.revoked_at, Reason(one.reason or Reason.WITHDRAWN))
            for one in tx.scalars(revoked)
            if one.revoked_at is not None
        ],
        authority=x509.load_der_x509_certificate(row.der),
        key_der=wrapper.unwrap("authority", row.sha256, row.wrapped),
        number=number,
        at=at,
    )
    tx.add(RevocationList(number=number, der=made.public_bytes(Encoding.DER), made_at=at))
    data = {"number": number, "revoked": len(made)}
    record(tx, "certificate.list_published", subject=row.sha256, actor="system", at=at, data=data)
    return number


def renew_list(tx: Tx, wrapper: KeyWrapper, *, at: datetime) -> None:
    """Publish the list anew once the last one is a day old."""
    last = tx.scalar(select(func.max(RevocationList.made_at)))
    if last is None or at - last >= LIST_AGE:
        publish_list(tx, wrapper, at=at)
