"""Give and take roles and their permissions; every change acts at once and leaves a line in the history."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from govcore import clock
from govcore.audit.service import record
from govcore.authority.models import RoleChange
from govcore.authority.policy import RolesConflict, check_together
from govcore.authority.proposals import Misuse, checked_reason
from govcore.authority.schemas import Appointment
from govcore.db import Tx
from govcore.errors import NotFound, Problem
from govcore.grants import AddedRole, Grant, GrantVersion, HeldRole, roles_now
from govcore.identity.models import User, UserRole
from govcore.identity.policy import ADMINISTRATORS, Actor, Role, require
from govcore.module import Registry
from govcore.platform import Platform

KEY = re.compile(r"[a-z][a-z0-9_]{2,15}")


class OwnRights(Misuse):
    code = "E_OWN_RIGHTS"
    status = 403
    text = "Nobody changes their own roles, or what a role that they hold may do."


class DutiesApart(Misuse):
    """`RolesConflict` as an attempt that is logged."""

    code = RolesConflict.code
    status = RolesConflict.status
    text = RolesConflict.text


class NeedsTwo(Misuse):
    code = "E_TWO_NEEDED"
    status = 403
    text = "The role of an administrator is given by two people: propose it, and the system administrator confirms."


class NotFit(Misuse):
    code = "E_NOT_FIT"
    status = 422
    text = "No role of this kind can hold the permission {permission}: its module does not think it fit for that."


class RoleExists(Problem):
    code = "E_ROLE_EXISTS"
    text = "There is a role of this name already."


class BadRole(Problem):
    code = "E_ROLE"
    status = 422
    text = (
        "A new role needs a name in both languages and a short key of small letters, digits and underscores."
    )


class BadPeriod(Problem):
    code = "E_ROLE_PERIOD"
    status = 422
    text = "The role must end after it begins, and after now."


def give_role(
    tx: Tx,
    user_id: str,
    role: str,
    *,
    until: datetime | None,
    reason: str,
    actor: Actor,
    at: datetime,
    since: datetime | None = None,
) -> None:
    """Give a role to a person, for a time or for good; raise for what one person must not hold together."""
    require(actor, "authority.assign")
    if _kind(tx, role) in ADMINISTRATORS:
        raise NeedsTwo
    _give(tx, user_id, role, since=since, until=until, reason=reason, actor=actor, at=at)


def appoint(
    tx: Tx, _platform: Platform, user_id: str, content: Appointment, *, proposer: Actor, second: Actor
) -> None:
    """Give an administrator's role, which the security administrator proposed and the system's confirmed."""
    require(proposer, "authority.assign")
    reason = f"second person: {second.user_id}"
    _give(tx, user_id, content.role, since=None, until=None, reason=reason, actor=proposer, at=clock.now(tx))


def appointment(tx: Tx, user_id: str, content: Appointment, actor: Actor) -> dict[str, str | int]:
    """Whom an administrator's role would be given to; raise for what can not be given."""
    person = _person(tx, user_id, actor)
    if content.role not in ADMINISTRATORS:
        raise NotFound
    _check_duties(tx, user_id, content.role, at=clock.now(tx))
    return {"login": person.username, "person": person.name, "role": content.role}


def take_role(tx: Tx, user_id: str, role: str, *, reason: str, actor: Actor, at: datetime) -> None:
    """End a person's role at once; open sessions lose it with their next look at the database."""
    require(actor, "authority.assign")
    _person(tx, user_id, actor)
    held = tx.get(UserRole, (user_id, role))
    if held is None or (held.until is not None and held.until <= at):
        raise NotFound
    held.until = at
    _note(tx, "authority.role_taken", role=role, user_id=user_id, reason=reason, actor=actor, at=at)


def set_permission(
    tx: Tx, role: str, permission: str, *, held: bool, reason: str, actor: Actor, at: datetime
) -> None:
    """Give a permission to a role, or take it; only what the modules think fit for its kind can be given."""
    require(actor, "authority.assign")
    kind = _kind(tx, role)
    if kind in actor.roles:
        raise OwnRights
    registry: Registry = tx.info["registry"]
    if permission not in registry.permissions_of(frozenset({kind})) - registry.personal:
        raise NotFit(permission=permission)
    tx.merge(Grant(role=role, permission=permission, held=held))
    event = "authority.permission_given" if held else "authority.permission_taken"
    _note(tx, event, role=role, permission=permission, reason=reason, actor=actor, at=at)


def add_role(
    tx: Tx,
    key: str,
    *,
    kind: str,
    zh: str,
    en: str,
    permissions: Iterable[str],
    reason: str,
    actor: Actor,
    at: datetime,
) -> None:
    """Add a role that holds a part of what its kind may hold, and is kept apart from others as its kind is."""
    require(actor, "authority.assign")
    if kind not in set(Role) or not (KEY.fullmatch(key) and zh.strip() and en.strip()):
        raise BadRole
    if kind in actor.roles:
        raise OwnRights
    if key in roles_now(tx):
        raise RoleExists
    tx.add(AddedRole(key=key, kind=kind, zh=zh.strip(), en=en.strip(), created_at=at))
    tx.flush()
    _note(tx, "authority.role_added", role=key, reason=reason, actor=actor, at=at)
    for name in sorted(set(permissions)):
        set_permission(tx, key, name, held=True, reason=reason, actor=actor, at=at)


def _give(
    tx: Tx,
    user_id: str,
    role: str,
    *,
    since: datetime | None,
    until: datetime | None,
    reason: str,
    actor: Actor,
    at: datetime,
) -> None:
    _person(tx, user_id, actor)
    # Held, so that two roles cannot be given past each other.
    tx.scalar(select(User.id).where(User.id == user_id).with_for_update())
    if until is not None and until <= max(at, since or at):
        raise BadPeriod
    _check_duties(tx, user_id, role, at=at)
    tx.merge(UserRole(user_id=user_id, role=role, since=since or at, until=until))
    _note(tx, "authority.role_given", role=role, user_id=user_id, reason=reason, actor=actor, at=at)


def _person(tx: Tx, user_id: str, actor: Actor) -> User:
    """Somebody else than the actor."""
    person = tx.get(User, user_id)
    if person is None:
        raise NotFound
    if person.id == actor.user_id:
        raise OwnRights
    return person


def _check_duties(tx: Tx, user_id: str, role: str, *, at: datetime) -> None:
    """Roles that begin later count as well: nobody has to be there to stop them then."""
    lasting = (UserRole.until.is_(None)) | (UserRole.until > at)
    held = tx.scalars(select(UserRole.role).where(UserRole.user_id == user_id, lasting))
    roles = roles_now(tx)
    kinds = {roles[key].kind for key in held if key in roles} | {_kind(tx, role)}
    try:
        check_together(kinds)
    except RolesConflict as conflict:
        raise DutiesApart(**conflict.data) from conflict


def _kind(tx: Tx, role: str) -> str:
    found: HeldRole | None = roles_now(tx).get(role)
    if found is None:
        raise NotFound
    return found.kind


def _note(tx: Tx, event: str, *, role: str, reason: str, actor: Actor, at: datetime, **about: Any) -> None:
    """A line of the history, an entry of the log, and a new number under which processes read anew."""
    reason = checked_reason(reason)
    tx.add(RoleChange(at=at, by_id=actor.user_id, event=event, role=role, reason=reason, **about))
    record(tx, event, subject=role, actor=actor.user_id, at=at, data={"reason": reason, **about})
    counted = update(GrantVersion).where(GrantVersion.id == 1).values(number=GrantVersion.number + 1)
    if tx.execute(counted.returning(GrantVersion.number)).one_or_none() is None:
        tx.add(GrantVersion(id=1, number=1))
    tx.flush()
