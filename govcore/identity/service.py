"""Register organisations and users, check passwords."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import select, update

from govcore.audit.service import record
from govcore.authority.policy import check_together
from govcore.db import Tx, new_id
from govcore.errors import NotFound, Problem
from govcore.identifiers import check_uscc
from govcore.identity.models import Organisation, User, UserRole
from govcore.identity.policy import ALL_DUTIES, PASSWORD_MIN, Actor, Duty, Role
from govcore.identity.sessions import end_sessions

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


def disable_user(tx: Tx, user_id: str, *, actor: str, at: datetime) -> None:
    """Close an account: its sessions end at once and for good. Whether the actor may is the caller's to check."""
    _set_active(tx, user_id, active=False)
    end_sessions(tx, user_id, actor=actor, at=at)
    record(tx, "identity.disabled", subject=user_id, actor=actor, at=at, data={})


def enable_user(tx: Tx, user_id: str, *, actor: str, at: datetime) -> None:
    """Open a closed account again; its owner signs in anew."""
    _set_active(tx, user_id, active=True)
    record(tx, "identity.enabled", subject=user_id, actor=actor, at=at, data={})


def _set_active(tx: Tx, user_id: str, *, active: bool) -> None:
    changed = update(User).where(User.id == user_id, User.active.is_not(active)).values(active=active)
    if tx.scalar(changed.returning(User.id)) is None:
        raise NotFound


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
