"""Register organisations and people, close and open accounts."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import select, update

from govcore.audit.service import record
from govcore.authority.policy import check_together
from govcore.db import Tx, new_id
from govcore.errors import NotFound, Problem
from govcore.identifiers import Identifier, IdKind, bidder_number
from govcore.identity.models import Organisation, User, UserRole
from govcore.identity.passwords import check_strength, hashed
from govcore.identity.policy import ALL_DUTIES, ASVS, NO_PASSWORD, Duty, Role
from govcore.identity.sessions import end_sessions


class AlreadyRegistered(Problem):
    code = "E_REGISTERED"
    text = "This organisation or user name is registered already."


def register_organisation(
    tx: Tx, *, uscc: str, name: str, basic_account: str | None = None, actor: str, at: datetime
) -> Organisation:
    """Register a legal person; raise for a credit code that is malformed or taken."""
    code = str(Identifier(IdKind.CREDIT_CODE, uscc))
    row = Organisation(id=new_id(), uscc=code, name=name, basic_account=basic_account)
    return _registered(tx, row, actor=actor, at=at)


def register_foreign(tx: Tx, *, code: str, name: str, actor: str, at: datetime) -> Organisation:
    """Register a firm by the number in its home register; raise for one that is malformed or taken."""
    identifier = Identifier(IdKind.FOREIGN, code)
    row = Organisation(id=new_id(), uscc=str(identifier), id_kind=identifier.kind, name=name)
    return _registered(tx, row, actor=actor, at=at)


def register_natural_person(tx: Tx, *, id_tag: str, name: str, actor: str, at: datetime) -> Organisation:
    """Register a person under a bidder number drawn now, which tells nothing of the resident ID behind the tag."""
    if tx.scalar(select(Organisation.id).where(Organisation.id_tag == id_tag)):
        raise AlreadyRegistered
    row = Organisation(
        id=new_id(),
        uscc=bidder_number(new_id()),
        id_kind=IdKind.RESIDENT_ID,
        id_tag=id_tag,
        name=name,
    )
    return _registered(tx, row, actor=actor, at=at)


def _registered(tx: Tx, organisation: Organisation, *, actor: str, at: datetime) -> Organisation:
    if tx.scalar(select(Organisation.id).where(Organisation.uscc == organisation.uscc)):
        raise AlreadyRegistered
    tx.add(organisation)
    tx.flush()
    record(
        tx,
        "identity.organisation_registered",
        subject=organisation.id,
        actor=actor,
        at=at,
        data={"uscc": organisation.uscc},
    )
    return organisation


def register_user(
    tx: Tx,
    *,
    username: str,
    name: str,
    password: str | None,
    org_id: str | None,
    roles: Iterable[Role],
    duties: Collection[Duty] = ALL_DUTIES,
    actor: str,
    at: datetime,
) -> User:
    """Register a person with roles that go together, and of an organisation with duties.

    The password is kept only as argon2id; raise `WeakPassword` when the site's profile does not admit it. Who has none
    signs in by something else.
    """
    settings = tx.info.get("settings")
    if password is not None:
        check_strength(password, profile=settings.profile if settings else ASVS, names=(username, name))
    granted = sorted(set(roles))
    check_together(granted)
    if tx.scalar(select(User.id).where(User.username == username)):
        raise AlreadyRegistered
    user = User(
        id=new_id(),
        username=username,
        name=name,
        org_id=org_id,
        password_hash=NO_PASSWORD if password is None else hashed(password),
        password_changed_at=at,
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
