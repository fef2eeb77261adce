"""Reads of roles, of who holds them, and of their history, for administrators."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from govcore import clock
from govcore.authority.models import RoleChange
from govcore.authority.policy import Conflict, conflict_between
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.grants import AddedRole, lasts, roles_now
from govcore.identity.models import Organisation, User, UserRole
from govcore.identity.policy import Actor, Role, require
from govcore.module import Permission, Registry

MOST_FOUND = 50
MOST_CHANGES = 200

ROLE_NAMES: Mapping[str, str] = {
    Role.BIDDER: "Bidder",
    Role.TENDERER: "Tenderer",
    Role.AGENCY: "Tendering agency",
    Role.CENTRE: "Trading centre",
    Role.EXPERT: "Evaluation expert",
    Role.POOL_KEEPER: "Keeper of the expert pool",
    Role.REGULATOR: "Supervising department",
    Role.CUSTODIAN: "Key custodian",
    Role.BANK: "Bank",
    Role.CLERK: "Window clerk",
    Role.ASSESSOR: "Service assessor",
    Role.CITIZEN: "Citizen",
    Role.DEPOSITS: "Deposits clerk",
    Role.SYSTEM_ADMIN: "System administrator",
    Role.SECURITY_ADMIN: "Security administrator",
    Role.AUDITOR: "Audit administrator",
}
"""Names of the modules' roles, keys of the catalogue."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who holds a role, now or from a later day on."""

    user_id: str
    name: str
    organisation: str
    role: str
    since: datetime | None
    until: datetime | None
    now: bool


@dataclass(frozen=True, slots=True)
class RoleView:
    """A role: `zh` and `en` are empty for the modules' own, whose names the catalogue has."""

    key: str
    kind: str
    zh: str
    en: str
    permissions: Sequence[Permission]
    not_given: Sequence[Permission]
    holders: Sequence[Holder]


@dataclass(frozen=True, slots=True)
class PersonView:
    """Somebody with the roles, and the rules that keep others away."""

    user_id: str
    login: str
    name: str
    organisation: str
    roles: Sequence[Holder]
    apart: Mapping[str, tuple[str, Conflict]]
    """Roles that this person cannot get, each with the one it holds that is in the way, and why."""


@dataclass(frozen=True, slots=True)
class Change:
    at: datetime
    by: str
    event: str
    role: str
    person: str | None
    permission: str | None
    reason: str


def roles(tx: Tx, *, actor: Actor, words: str = "") -> list[RoleView]:
    """Every role; with words those whose key, names or permissions hold them."""
    require(actor, "authority.read")
    registry: Registry = tx.info["registry"]
    added = {row.key: row for row in tx.scalars(select(AddedRole))}
    holders: dict[str, list[Holder]] = {}
    for one in _holders(tx):
        holders.setdefault(one.role, []).append(one)
    views = []
    for key, held in roles_now(tx).items():
        fit = registry.permissions_of(frozenset({held.kind})) - registry.personal
        own = added.get(key)
        views.append(
            RoleView(
                key=key,
                kind=held.kind,
                zh=own.zh if own else "",
                en=own.en if own else "",
                permissions=[registry.permissions[name] for name in sorted(held.permissions)],
                not_given=[registry.permissions[name] for name in sorted(fit - held.permissions)],
                holders=holders.get(key, []),
            )
        )
    return [view for view in views if words.casefold() in _searched(view)]


def role(tx: Tx, key: str, *, actor: Actor) -> RoleView:
    found = [view for view in roles(tx, actor=actor) if view.key == key]
    if not found:
        raise NotFound
    return found[0]


def people(tx: Tx, *, actor: Actor, words: str) -> list[PersonView]:
    """Active people whose name, login or organisation holds the words."""
    require(actor, "authority.read")
    like = f"%{words.strip()}%"
    query = (
        select(User.id)
        .outerjoin(Organisation, Organisation.id == User.org_id)
        .where(User.active, or_(User.name.like(like), User.username.like(like), Organisation.name.like(like)))
        .order_by(User.name, User.id)
        .limit(MOST_FOUND)
    )
    return _people(tx, tx.scalars(query).all())


def person(tx: Tx, user_id: str, *, actor: Actor) -> PersonView:
    require(actor, "authority.read")
    found = _people(tx, [user_id])
    if not found:
        raise NotFound
    return found[0]


def changes(tx: Tx, *, actor: Actor, role: str = "", user_id: str = "") -> list[Change]:
    """The newest changes, of one role or of one person when given."""
    require(actor, "authority.read")
    by, about = aliased(User), aliased(User)
    query = (
        select(RoleChange, by.name, about.name)
        .join(by, by.id == RoleChange.by_id)
        .outerjoin(about, about.id == RoleChange.user_id)
        .order_by(RoleChange.id.desc())
        .limit(MOST_CHANGES)
    )
    if role:
        query = query.where(RoleChange.role == role)
    if user_id:
        query = query.where(RoleChange.user_id == user_id)
    return [
        Change(row.at, by_name, row.event, row.role, person_name, row.permission, row.reason)
        for row, by_name, person_name in tx.execute(query)
    ]


def _people(tx: Tx, user_ids: Iterable[str]) -> list[PersonView]:
    wanted = list(user_ids)
    query = (
        select(User, Organisation.name)
        .outerjoin(Organisation, Organisation.id == User.org_id)
        .where(User.id.in_(wanted))
        .order_by(User.name, User.id)
    )
    held = _holders(tx, user_ids=wanted)
    kinds = {key: found.kind for key, found in roles_now(tx).items()}
    views = []
    for user, organisation in tx.execute(query):
        own = [one for one in held if one.user_id == user.id]
        views.append(
            PersonView(
                user_id=user.id,
                login=user.username,
                name=user.name,
                organisation=organisation or "",
                roles=own,
                apart=_apart(kinds, [one.role for one in own]),
            )
        )
    return views


def _apart(kinds: Mapping[str, str], held: Sequence[str]) -> dict[str, tuple[str, Conflict]]:
    found: dict[str, tuple[str, Conflict]] = {}
    for key, kind in kinds.items():
        for other in held:
            rule = conflict_between(kind, kinds.get(other, ""))
            if rule is not None and key not in found:
                found[key] = (other, rule)
    return found


def _holders(tx: Tx, user_ids: Sequence[str] | None = None) -> list[Holder]:
    """Who holds which role now or later."""
    now = clock.expression(tx.get_bind().dialect.name, clock.offset(tx))
    query = (
        select(
            User.id, User.name, Organisation.name, UserRole.role, UserRole.since, UserRole.until, lasts(now)
        )
        .join(UserRole, UserRole.user_id == User.id)
        .outerjoin(Organisation, Organisation.id == User.org_id)
        .where(User.active, or_(UserRole.until.is_(None), UserRole.until > now))
        .order_by(User.name, User.id, UserRole.role)
    )
    if user_ids is not None:
        query = query.where(User.id.in_(user_ids))
    return [
        Holder(user, name, office or "", role, since, until, bool(is_now))
        for user, name, office, role, since, until, is_now in tx.execute(query)
    ]


def _searched(view: RoleView) -> str:
    words = [view.key, view.zh, view.en, ROLE_NAMES.get(view.kind, "")]
    for permission in view.permissions:
        words += [permission.name, permission.zh, permission.en]
    return " ".join(words).casefold()
