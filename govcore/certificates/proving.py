"""Prove that one holds a certificate's key: to add it to an account, to sign in with it, to claim its organisation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from cryptography import x509
from sqlalchemy import select

from govcore import challenges
from govcore.audit.service import record
from govcore.certificates import authority as ca
from govcore.certificates import outside, queries, refusals, service, trust
from govcore.certificates.models import Authority, OutsideCertificate
from govcore.challenges import Challenge
from govcore.db import Tx
from govcore.dsse import pae
from govcore.errors import Problem
from govcore.identity.models import User
from govcore.identity.policy import Actor
from govcore.vault import Vault

CHALLENGE_LIFETIME = timedelta(minutes=2)
PAYLOAD_TYPE = "application/vnd.trading.challenge"
"""Of what is signed, so that no answer can be taken for a bid or a release, nor the other way round."""

Purpose = Literal["sign-in", "bind", "claim"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A question of ours, the certificate with what is above it (PEM), and the signature over the question."""

    challenge: str
    certificate: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Proved:
    """An open question that the key of this certificate answered."""

    challenge: Challenge
    chain: list[x509.Certificate]


def ask(vault: Vault, purpose: Purpose, *, origin: str, nonce: str, actor: Actor, at: datetime) -> str:
    """A question for two minutes; except to sign in, only the actor can answer it."""
    return challenges.ask(
        vault,
        purpose=purpose,
        origin=origin,
        nonce=nonce,
        until=at + CHALLENGE_LIFETIME,
        facts={"user": actor.user_id},
    )


def message(challenge: str) -> bytes:
    """The bytes that are signed."""
    return pae(PAYLOAD_TYPE, challenge.encode())


def prove(vault: Vault, purpose: Purpose, answer: Answer, *, origin: str, at: datetime) -> Proved:
    """The certificate, when its key signed a question of ours that is still open; nothing is said of it before."""
    challenge = challenges.read(vault, answer.challenge, purpose=purpose, origin=origin, at=at)
    chain = trust.read_chain(answer.certificate)
    trust.check_possession(chain[0], answer.signature, message(answer.challenge))
    return Proved(challenge, chain)


def bind(tx: Tx, proved: Proved, *, actor: Actor, at: datetime) -> str:
    """Add the proved certificate to the account that asked."""
    _asked(proved, actor)
    digest = outside.bind(tx, proved.chain, actor=actor, at=at)
    challenges.spend(tx, proved.challenge, at=at)
    return digest


def vouch(
    tx: Tx, proved: Proved, *, uscc: str, name: str, org_id: str | None, actor: Actor, at: datetime
) -> str:
    """The proved certificate's fingerprint, when it lets the actor who asked speak for this organisation.

    It must do what one that is added to an account must: the same authorities, names and keys count.
    """
    _asked(proved, actor)
    leaf = proved.chain[0]
    outside.vouch(tx, proved.chain, "sign_in", uscc=uscc, name=name, at=at)
    service.refuse_taken(tx, ca.key_sha256_of(leaf), user_id=actor.user_id, org_id=org_id)
    challenges.spend(tx, proved.challenge, at=at)
    return ca.sha256_of(leaf)


def _asked(proved: Proved, actor: Actor) -> None:
    if proved.challenge.facts["user"] != actor.user_id:
        raise challenges.BadChallenge


def sign_in(tx: Tx, proved: Proved, *, at: datetime) -> str:
    """The id of the person whom the proved certificate signs in; else why it does not."""
    leaf = proved.chain[0]
    trust.check_leaf(leaf, at=at)
    own = tx.scalar(select(Authority.der))
    ours = own is not None and ca.is_issued_by(leaf, x509.load_der_x509_certificate(own))
    user = _holder(tx, leaf, at=at) if ours else _bound(tx, proved, at=at)
    challenges.spend(tx, proved.challenge, at=at)
    return user.id


def _holder(tx: Tx, leaf: x509.Certificate, *, at: datetime) -> User:
    """The person to whom the registration CA issued it, who is still of that organisation."""
    holder = queries.certificate_holder(tx, ca.sha256_of(leaf))
    if holder is None:
        raise refusals.ChainUnknown
    if holder.revoked_at is not None and holder.revoked_at <= at:
        raise refusals.Revoked
    return _active(tx, holder.user_id, holder.org_id)


def _bound(tx: Tx, proved: Proved, *, at: datetime) -> User:
    """The person to whose account it was added, as long as it names that person's organisation."""
    subject = outside.judge(tx, proved.chain, "sign_in", at=at)
    row = tx.get(OutsideCertificate, ca.sha256_of(proved.chain[0]))
    if row is None:
        key = ca.key_sha256_of(proved.chain[0])
        taken = select(OutsideCertificate.sha256).where(OutsideCertificate.key_sha256 == key)
        raise refusals.Reused if tx.scalar(taken) else refusals.NotBound
    organisation = queries.named(tx, row.org_id)
    if (subject.uscc != organisation.uscc) or not trust.same_name(subject.name, organisation.name):
        raise refusals.NameDiffers
    return _active(tx, row.user_id, row.org_id)


def _active(tx: Tx, user_id: str, org_id: str) -> User:
    user = tx.get_one(User, user_id)
    if not user.active or user.org_id != org_id:
        raise refusals.NotBound
    return user


def log_refusal(
    tx: Tx, purpose: str, answer: Answer, problem: Problem, *, actor: Actor, at: datetime
) -> None:
    """Every refused proof is an event, with the certificate's fingerprint where it can be read."""
    try:
        subject = ca.sha256_of(trust.read_chain(answer.certificate)[0])
    except Problem:
        subject = "-"
    data = {"purpose": purpose, "code": problem.code}
    record(tx, "certificate.refused", subject=subject, actor=actor.user_id or "visitor", at=at, data=data)
