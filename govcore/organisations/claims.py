"""Claims: somebody says to act for the party of a code, and proves it or learns nothing."""

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
from govcore.identifiers import Identifier, IdKind
from govcore.identity import queries as identity
from govcore.identity.models import Organisation, User
from govcore.identity.policy import ALL_DUTIES, Actor, Role, require
from govcore.identity.service import (
    register_foreign,
    register_natural_person,
    register_organisation,
    register_user,
)
from govcore.keys import KeyWrapper
from govcore.notify import service as notify
from govcore.organisations import claim_queries, queries
from govcore.organisations.models import Claim
from govcore.organisations.policy import (
    CLAIM_RULES,
    LICENCE_LIMIT,
    REASON_WORDS,
    ClaimMove,
    ClaimState,
    given_roles,
    licence_kind,
)
from govcore.organisations.service import begin_membership
from govcore.vault import Vault


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


class CardDiffers(Problem):
    """The number that the clerk reads on the scan is not the one that the claimant typed."""

    code = "E_CARD_DIFFERS"
    status = 422
    text = "The number that you read on the identity card is not the one that the claimant gave. Read it again; if it differs, reject the claim."  # noqa: E501


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


def id_tag(vault: Vault, identifier: Identifier) -> str | None:
    """Under what a resident ID is found again; every other identifier is its own name."""
    return vault.tag("resident_id", identifier.value) if identifier.is_secret else None


def claim(
    tx: Tx,
    vault: Vault,
    wrapper: KeyWrapper,
    *,
    party: Identifier,
    name: str,
    proof: Proof,
    actor: Actor,
    at: datetime,
) -> str:
    """Take a claim to be checked, whether or not the party is registered: the claimant cannot tell.

    Present members of a registered organisation are told who claims it.
    """
    require(actor, "organisation.claim")
    if not name.strip() or not proof.statement.strip():
        raise Malformed(detail="name" if not name.strip() else "statement")
    if len(proof.licence) > LICENCE_LIMIT or licence_kind(proof.licence) is None:
        raise NoScan(megabytes=LICENCE_LIMIT >> 20)
    if claim_queries.has_pending(tx, actor.user_id):
        raise OneClaimAtATime
    claim_id = new_id()
    row = Claim(
        id=claim_id,
        user_id=actor.user_id,
        uscc=str(party),
        id_kind=party.kind,
        id_tag=id_tag(vault, party),
        name=name.strip(),
        wrapped=wrapper.wrap("claim", claim_id, msgspec.json.encode(proof)),
        made_at=at,
        state=ClaimState.PENDING,
    )
    tx.add(row)
    tx.flush()
    # A masked resident ID still narrows down who it is: the log, which lasts, has the kind alone.
    data = {"id_kind": party.kind.value, "licence_sha256": hashlib.sha256(proof.licence).hexdigest()}
    data |= {} if party.is_secret else {"uscc": row.uscc}
    record(tx, "organisation.claimed", subject=claim_id, actor=actor.user_id, at=at, data=data)
    _tell_members(tx, row, actor=actor, at=at)
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


def accept(
    tx: Tx, vault: Vault, claim_id: str, *, role: Role, card: str = "", actor: Actor, at: datetime
) -> None:
    """A clerk holds the proof to be genuine: the claimant administers the organisation from now on.

    Of a natural person the clerk types the number on the `card`, which is compared without being shown.
    """
    row = _to_decide(tx, claim_id, actor=actor)
    if role not in given_roles(row.id_kind):
        raise Malformed(detail="role")
    if row.id_tag is not None and id_tag(vault, Identifier(IdKind.RESIDENT_ID, card)) != row.id_tag:
        raise CardDiffers
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
    known = claim_queries.party_of(tx, row)
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
    known = claim_queries.party_of(tx, row)
    if actor.user_id == row.user_id or (known is not None and known.id == actor.org_id):
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
    data = {"proof": proof} if proof else {}
    data |= {"reason": reason} if reason else {}
    record(tx, rule.event, subject=claim_id, actor=by, at=at, data=data)


def _entrust(tx: Tx, row: Claim, *, role: Role, by: str, at: datetime) -> None:
    """Make the claimant an administrator of the organisation, registered now unless it was."""
    organisation = claim_queries.party_of(tx, row) or _register(tx, row, by=by, at=at)
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


def _register(tx: Tx, row: Claim, *, by: str, at: datetime) -> Organisation:
    if row.id_tag is not None:
        return register_natural_person(tx, id_tag=row.id_tag, name=row.name, actor=by, at=at)
    if row.id_kind == IdKind.FOREIGN:
        return register_foreign(tx, code=row.uscc, name=row.name, actor=by, at=at)
    return register_organisation(tx, uscc=row.uscc, name=row.name, actor=by, at=at)


def _tell_claimant(tx: Tx, row: Claim, state: ClaimState, *, at: datetime) -> None:
    text = TOLD_WORDS[state]
    notify.tell(tx, [row.user_id], about=f"decided/{row.id}", text=text, href="/my-claims", at=at)


def _tell_members(tx: Tx, row: Claim, *, actor: Actor, at: datetime) -> None:
    organisation = claim_queries.party_of(tx, row)
    if organisation is None:
        return
    notify.tell(
        tx,
        [user_id for user_id, _ in queries.duties_in(tx, organisation.id)],
        about=f"claim-on-us/{row.id}",
        text="{name} claims to act for your organisation. Do you know this person?",
        href="/organisation",
        at=at,
        data={"name": actor.name},
    )
