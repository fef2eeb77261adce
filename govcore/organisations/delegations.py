"""Delegation (授权委托): a person acts for an organisation that is not its own, within a scope, until a date."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import select, update

from govcore.audit.service import record
from govcore.db import Tx, new_id
from govcore.errors import Malformed, NotFound, Problem
from govcore.identity.delegated import object_tag
from govcore.identity.models import Delegation, SignInSession, User
from govcore.identity.policy import Actor, Duty, require
from govcore.identity.queries import organisation
from govcore.keys import KeyWrapper
from govcore.notify import service as notify
from govcore.organisations.policy import (
    DELEGATED_OBJECTS_MAX,
    GIVEN_ROLES,
    LONGEST_DELEGATION,
    delegation_holds,
)
from govcore.vault import Vault


class EndsWrongly(Problem):
    code = "E_DELEGATION_END"
    status = 422
    text = "A delegation ends in the future, at most a year from now."


class NotToBeDelegated(Problem):
    """Administering members, and what no organisation can give, stay where they are."""

    code = "E_DELEGATION_DUTY"
    status = 422
    text = "Choose at least one duty; administering the organisation cannot be delegated."


class NoSuchDelegate(Problem):
    """Whether the user name exists is not told apart from a name that does not fit it."""

    code = "E_DELEGATE"
    status = 422
    text = "No person outside your organisation has this user name together with this name."


TOLD_WORDS = {
    "granted": "You may act for {organisation} now.",
    "revoked": "The delegation for {organisation} was revoked.",
}


def grant(
    tx: Tx,
    vault: Vault,
    wrapper: KeyWrapper,
    *,
    username: str,
    name: str,
    duties: Collection[Duty],
    objects: Sequence[str],
    ends_at: datetime,
    actor: Actor,
    at: datetime,
) -> str:
    """Let a person act for the actor's organisation; `objects` are the only tenders or lots, none means all."""
    require(actor, "delegation.grant")
    if not at < ends_at <= at + LONGEST_DELEGATION:
        raise EndsWrongly
    roles = frozenset(actor.roles) & GIVEN_ROLES
    if not duties or Duty.MANAGE in duties or not roles:
        raise NotToBeDelegated
    if len(objects) > DELEGATED_OBJECTS_MAX:
        raise Malformed(detail="objects")
    delegate = tx.scalar(select(User).where(User.username == username, User.active))
    if delegate is None or delegate.name != name.strip() or delegate.org_id == actor.org_id:
        raise NoSuchDelegate
    delegation_id = new_id()
    tx.add(
        Delegation(
            id=delegation_id,
            org_id=actor.org_id,
            user_id=delegate.id,
            roles=roles,
            duties=frozenset(map(str, duties)),
            objects=frozenset(object_tag(vault, one) for one in objects),
            wrapped=wrapper.wrap("delegation", delegation_id, msgspec.json.encode(list(objects))),
            granted_by=actor.user_id,
            granted_at=at,
            ends_at=ends_at,
        )
    )
    tx.flush()
    _note(tx, "delegation.granted", delegation_id, delegate.id, actor, at)
    _tell(tx, delegate.id, delegation_id, "granted", actor.org_name, at)
    return delegation_id


def revoke(tx: Tx, delegation_id: str, *, actor: Actor, at: datetime) -> None:
    """End a delegation at once, by who may grant them or by the delegate; sessions lose it with their next request."""
    row = tx.get(Delegation, delegation_id)
    granting = row is not None and row.org_id == actor.org_id and actor.may("delegation.grant")
    if row is None or not (granting or row.user_id == actor.user_id):
        raise NotFound
    if row.revoked_at is not None:
        return
    row.revoked_at, row.revoked_by = at, actor.user_id
    tx.execute(
        update(SignInSession).where(SignInSession.delegation_id == delegation_id).values(delegation_id=None)
    )
    _note(tx, "delegation.revoked", delegation_id, row.user_id, actor, at)
    other = row.granted_by if actor.user_id == row.user_id else row.user_id
    _tell(tx, other, delegation_id, "revoked", organisation(tx, row.org_id).name, at)


def take_up(tx: Tx, delegation_id: str, *, actor: Actor, at: datetime) -> None:
    """Act by a delegation from now on, in this session only."""
    require(actor, "delegation.hold")
    row = tx.get(Delegation, delegation_id)
    if row is None or row.user_id != actor.user_id or not delegation_holds(row.ends_at, row.revoked_at, at):
        raise NotFound
    _choose(tx, actor, delegation_id)
    _note(tx, "delegation.taken_up", delegation_id, actor.user_id, actor, at, org_id=row.org_id)


def lay_down(tx: Tx, *, actor: Actor, at: datetime) -> None:
    """Act for oneself and one's own organisation again; laying down twice changes nothing."""
    require(actor, "delegation.hold")
    if actor.acting is None:
        return
    _choose(tx, actor, None)
    _note(tx, "delegation.laid_down", actor.acting.delegation_id, actor.user_id, actor, at)


def _choose(tx: Tx, actor: Actor, delegation_id: str | None) -> None:
    mine = SignInSession.id == actor.session_id, SignInSession.user_id == actor.user_id
    tx.execute(update(SignInSession).where(*mine).values(delegation_id=delegation_id))


def _note(
    tx: Tx,
    event: str,
    delegation_id: str,
    user_id: str,
    actor: Actor,
    at: datetime,
    *,
    org_id: str | None = None,
) -> None:
    """Who for whom; what it covers is not said, because that may tell who will bid."""
    data = {"user": user_id, "organisation": org_id or actor.org_id}
    record(tx, event, subject=delegation_id, actor=actor.user_id, at=at, data=data)


def _tell(tx: Tx, user_id: str, delegation_id: str, what: str, organisation_name: str, at: datetime) -> None:
    notify.tell(
        tx,
        [user_id],
        about=f"delegation/{delegation_id}/{what}",
        text=TOLD_WORDS[what],
        href="/delegations",
        at=at,
        data={"organisation": organisation_name},
    )
