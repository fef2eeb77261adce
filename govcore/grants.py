"""What each role may do: the modules' defaults, what was changed of them, and roles cut from others.

A role is of a kind, one of `Role`. Of what the modules give to its kind it holds a part: a role of the modules all
that was not taken from it, an added role what was given to it. Nobody can hold more than the modules thought fit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, Select, String, and_, func, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from govcore import clock
from govcore.db import Base, Tx, UTCDateTime, upsert
from govcore.identity.models import UserRole
from govcore.identity.policy import EVERYONE
from govcore.module import Registry


class AddedRole(Base):
    """A role that the security administrator cut from one of the modules'."""

    __tablename__ = "grant_role"

    key: Mapped[str] = mapped_column(String(16), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    zh: Mapped[str]
    en: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Grant(Base):
    """Where a role differs from what it would hold by itself."""

    __tablename__ = "grant_given"

    role: Mapped[str] = mapped_column(String(16), primary_key=True)
    permission: Mapped[str] = mapped_column(String(64), primary_key=True)
    held: Mapped[bool]


class GrantVersion(Base):
    """One row that counts the changes: processes keep what they read under its number."""

    __tablename__ = "grant_version"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]


@dataclass(frozen=True, slots=True)
class HeldRole:
    kind: str
    permissions: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Kept:
    version: int
    registry: Registry
    roles: Mapping[str, HeldRole]
    personal: frozenset[str]


VERSION = func.coalesce(select(GrantVersion.number).where(GrantVersion.id == 1).scalar_subquery(), 0)
"""For the session statement, which reads it along: no request pays a statement of its own for its rights."""

_kept: WeakKeyDictionary[Any, _Kept] = WeakKeyDictionary()
"""What this process read last, for each engine."""


def rights_of(tx: Tx, keys: Iterable[str], *, version: int) -> tuple[frozenset[str], frozenset[str]]:
    """The kinds of these roles, and all their permissions with those that everybody with an account has."""
    kept = _kept_at(tx, version)
    held = [role for key in keys if (role := kept.roles.get(key)) is not None]
    return (
        frozenset(role.kind for role in held),
        kept.personal.union(*(role.permissions for role in held)),
    )


def roles_now(tx: Tx) -> Mapping[str, HeldRole]:
    """Every role with its kind and permissions, as it is at this moment."""
    return _kept_at(tx, tx.scalar(select(VERSION)) or 0).roles


def lasts(now: ColumnElement[datetime]) -> ColumnElement[bool]:
    """The condition that a person holds a role at an instant."""
    return and_(
        or_(UserRole.since.is_(None), UserRole.since <= now),
        or_(UserRole.until.is_(None), UserRole.until > now),
    )


def holders(tx: Tx, kinds: Collection[str]) -> Select[str]:
    """The ids of those who hold a role of one of these kinds now."""
    added = select(AddedRole.key).where(AddedRole.kind.in_(kinds))
    of_kind = or_(UserRole.role.in_(kinds), UserRole.role.in_(added))
    return select(UserRole.user_id).where(of_kind, lasts(_now(tx)))


def held_by(tx: Tx, user_ids: Collection[str]) -> dict[str, list[str]]:
    """The roles that these people hold now."""
    found: dict[str, list[str]] = {}
    query = select(UserRole.user_id, UserRole.role).where(UserRole.user_id.in_(user_ids), lasts(_now(tx)))
    for user_id, role in tx.execute(query.order_by(UserRole.role)):
        found.setdefault(user_id, []).append(role)
    return found


def renumber(tx: Tx) -> None:
    """Let every process read the rights anew once this is committed.

    The last step of a change: what its own transaction read after it would be kept even when it fails.
    """
    first = upsert(tx, GrantVersion).values(id=1, number=1)
    more = {"number": GrantVersion.number + 1}
    tx.execute(first.on_conflict_do_update(index_elements=[GrantVersion.id], set_=more))


def _now(tx: Tx) -> ColumnElement[datetime]:
    return clock.expression(tx.get_bind().dialect.name, clock.offset(tx))


def _kept_at(tx: Tx, version: int) -> _Kept:
    registry: Registry = tx.info["registry"]
    kept = _kept.get(tx.get_bind())
    if kept is None or kept.version != version or kept.registry is not registry:
        kept = _Kept(version, registry, _read(tx, registry), registry.personal)
        _kept[tx.get_bind()] = kept
    return kept


def _read(tx: Tx, registry: Registry) -> dict[str, HeldRole]:
    changed: dict[str, dict[str, bool]] = {}
    for role, permission, held in tx.execute(select(Grant.role, Grant.permission, Grant.held)):
        changed.setdefault(role, {})[permission] = held
    own = [(str(role), str(role), True) for role in sorted(EVERYONE)]
    added = [(key, kind, False) for key, kind in tx.execute(select(AddedRole.key, AddedRole.kind))]
    return {
        key: HeldRole(kind, _held(registry, kind, changed.get(key, {}), by_itself=by_itself))
        for key, kind, by_itself in own + added
    }


def _held(registry: Registry, kind: str, changed: Mapping[str, bool], *, by_itself: bool) -> frozenset[str]:
    fit = registry.permissions_of(frozenset({kind})) - registry.personal
    return frozenset(name for name in fit if changed.get(name, by_itself))
