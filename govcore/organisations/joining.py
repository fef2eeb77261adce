"""Invitations: a code that goes to one address, works once and ends by itself."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime

import msgspec
from sqlalchemy import select, update

from govcore.audit.service import record
from govcore.db import Tx, new_id
from govcore.errors import Malformed, NotFound, Problem
from govcore.identity.models import User
from govcore.identity.policy import Actor, Duty, Role, require
from govcore.identity.service import register_user
from govcore.keys import KeyWrapper
from govcore.notify import service as notify
from govcore.notify.policy import LEASE, DeliveryState, is_mail, is_mobile, next_wait
from govcore.organisations import queries
from govcore.organisations.models import Invitation
from govcore.organisations.policy import (
    GIVEN_ROLES,
    INVITATION_LIFETIME,
    OPEN_INVITATIONS_MAX,
    plain_code,
)
from govcore.organisations.service import begin_membership


class CodeNotValid(Problem):
    """One answer for every code that opens nothing, whatever the reason is."""

    code = "E_INVITATION"
    status = 422
    text = "This code opens nothing: it is mistyped, used, withdrawn or older than seven days."


class TooManyInvitations(Problem):
    code = "E_INVITATIONS"
    text = "{limit} invitations are open. Withdraw some before you send more."


def invite(
    tx: Tx,
    wrapper: KeyWrapper,
    *,
    name: str,
    address: str,
    duties: Collection[Duty],
    code: str,
    actor: Actor,
    at: datetime,
) -> str:
    """Owe a code to an address, whoever stands behind it; the answer is the same for known and unknown people."""
    require(actor, "organisation.manage")
    if not name.strip():
        raise Malformed(detail="name")
    if not (is_mail(address) or is_mobile(address)):
        raise Malformed(detail="address")
    if queries.open_invitations(tx, actor.org_id or "", at=at) >= OPEN_INVITATIONS_MAX:
        raise TooManyInvitations(limit=OPEN_INVITATIONS_MAX)
    invitation_id = new_id()
    letter = queries.Letter(name=name.strip(), address=address, code=code)
    tx.add(
        Invitation(
            id=invitation_id,
            org_id=actor.org_id,
            code_sha256=_digest(code),
            wrapped=_wrapped(wrapper, invitation_id, letter),
            duties=frozenset(map(str, duties)),
            roles=frozenset(actor.roles) & GIVEN_ROLES,
            invited_by=actor.user_id,
            invited_at=at,
            expires_at=at + INVITATION_LIFETIME,
            state=DeliveryState.QUEUED,
            attempts=0,
            due_at=at,
        )
    )
    data = {"invitation": invitation_id, "duties": sorted(duties)}
    record(tx, "organisation.invited", subject=actor.org_id or "", actor=actor.user_id, at=at, data=data)
    return invitation_id


def withdraw(tx: Tx, invitation_id: str, *, actor: Actor, at: datetime) -> None:
    """End an open invitation of one's organisation; withdrawing it again changes nothing."""
    require(actor, "organisation.manage")
    row = tx.get(Invitation, invitation_id)
    if row is None or row.org_id != actor.org_id or row.used_by is not None:
        raise NotFound
    if row.ended_at is None:
        row.ended_at = at
        data = {"invitation": invitation_id}
        record(tx, "organisation.uninvited", subject=row.org_id, actor=actor.user_id, at=at, data=data)


def accept(tx: Tx, *, code: str, leaving: bool, actor: Actor, at: datetime) -> None:
    """Become a member by a code, which is used up by that; `CodeNotValid`, `StillMember`."""
    require(actor, "organisation.view")
    _join(tx, _open(tx, code, at), tx.get_one(User, actor.user_id), leaving=leaving, at=at)


def accept_as_new(tx: Tx, *, code: str, name: str, username: str, password: str, at: datetime) -> str:
    """Make an account for the bearer of a code and let it join; the id of the person."""
    invitation = _open(tx, code, at)
    user = register_user(
        tx,
        username=username,
        name=name,
        password=password,
        org_id=None,
        roles=[Role.CITIZEN],
        actor="visitor",
        at=at,
    )
    _join(tx, invitation, user, leaving=False, at=at)
    return user.id


def _open(tx: Tx, code: str, at: datetime) -> Invitation:
    found = tx.scalar(select(Invitation).where(Invitation.code_sha256 == _digest(code)))
    if found is None or found.ended_at is not None or found.expires_at <= at:
        raise CodeNotValid
    return found


def _join(tx: Tx, invitation: Invitation, user: User, *, leaving: bool, at: datetime) -> None:
    """Of two who use a code at once, one wins."""
    mine = update(Invitation).where(Invitation.id == invitation.id, Invitation.ended_at.is_(None))
    if tx.scalar(mine.values(used_by=user.id, ended_at=at).returning(Invitation.id)) is None:
        raise CodeNotValid
    begin_membership(
        tx,
        user,
        org_id=invitation.org_id,
        duties=invitation.duties,
        roles=invitation.roles,
        by=invitation.invited_by,
        leaving=leaving,
        at=at,
    )
    notify.tell(
        tx,
        [invitation.invited_by],
        about=f"joined/{invitation.id}",
        text="{name} has joined your organisation by your invitation.",
        href="/organisation",
        at=at,
        data={"name": user.name},
    )


def claim_sending(tx: Tx, invitation_id: str, *, at: datetime) -> bool:
    """Take an invitation that is due for the length of a lease; of two senders one wins."""
    due = update(Invitation).where(
        Invitation.id == invitation_id, Invitation.state == DeliveryState.QUEUED, Invitation.due_at <= at
    )
    taken = due.values(due_at=at + LEASE, attempts=Invitation.attempts + 1).returning(Invitation.id)
    return tx.scalar(taken) is not None


def settle_sending(tx: Tx, wrapper: KeyWrapper, invitation_id: str, *, failed: bool, at: datetime) -> None:
    """Forget the code once it is on its way or given up; else try again later."""
    row = tx.get_one(Invitation, invitation_id)
    wait = next_wait(row.attempts) if failed else None
    if wait is not None:
        row.due_at = at + wait
        return
    row.state = DeliveryState.FAILED if failed else DeliveryState.SENT
    letter = queries.letter(wrapper, row)
    row.wrapped = _wrapped(wrapper, row.id, msgspec.structs.replace(letter, code=""))


def _wrapped(wrapper: KeyWrapper, invitation_id: str, letter: queries.Letter) -> bytes:
    return wrapper.wrap("invitation", invitation_id, msgspec.json.encode(letter))


def _digest(code: str) -> str:
    return hashlib.sha256(plain_code(code).encode()).hexdigest()
