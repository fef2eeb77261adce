"""Reads of identity."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, select

from govcore import clock
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.models import Authority, Certificate, Organisation, SignInSession, User, UserRole
from govcore.identity.policy import VISITOR, Actor
from govcore.module import Registry


@dataclass(frozen=True, slots=True)
class CertificateHolder:
    """A certificate of our register, the organisation it speaks for, and whose key it certifies."""

    der: bytes
    org_id: str
    uscc: str
    name: str
    not_after: datetime
    revoked_at: datetime | None
    user_id: str


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


BY_CERTIFICATE = (  # the columns of `CertificateHolder`, for the parameter `sha256`
    select(
        Certificate.der,
        Certificate.org_id,
        Organisation.uscc,
        Organisation.name,
        Certificate.not_after,
        Certificate.revoked_at,
        Certificate.user_id,
    )
    .join(Organisation, Organisation.id == Certificate.org_id)
    .where(Certificate.sha256 == bindparam("sha256"))
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


def certificate_holder(tx: Tx, sha256: str) -> CertificateHolder | None:
    """The register's entry of a certificate, or nothing when we never issued it."""
    row = tx.execute(BY_CERTIFICATE, {"sha256": sha256}).one_or_none()
    return CertificateHolder(*row) if row else None


def authority_der(tx: Tx) -> bytes:
    """The registration CA's certificate (public)."""
    der: bytes | None = tx.scalar(select(Authority.der))
    if der is None:
        raise NotFound
    return der


def authority_sha256(tx: Tx) -> str:
    """The registration CA's fingerprint, as key manifests name it."""
    digest: str | None = tx.scalar(select(Authority.sha256))
    if digest is None:
        raise NotFound
    return digest


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
