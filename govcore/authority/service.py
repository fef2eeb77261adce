"""Give and take roles and their permissions; every change acts at once and leaves a line in the history."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, time

from sqlalchemy import select

from govcore import clock
from govcore.audit.service import record
from govcore.authority.models import RoleChange
from govcore.authority.policy import RolesConflict, check_together
from govcore.authority.proposals import Misuse, checked_reason
from govcore.authority.registers import ROLE_NAMES
from govcore.authority.schemas import Appointment
from govcore.db import Tx, upsert
from govcore.errors import Detail, NotFound, Problem
from govcore.grants import AddedRole, Grant, HeldRole, renumber, roles_now
from govcore.identity.models import User, UserRole
from govcore.identity.policy import ADMINISTRATORS, Actor, Role, require
from govcore.module import Registry
from govcore.platform import Platform

APPOINTED_WORDS = "Proposed, and confirmed by a second person."

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
    text = "No role of this kind can hold the permission “{permission}”: its module does not think it fit for that."


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
    _person(tx, user_id, actor)
    _give(tx, user_id, role, since=since, until=until, reason=reason, by=actor.user_id, at=at)


def appoint(
    tx: Tx, _platform: Platform, user_id: str, content: Appointment, *, proposer: Actor, second: Actor
) -> None:
    """Give an administrator's role, which the security administrator proposed and the system's confirmed."""
    require(proposer, "authority.assign")
    _person(tx, user_id, proposer)
    _give(
        tx,
        user_id,
        content.role,
        until=_first_moment(content.until),
        reason=APPOINTED_WORDS,
        by=proposer.user_id,
        at=clock.now(tx),
    )


def appointment(tx: Tx, user_id: str, content: Appointment, actor: Actor) -> dict[str, str | int]:
    """Whom an administrator's role would be given to; raise for what can not be given."""
    person = _person(tx, user_id, actor)
    if content.role not in ADMINISTRATORS:
        raise NotFound
    at, until = clock.now(tx), _first_moment(content.until)
    if until is not None and until <= at:
        raise BadPeriod
    _check_duties(tx, user_id, content.role, at=at)
    return {
        "login": person.username,
        "person": person.name,
        "role": ROLE_NAMES[content.role],
        "until": content.until.isoformat() if content.until else "for good",
    }


def _first_moment(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), tzinfo=clock.BEIJING) if day else None


def take_role(tx: Tx, user_id: str, role: str, *, reason: str, actor: Actor, at: datetime) -> None:
    """End a person's role at once; open sessions lose it with their next look at the database."""
    require(actor, "authority.assign")
    _person(tx, user_id, actor)
    held = tx.get(UserRole, (user_id, role))
    if held is None or (held.until is not None and held.until <= at):
        raise NotFound
    _end(tx, held, reason=reason, by=actor.user_id, at=at)


def hold_only(tx: Tx, user_id: str, roles: Collection[str], *, reason: str, by: str, at: datetime) -> None:
    """Let a person hold these roles for good and no other, as a new organisation brings it about.

    Raise for what one person must not hold together. Whether `by` may is the caller's to check.
    """
    kept = set()
    for held in _lasting(tx, user_id, at=at):
        if held.role not in roles:
            _end(tx, held, reason=reason, by=by, at=at)
        elif held.until is None and (held.since is None or held.since <= at):
            kept.add(held.role)
    for role in sorted(set(roles) - kept):
        _give(tx, user_id, role, reason=reason, by=by, at=at)


def set_permission(
    tx: Tx, role: str, permission: str, *, held: bool, reason: str, actor: Actor, at: datetime
) -> None:
    """Give a permission to a role, or take it; only what the modules think fit for its kind can be given."""
    require(actor, "authority.assign")
    kind = _kind(tx, role)
    if kind in actor.roles:
        raise OwnRights
    _check_fit(tx, kind, permission)
    _set(tx, role, permission, held=held, reason=reason, by=actor.user_id, at=at)
    renumber(tx)


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
    new = upsert(tx, AddedRole).values(key=key, kind=kind, zh=zh.strip(), en=en.strip(), created_at=at)
    if tx.scalar(new.on_conflict_do_nothing().returning(AddedRole.key)) is None:
        raise RoleExists
    _note(tx, "authority.role_added", role=key, reason=reason, by=actor.user_id, at=at)
    for name in sorted(set(permissions)):
        _check_fit(tx, kind, name)
        _set(tx, key, name, held=True, reason=reason, by=actor.user_id, at=at)
    renumber(tx)


def _give(
    tx: Tx,
    user_id: str,
    role: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    reason: str,
    by: str,
    at: datetime,
) -> None:
    # Held, so that two roles cannot be given past each other.
    tx.scalar(select(User.id).where(User.id == user_id).with_for_update())
    if until is not None and until <= max(at, since or at):
        raise BadPeriod
    _check_duties(tx, user_id, role, at=at)
    tx.merge(UserRole(user_id=user_id, role=role, since=since or at, until=until))
    _note(tx, "authority.role_given", role=role, user_id=user_id, reason=reason, by=by, at=at)


def _end(tx: Tx, held: UserRole, *, reason: str, by: str, at: datetime) -> None:
    held.until = at
    _note(tx, "authority.role_taken", role=held.role, user_id=held.user_id, reason=reason, by=by, at=at)


def _lasting(tx: Tx, user_id: str, *, at: datetime) -> Sequence[UserRole]:
    """What a person holds or will hold: nobody has to be there to stop a role when it begins."""
    lasting = UserRole.until.is_(None) | (UserRole.until > at)
    return tx.scalars(select(UserRole).where(UserRole.user_id == user_id, lasting)).all()


def _set(tx: Tx, role: str, permission: str, *, held: bool, reason: str, by: str, at: datetime) -> None:
    new = upsert(tx, Grant).values(role=role, permission=permission, held=held)
    tx.execute(new.on_conflict_do_update(index_elements=[Grant.role, Grant.permission], set_={"held": held}))
    event = "authority.permission_given" if held else "authority.permission_taken"
    _note(tx, event, role=role, permission=permission, reason=reason, by=by, at=at)


def _check_fit(tx: Tx, kind: str, permission: str) -> None:
    registry: Registry = tx.info["registry"]
    if permission not in registry.permissions_of(frozenset({kind})) - registry.personal:
        named = registry.permissions.get(permission)
        raise NotFit(permission=Detail(named.en) if named else permission)


def _person(tx: Tx, user_id: str, actor: Actor) -> User:
    """Somebody else than the actor."""
    person = tx.get(User, user_id)
    if person is None:
        raise NotFound
    if person.id == actor.user_id:
        raise OwnRights
    return person


def _check_duties(tx: Tx, user_id: str, role: str, *, at: datetime) -> None:
    roles = roles_now(tx)
    held = [one.role for one in _lasting(tx, user_id, at=at)]
    kinds = {roles[key].kind for key in held if key in roles} | {_kind(tx, role)}
    try:
        check_together(kinds)
    except RolesConflict as conflict:
        called = {place: Detail(ROLE_NAMES[str(conflict.data[place])]) for place in ("first", "second")}
        raise DutiesApart(**conflict.data | called) from conflict


def _kind(tx: Tx, role: str) -> str:
    found: HeldRole | None = roles_now(tx).get(role)
    if found is None:
        raise NotFound
    return found.kind


def _note(
    tx: Tx,
    event: str,
    *,
    role: str,
    reason: str,
    by: str,
    at: datetime,
    user_id: str | None = None,
    permission: str | None = None,
) -> None:
    """A line of the history and an entry of the log."""
    reason = checked_reason(reason)
    change = RoleChange(
        at=at, by_id=by, event=event, role=role, reason=reason, user_id=user_id, permission=permission
    )
    tx.add(change)
    tx.flush()
    data = {"reason": reason}
    data |= {"user_id": user_id} if user_id else {}
    data |= {"permission": permission} if permission else {}
    record(tx, event, subject=role, actor=by, at=at, data=data)
