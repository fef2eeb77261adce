"""Reads of claims: one's own without a word about the register, those on one's organisation, the clerk's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import select

from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity import queries as identity
from govcore.identity.models import Organisation, User
from govcore.identity.policy import Actor, require
from govcore.keys import KeyWrapper
from govcore.organisations import queries
from govcore.organisations.models import Claim
from govcore.organisations.policy import ClaimState


@dataclass(frozen=True, slots=True)
class OwnClaim:
    """What the claimant sees: what was handed in, and whether it is proven."""

    id: str
    uscc: str
    id_kind: str
    name: str
    made_at: datetime
    state: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class ClaimOnUs:
    id: str
    claimant: str
    made_at: datetime
    contested: bool


@dataclass(frozen=True, slots=True)
class ClaimToDecide:
    """What the clerk sees, with what the register holds under the same code."""

    id: str
    uscc: str
    id_kind: str
    name: str
    claimant: str
    made_at: datetime
    state: str
    reason: str | None
    proof: str | None
    decided_at: datetime | None
    decided_by: str | None
    contested_at: datetime | None
    contested_by: str | None
    registered_name: str | None
    members: int


def party_of(tx: Tx, row: Claim) -> Organisation | None:
    """The registered party that a claim is on, if there is one."""
    if row.id_tag is not None:
        return identity.organisation_by_tag(tx, row.id_tag)
    return identity.organisation_by_uscc(tx, row.uscc)


def has_pending(tx: Tx, user_id: str) -> bool:
    query = select(Claim.id).where(Claim.user_id == user_id, Claim.state == ClaimState.PENDING)
    return tx.scalar(query.limit(1)) is not None


def own_claims(tx: Tx, *, actor: Actor) -> list[OwnClaim]:
    """The actor's own claims, the newest first."""
    require(actor, "organisation.claim")
    query = select(Claim).where(Claim.user_id == actor.user_id).order_by(Claim.made_at.desc(), Claim.id)
    return [
        OwnClaim(row.id, row.uscc, row.id_kind, row.name, row.made_at, row.state, row.reason)
        for row in tx.scalars(query)
    ]


def claims_on_us(tx: Tx, *, actor: Actor) -> list[ClaimOnUs]:
    """The pending claims of others on the actor's own organisation."""
    if actor.org_id is None or actor.acting is not None:
        return []
    own = identity.organisation(tx, actor.org_id)
    on_us = Claim.id_tag == own.id_tag if own.id_tag is not None else Claim.uscc == own.uscc
    query = (
        select(Claim, User.name)
        .join(User, User.id == Claim.user_id)
        .where(on_us, Claim.state == ClaimState.PENDING, Claim.user_id != actor.user_id)
        .order_by(Claim.made_at, Claim.id)
    )
    return [
        ClaimOnUs(row.id, name, row.made_at, row.contested_at is not None) for row, name in tx.execute(query)
    ]


def claim_on_own(tx: Tx, claim_id: str, *, actor: Actor) -> Claim:
    """A pending claim on the actor's own organisation; every other does not exist."""
    if claim_id not in {one.id for one in claims_on_us(tx, actor=actor)}:
        raise NotFound
    return tx.get_one(Claim, claim_id)


def claims_to_decide(tx: Tx, *, actor: Actor, limit: int = 100) -> list[ClaimToDecide]:
    """All claims for the centre's clerks, the pending ones first, then the newest."""
    require(actor, "organisation.decide")
    order = (Claim.state != ClaimState.PENDING, Claim.made_at.desc(), Claim.id)
    return [_to_decide(tx, row) for row in tx.scalars(select(Claim).order_by(*order).limit(limit))]


def claim_to_decide(tx: Tx, claim_id: str, *, actor: Actor) -> ClaimToDecide:
    require(actor, "organisation.decide")
    row = tx.get(Claim, claim_id)
    if row is None:
        raise NotFound
    return _to_decide(tx, row)


def proof(tx: Tx, wrapper: KeyWrapper, claim_id: str, *, actor: Actor) -> tuple[str, bytes]:
    """Statement and scan of a claim, for a clerk."""
    require(actor, "organisation.decide")
    row = tx.get(Claim, claim_id)
    if row is None:
        raise NotFound
    kept = msgspec.json.decode(wrapper.unwrap("claim", row.id, row.wrapped), type=_Kept)
    return kept.statement, kept.licence


class _Kept(msgspec.Struct, frozen=True):
    statement: str
    licence: bytes

    def __repr__(self) -> str:
        return "_Kept()"


def _to_decide(tx: Tx, row: Claim) -> ClaimToDecide:
    wanted = [one for one in (row.user_id, row.decided_by, row.contested_by) if one]
    names = identity.user_names(tx, wanted)
    registered = party_of(tx, row)
    return ClaimToDecide(
        id=row.id,
        uscc=row.uscc,
        id_kind=row.id_kind,
        name=row.name,
        claimant=names[row.user_id],
        made_at=row.made_at,
        state=row.state,
        reason=row.reason,
        proof=row.proof,
        decided_at=row.decided_at,
        decided_by=names.get(row.decided_by or ""),
        contested_at=row.contested_at,
        contested_by=names.get(row.contested_by or ""),
        registered_name=registered.name if registered else None,
        members=len(queries.duties_in(tx, registered.id)) if registered else 0,
    )
