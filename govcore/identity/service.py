"""Register organisations and users, sign in and out."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Iterable
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import delete, select

from govcore.audit.service import record
from govcore.authority.policy import check_together
from govcore.db import Tx, new_id
from govcore.errors import Problem
from govcore.identifiers import check_uscc
from govcore.identity.models import Organisation, SignInSession, User, UserRole
from govcore.identity.policy import ALL_DUTIES, PASSWORD_MIN, SESSION_LIFETIME, Actor, Duty, Role

_HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_NOBODY = _HASHER.hash("nobody has this password")


class WrongCredentials(Problem):
    """Name or password is wrong; which one is never told."""

    code = "E_CREDENTIALS"
    status = 401
    text = "The name or the password is not right."


class PasswordTooShort(Problem):
    code = "E_PASSWORD"
    status = 422
    text = "A password needs at least {minimum} characters."


class AlreadyRegistered(Problem):
    code = "E_REGISTERED"
    text = "This organisation or user name is registered already."


def register_organisation(
    tx: Tx, *, uscc: str, name: str, basic_account: str | None = None, actor: str, at: datetime
) -> Organisation:
    """Register a legal person; raise for a credit code that is malformed or taken."""
    check_uscc(uscc)
    if tx.scalar(select(Organisation.id).where(Organisation.uscc == uscc)):
        raise AlreadyRegistered
    organisation = Organisation(id=new_id(), uscc=uscc, name=name, basic_account=basic_account)
    tx.add(organisation)
    tx.flush()
    record(
        tx,
        "identity.organisation_registered",
        subject=organisation.id,
        actor=actor,
        at=at,
        data={"uscc": uscc},
    )
    return organisation


def register_user(
    tx: Tx,
    *,
    username: str,
    name: str,
    password: str,
    org_id: str | None,
    roles: Iterable[Role],
    duties: Collection[Duty] = ALL_DUTIES,
    actor: str,
    at: datetime,
) -> User:
    """Register a person with roles that go together, and of an organisation with duties.

    The password is kept only as argon2id.
    """
    if len(password) < PASSWORD_MIN:
        raise PasswordTooShort(minimum=PASSWORD_MIN)
    granted = sorted(set(roles))
    check_together(granted)
    if tx.scalar(select(User.id).where(User.username == username)):
        raise AlreadyRegistered
    user = User(
        id=new_id(),
        username=username,
        name=name,
        org_id=org_id,
        password_hash=_HASHER.hash(password),
        active=True,
        duties=frozenset(duties) if org_id else frozenset(),
    )
    tx.add(user)
    tx.flush()
    tx.add_all([UserRole(user_id=user.id, role=role) for role in granted])
    record(tx, "identity.user_registered", subject=user.id, actor=actor, at=at, data={"roles": granted})
    return user


def check_password(tx: Tx, *, username: str, password: str) -> str:
    """The user's id; equally slow and equally worded whether the name or the password is wrong."""
    user = tx.scalar(select(User).where(User.username == username, User.active))
    try:
        _HASHER.verify(user.password_hash if user else _NOBODY, password)
    except VerificationError as error:
        raise WrongCredentials from error
    if user is None:
        raise WrongCredentials
    return user.id


def reauthenticate(tx: Tx, *, actor: Actor, password: str) -> None:
    """Have a signed-in person give the password once more; raise `WrongCredentials`."""
    check_password(tx, username=tx.get_one(User, actor.user_id).username, password=password)


def open_session(tx: Tx, *, user_id: str, at: datetime) -> str:
    """Start a session and return its token, of which only the hash is stored."""
    token = secrets.token_urlsafe(32)
    tx.add(SignInSession(token_sha256=token_hash(token), user_id=user_id, expires_at=at + SESSION_LIFETIME))
    record(tx, "identity.signed_in", subject=user_id, actor=user_id, at=at, data={})
    return token


def close_session(tx: Tx, *, token: str, actor: Actor, at: datetime) -> None:
    tx.execute(delete(SignInSession).where(SignInSession.token_sha256 == token_hash(token)))
    record(tx, "identity.signed_out", subject=actor.user_id, actor=actor.user_id, at=at, data={})


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
