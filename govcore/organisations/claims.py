"""Claims: somebody says to act for the organisation of a credit code, and proves it or learns nothing."""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec
from sqlalchemy import select, update

from govcore.audit.service import record
from govcore.certificates import proving
from govcore.certificates.proving import Proved
from govcore.db import Tx, new_id
from govcore.errors import Malformed, MoveNotAllowed, NotFound, Problem
from govcore.identifiers import check_uscc
from govcore.identity import queries as identity
from govcore.identity.models import User
from govcore.identity.policy import ALL_DUTIES, Actor, Role, require
from govcore.identity.service import register_organisation, register_user
from govcore.keys import KeyWrapper
from govcore.notify import service as notify
from govcore.organisations import claim_queries, queries
from govcore.organisations.models import Claim
from govcore.organisations.policy import (
    CLAIM_RULES,
    GIVEN_ROLES,
    LICENCE_LIMIT,
    REASON_WORDS,
    ClaimMove,
    ClaimState,
    licence_kind,
)
from govcore.organisations.service import begin_membership


class NoScan(Problem):
    """Judged by the first bytes: a name says nothing of what is in a file."""

    code = "E_LICENCE"
    status = 422
    text = "The scan of the licence must be a PDF, JPEG or PNG file of at most {megabytes} MB."


class OneClaimAtATime(Problem):
    code = "E_CLAIM_PENDING"
    text = "Your earlier claim is still being checked. Withdraw it before you make another one."


class OwnClaim(Problem):
    """Nobody decides about the own claim or one on the own organisation."""

    code = "E_OWN_CLAIM"
    status = 403
    text = "Somebody else must decide about this claim: it is yours or concerns your own organisation."


class Contested(Problem):
    """Said only to who holds the organisation's certificate: members and a certificate that disagree need a clerk."""

    code = "E_CLAIM_CONTESTED"
    text = "A member of the organisation objects to your claim. A clerk of the centre decides about it."


TOLD_WORDS = {
    ClaimState.PROVEN: "Your claim is proven: you act for the organisation now.",
    ClaimState.REJECTED: "Your claim was not proven.",
}


class Proof(msgspec.Struct, frozen=True):
    """What a claimant hands in."""

    statement: str
    licence: bytes

    def __repr__(self) -> str:
        return "Proof()"


def register_person(tx: Tx, *, name: str, username: str, password: str, at: datetime) -> User:
    """Make an account that belongs to no organisation; `username` is given out, so none can be tried."""
    if not name.strip():
        raise Malformed(detail="name")
    return register_user(
        tx,
        username=username,
        name=name.strip(),
        password=password,
        org_id=None,
        roles=[Role.CITIZEN],
        actor="visitor",
        at=at,
    )


def claim(
    tx: Tx, wrapper: KeyWrapper, *, uscc: str, name: str, proof: Proof, actor: Actor, at: datetime
) -> str:
    """Take a claim to be checked, whether or not the code is registered: the claimant cannot tell.

    Present members of a registered organisation are told who claims it.
    """
    require(actor, "organisation.claim")
    check_uscc(uscc)
    if not name.strip() or not proof.statement.strip():
        raise Malformed(detail="name" if not name.strip() else "statement")
    if len(proof.licence) > LICENCE_LIMIT or licence_kind(proof.licence) is None:
        raise NoScan(megabytes=LICENCE_LIMIT >> 20)
    if claim_queries.has_pending(tx, actor.user_id):
        raise OneClaimAtATime
    claim_id = new_id()
    tx.add(
        Claim(
            id=claim_id,
            user_id=actor.user_id,
            uscc=uscc,
            name=name.strip(),
            wrapped=wrapper.wrap("claim", claim_id, msgspec.json.encode(proof)),
            made_at=at,
            state=ClaimState.PENDING,
        )
    )
    tx.flush()
    data = {"uscc": uscc, "licence_sha256": hashlib.sha256(proof.licence).hexdigest()}
    record(tx, "organisation.claimed", subject=claim_id, actor=actor.user_id, at=at, data=data)
    _tell_members(tx, uscc, claim_id, actor=actor, at=at)
    notify.tell(
        tx,
        identity.users_with_role(tx, Role.CENTRE),
        about=f"claim/{claim_id}",
        text="Somebody claims to act for {organisation}. Please check the proof.",
        href=f"/claims/{claim_id}",
        at=at,
        data={"organisation": name.strip()},
    )
    return claim_id


def contest(tx: Tx, claim_id: str, *, actor: Actor, at: datetime) -> None:
    """A member of the claimed organisation does not know the claimant; the clerk sees that."""
    require(actor, "organisation.view")
    row = claim_queries.claim_on_own(tx, claim_id, actor=actor)
    if row.contested_at is None:
        row.contested_by, row.contested_at = actor.user_id, at
        record(tx, "organisation.claim_contested", subject=claim_id, actor=actor.user_id, at=at, data={})


def withdraw(tx: Tx, claim_id: str, *, actor: Actor, at: datetime) -> None:
    _own(tx, claim_id, actor=actor)
    _move(tx, claim_id, ClaimMove.WITHDRAW, by=actor.user_id, at=at)


def accept(tx: Tx, claim_id: str, *, role: Role, actor: Actor, at: datetime) -> None:
    """A clerk holds the licence to be genuine: the claimant administers the organisation from now on."""
    row = _to_decide(tx, claim_id, actor=actor)
    if role not in GIVEN_ROLES:
        raise Malformed(detail="role")
    _move(tx, claim_id, ClaimMove.ACCEPT, by=actor.user_id, at=at, proof="licence")
    _entrust(tx, row, role=role, by=actor.user_id, at=at)


def reject(tx: Tx, claim_id: str, *, reason: str, actor: Actor, at: datetime) -> None:
    """Not proven; the claimant is told one of the set reasons, which say nothing of the register."""
    row = _to_decide(tx, claim_id, actor=actor)
    if reason not in REASON_WORDS:
        raise Malformed(detail="reason")
    _move(tx, claim_id, ClaimMove.REJECT, by=actor.user_id, at=at, reason=reason)
    _tell_claimant(tx, row, ClaimState.REJECTED, at=at)


def prove_by_certificate(tx: Tx, claim_id: str, proved: Proved, *, actor: Actor, at: datetime) -> None:
    """Prove one's own claim by a certificate of that organisation, as a bidder's; other roles need a clerk."""
    row = _own(tx, claim_id, actor=actor)
    known = identity.organisation_by_uscc(tx, row.uscc)
    name, org_id = (known.name, known.id) if known else (row.name, None)
    sha256 = proving.vouch(tx, proved, uscc=row.uscc, name=name, org_id=org_id, actor=actor, at=at)
    if row.contested_at is not None:
        raise Contested
    _move(tx, claim_id, ClaimMove.ACCEPT, by=row.user_id, at=at, proof=f"certificate {sha256}")
    _entrust(tx, row, role=Role.BIDDER, by=row.user_id, at=at)


def _own(tx: Tx, claim_id: str, *, actor: Actor) -> Claim:
    require(actor, "organisation.claim")
    row = tx.get(Claim, claim_id)
    if row is None or row.user_id != actor.user_id:
        raise NotFound
    return row


def _to_decide(tx: Tx, claim_id: str, *, actor: Actor) -> Claim:
    require(actor, "organisation.decide")
    row = tx.get(Claim, claim_id)
    if row is None:
        raise NotFound
    if actor.user_id == row.user_id or actor.uscc == row.uscc:
        raise OwnClaim
    return row


def _move(
    tx: Tx,
    claim_id: str,
    move: ClaimMove,
    *,
    by: str,
    at: datetime,
    proof: str | None = None,
    reason: str | None = None,
) -> None:
    """Apply one rule, once: of two clerks the second one is refused."""
    rule = CLAIM_RULES[move]
    moved = update(Claim).where(Claim.id == claim_id, Claim.state == rule.source)
    values = {"state": rule.target, "decided_by": by, "decided_at": at, "proof": proof, "reason": reason}
    if tx.scalar(moved.values(**values).returning(Claim.id)) is None:
        state = tx.scalar(select(Claim.state).where(Claim.id == claim_id))
        raise MoveNotAllowed(move=move.value, state=str(state))
    data = {name: value for name, value in (("proof", proof), ("reason", reason)) if value}
    record(tx, rule.event, subject=claim_id, actor=by, at=at, data=data)


def _entrust(tx: Tx, row: Claim, *, role: Role, by: str, at: datetime) -> None:
    """Make the claimant an administrator of the organisation, registered now unless it was."""
    organisation = identity.organisation_by_uscc(tx, row.uscc)
    if organisation is None:
        organisation = register_organisation(tx, uscc=row.uscc, name=row.name, actor=by, at=at)
    begin_membership(
        tx,
        tx.get_one(User, row.user_id),
        org_id=organisation.id,
        duties=frozenset(map(str, ALL_DUTIES)),
        roles=frozenset({role}),
        by=by,
        leaving=True,
        at=at,
    )
    _tell_claimant(tx, row, ClaimState.PROVEN, at=at)


def _tell_claimant(tx: Tx, row: Claim, state: ClaimState, *, at: datetime) -> None:
    text = TOLD_WORDS[state]
    notify.tell(tx, [row.user_id], about=f"decided/{row.id}", text=text, href="/my-claims", at=at)


def _tell_members(tx: Tx, uscc: str, claim_id: str, *, actor: Actor, at: datetime) -> None:
    organisation = identity.organisation_by_uscc(tx, uscc)
    if organisation is None:
        return
    notify.tell(
        tx,
        [user_id for user_id, _ in queries.duties_in(tx, organisation.id)],
        about=f"claim-on-us/{claim_id}",
        text="{name} claims to act for your organisation. Do you know this person?",
        href="/organisation",
        at=at,
        data={"name": actor.name},
    )
