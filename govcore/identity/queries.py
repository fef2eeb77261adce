"""Reads of identity."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, select

from govcore import clock
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.models import Organisation, SignInSession, User, UserRole
from govcore.identity.policy import VISITOR, Actor, Duty
from govcore.module import Registry
from govcore.trips import ask


class _Row(NamedTuple):
    """What the session statement tells: one row for each role of the person, or one without a role."""

    user_id: str
    name: str
    duties: frozenset[Duty]
    org_id: str | None
    org_name: str | None
    uscc: str | None
    role: str | None


_BY_TOKEN = (
    select(
        User.id, User.name, User.duties, Organisation.id, Organisation.name, Organisation.uscc, UserRole.role
    )
    .outerjoin(Organisation, Organisation.id == User.org_id)
    .outerjoin(UserRole, UserRole.user_id == User.id)
)


@lru_cache
def _by_session(dialect: str, ahead: timedelta) -> Select[*tuple[Any, ...]]:
    """Built once, because every request looks a session up."""
    return _BY_TOKEN.join(SignInSession, SignInSession.user_id == User.id).where(
        SignInSession.token_sha256 == bindparam("token_sha256"),
        SignInSession.expires_at > clock.expression(dialect, ahead),
        User.active,
    )


def actor_of_session(tx: Tx, token_sha256: str) -> Actor:
    """The actor behind a session token's hash; a visitor when it is unknown, ended or disabled."""
    query = _by_session(tx.get_bind().dialect.name, clock.offset(tx))
    (rows,) = ask(tx, (query, {"token_sha256": token_sha256}))  # every request pays for this one
    return _actor(rows, tx.info["registry"])


def actors_of_sessions(tx: Tx, token_sha256s: Collection[str]) -> dict[str, Actor]:
    """The actors behind many session tokens' hashes in one query; unknown, ended and disabled ones are left out."""
    query = _BY_TOKEN.add_columns(SignInSession.token_sha256).join(
        SignInSession, SignInSession.user_id == User.id
    )
    ahead = clock.expression(tx.get_bind().dialect.name, clock.offset(tx))
    live = SignInSession.token_sha256.in_(token_sha256s), SignInSession.expires_at > ahead, User.active
    found: dict[str, list[Sequence[Any]]] = {}
    for row in tx.execute(query.where(*live)):
        found.setdefault(row.token_sha256, []).append(row)
    return {token: _actor(rows, tx.info["registry"]) for token, rows in found.items()}


def actor_of_user(tx: Tx, user_id: str) -> Actor:
    """The actor a user is, for commands that act in somebody's name; `NotFound` when there is none."""
    actor = _actor(tx.execute(_BY_TOKEN.where(User.id == user_id)).all(), tx.info["registry"])
    if not actor.signed_in:
        raise NotFound
    return actor


def _actor(found: Sequence[Sequence[Any]], registry: Registry) -> Actor:
    if not found:
        return VISITOR
    rows = [_Row(*row[: len(_Row._fields)]) for row in found]
    person = rows[0]
    roles = frozenset(row.role for row in rows if row.role is not None)
    duties = person.duties if person.org_id else frozenset()
    granted = registry.permissions_of(roles)
    withheld = registry.withheld_of(granted, duties)
    return Actor(
        user_id=person.user_id,
        name=person.name,
        org_id=person.org_id,
        org_name=person.org_name or "",
        uscc=person.uscc,
        roles=roles,
        permissions=granted - withheld.keys(),
        duties=duties,
        withheld=withheld,
    )


def organisation(tx: Tx, org_id: str) -> Organisation:
    """An organisation's public register entry."""
    found = tx.get(Organisation, org_id)
    if found is None:
        raise NotFound
    return found


def organisation_by_uscc(tx: Tx, uscc: str) -> Organisation | None:
    return tx.scalar(select(Organisation).where(Organisation.uscc == uscc))


def users_with_role(tx: Tx, role: str, *, org_id: str | None = None) -> list[str]:
    """Ids of the active users with a role, of one organisation when given."""
    query = select(User.id).join(UserRole, UserRole.user_id == User.id)
    query = query.where(UserRole.role == role, User.active)
    if org_id is not None:
        query = query.where(User.org_id == org_id)
    return list(tx.scalars(query.order_by(User.id)))


def user_names(tx: Tx, user_ids: list[str]) -> dict[str, str]:
    users = tx.scalars(select(User).where(User.id.in_(user_ids)))
    return {user.id: user.name for user in users}
