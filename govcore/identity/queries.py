"""Reads of identity."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, select

from govcore import clock
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.models import Organisation, SignInSession, User, UserRole
from govcore.identity.policy import VISITOR, Actor
from govcore.module import Registry

_BY_TOKEN = (
    select(User.id, User.name, Organisation.id, Organisation.name, Organisation.uscc, UserRole.role)
    .join(Organisation, Organisation.id == User.org_id)
    .join(UserRole, UserRole.user_id == User.id)
)


@lru_cache
def _by_session(dialect: str, ahead: timedelta) -> Select[str, str, str, str, str, str]:
    """Built once, because every request looks a session up."""
    return _BY_TOKEN.join(SignInSession, SignInSession.user_id == User.id).where(
        SignInSession.token_sha256 == bindparam("token_sha256"),
        SignInSession.expires_at > clock.expression(dialect, ahead),
        User.active,
    )


def actor_of_session(tx: Tx, token_sha256: str) -> Actor:
    """The actor behind a session token's hash; a visitor when it is unknown, ended or disabled."""
    query = _by_session(tx.get_bind().dialect.name, clock.offset(tx))
    rows = (
        tx.connection().execute(query, {"token_sha256": token_sha256}).all()
    )  # spares the mapper, every time
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
    user_id, name, org_id, org_name, uscc = found[0][:5]
    roles = frozenset(row[5] for row in found)
    return Actor(
        user_id=user_id,
        name=name,
        org_id=org_id,
        org_name=org_name,
        uscc=uscc,
        roles=roles,
        permissions=registry.permissions_of(roles),
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
