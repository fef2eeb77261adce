"""Reads of one's own organisation: members, their history, invitations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import func, or_, select

from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity import queries as identity
from govcore.identity.models import Delegation, User
from govcore.identity.policy import Actor, require
from govcore.keys import KeyWrapper
from govcore.notify.policy import DeliveryState
from govcore.organisations.models import Invitation, Membership


class Letter(msgspec.Struct, frozen=True):
    """Whom an invitation is for, and its code until it was sent."""

    name: str
    address: str
    code: str

    def __repr__(self) -> str:
        return "Letter()"


@dataclass(frozen=True, slots=True)
class Member:
    user_id: str
    name: str
    username: str
    duties: frozenset[str]
    active: bool
    joined_at: datetime | None
    joined_by: str | None


@dataclass(frozen=True, slots=True)
class Former:
    """A membership that has ended, by the names of today."""

    name: str
    joined_at: datetime | None
    left_at: datetime
    left_by: str
    ending: str


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation as its organisation sees it: nothing tells whether the address belongs to an account."""

    id: str
    name: str
    address: str
    duties: frozenset[str]
    invited_at: datetime
    expires_at: datetime
    state: str


def member_row(tx: Tx, user_id: str, *, actor: Actor) -> User:
    """A member of the actor's own organisation; everybody else does not exist."""
    found = tx.get(User, user_id)
    if found is None or actor.org_id is None or found.org_id != actor.org_id:
        raise NotFound
    return found


def member(tx: Tx, user_id: str, *, actor: Actor) -> Member:
    member_row(tx, user_id, actor=actor)
    return next(one for one in members(tx, actor=actor) if one.user_id == user_id)


def members(tx: Tx, *, actor: Actor) -> list[Member]:
    """The members of the actor's organisation by name; nobody's for who has none or acts for another."""
    require(actor, "organisation.view")
    org_id = own_organisation(actor)
    return [] if org_id is None else members_of(tx, org_id)


def own_organisation(actor: Actor) -> str | None:
    """The organisation the actor is a member of; a delegate does not look behind the one it acts for."""
    return actor.org_id if actor.acting is None else None


def members_of(tx: Tx, org_id: str) -> list[Member]:
    current = (Membership.user_id == User.id) & Membership.left_at.is_(None)
    query = (
        select(User, Membership)
        .outerjoin(Membership, current)
        .where(User.org_id == org_id)
        .order_by(User.name, User.id)
    )
    rows = tx.execute(query).all()
    names = _names(tx, {period.joined_by for _, period in rows if period})
    return [
        Member(
            user.id,
            user.name,
            user.username,
            user.duties,
            user.active,
            period.joined_at if period else None,
            names.get(period.joined_by or "") if period else None,
        )
        for user, period in rows
    ]


def former_members(tx: Tx, org_id: str) -> list[Former]:
    """Who has left an organisation, the last one first."""
    query = (
        select(Membership, User.name)
        .join(User, User.id == Membership.user_id)
        .where(Membership.org_id == org_id, Membership.left_at.is_not(None))
        .order_by(Membership.left_at.desc(), Membership.id)
    )
    rows = tx.execute(query).all()
    names = _names(tx, {period.left_by for period, _ in rows})
    return [
        Former(
            name, period.joined_at, period.left_at, names.get(period.left_by or "", ""), period.ending or ""
        )
        for period, name in rows
        if period.left_at is not None
    ]


def own_history(tx: Tx, *, actor: Actor) -> list[Former]:
    """Members that the actor's organisation had."""
    require(actor, "organisation.view")
    org_id = own_organisation(actor)
    return [] if org_id is None else former_members(tx, org_id)


def current_period(tx: Tx, user_id: str) -> Membership | None:
    return tx.scalar(select(Membership).where(Membership.user_id == user_id, Membership.left_at.is_(None)))


def own_username(tx: Tx, *, actor: Actor) -> str:
    """The name that the actor signs in with."""
    return tx.get_one(User, actor.user_id).username


def tied(tx: Tx, user_id: str, at: datetime) -> set[str]:
    """Who gave this person a delegation that lasts, and to whom it gave one: neither is a second person to it."""
    query = select(Delegation.user_id, Delegation.granted_by).where(
        or_(Delegation.user_id == user_id, Delegation.granted_by == user_id),
        Delegation.revoked_at.is_(None),
        Delegation.ends_at > at,
    )
    return {one for pair in tx.execute(query) for one in pair} - {user_id}


def duties_in(tx: Tx, org_id: str | None) -> list[tuple[str, frozenset[str]]]:
    """The active members of an organisation with what they may do."""
    query = select(User.id, User.duties).where(User.org_id == org_id, User.active)
    return [(user_id, duties) for user_id, duties in tx.execute(query)]


def invitations(tx: Tx, wrapper: KeyWrapper, *, actor: Actor, at: datetime) -> list[Invited]:
    """The open invitations of the actor's organisation, for who administers it."""
    if not actor.may("organisation.manage"):
        return []
    query = select(Invitation).where(
        Invitation.org_id == actor.org_id, Invitation.ended_at.is_(None), Invitation.expires_at > at
    )
    return [
        Invited(
            row.id,
            (kept := letter(wrapper, row)).name,
            kept.address,
            row.duties,
            row.invited_at,
            row.expires_at,
            row.state,
        )
        for row in tx.scalars(query.order_by(Invitation.invited_at.desc(), Invitation.id))
    ]


def open_invitations(tx: Tx, org_id: str, *, at: datetime) -> int:
    query = select(func.count()).select_from(Invitation)
    unused = (Invitation.org_id == org_id, Invitation.ended_at.is_(None), Invitation.expires_at > at)
    return tx.scalar(query.where(*unused)) or 0


def letter(wrapper: KeyWrapper, row: Invitation) -> Letter:
    return msgspec.json.decode(wrapper.unwrap("invitation", row.id, row.wrapped), type=Letter)


def due_invitations(tx: Tx, *, at: datetime, limit: int = 20) -> list[str]:
    """Invitations to be sent now; withdrawn ones are not."""
    query = select(Invitation.id).where(
        Invitation.state == DeliveryState.QUEUED, Invitation.due_at <= at, Invitation.ended_at.is_(None)
    )
    return list(tx.scalars(query.order_by(Invitation.due_at).limit(limit)))


def letter_to_send(tx: Tx, wrapper: KeyWrapper, invitation_id: str) -> Letter:
    return letter(wrapper, tx.get_one(Invitation, invitation_id))


def _names(tx: Tx, user_ids: set[str | None]) -> dict[str, str]:
    return identity.user_names(tx, [one for one in user_ids if one])
