"""Reads of identity."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import aliased

from govcore import clock, grants
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identifiers import IdKind
from govcore.identity.models import (
    ApiToken,
    Delegation,
    Organisation,
    Passkey,
    RecoveryCode,
    SignInSession,
    Ticket,
    Totp,
    User,
    UserRole,
)
from govcore.identity.passwords import Person
from govcore.identity.policy import (
    APPROVE_RESET,
    NO_PASSWORD,
    PROOF_LIFETIME,
    SEEN_EVERY,
    VISITOR,
    Acting,
    Actor,
    Purpose,
    require,
)
from govcore.module import Registry
from govcore.trips import among, ask


@dataclass(frozen=True, slots=True)
class SessionOfMine:
    """A session as its owner sees it."""

    id: str
    program: str
    network: str
    strong: bool
    began_at: datetime
    seen_at: datetime
    ends_at: datetime


class _Row(NamedTuple):
    """What the session statement tells: one row for each role of the person, or one without a role."""

    user_id: str
    name: str
    duties: frozenset[str]
    org_id: str | None
    org_name: str | None
    uscc: str | None
    version: int
    role: str | None
    session_id: str = ""
    strong: bool = False
    fresh: bool = False
    unseen: bool = False
    token_sha256: str = ""
    delegation_id: str | None = None
    """The delegation that the session acts by, if it holds now; the rest is what it gives."""
    given_roles: frozenset[str] | None = None
    given_duties: frozenset[str] | None = None
    objects: frozenset[str] | None = None
    principal_id: str | None = None
    principal_name: str | None = None
    principal_uscc: str | None = None


_Principal = aliased(Organisation)


@lru_cache
def _people(dialect: str, ahead: timedelta) -> Select[Any]:
    """People, each with the roles that last at this moment and the number of the last change of rights."""
    lasting = grants.lasts(clock.expression(dialect, ahead))
    return (
        select(User.id, User.name, User.duties)
        .add_columns(Organisation.id, Organisation.name, Organisation.uscc, grants.VERSION, UserRole.role)
        .outerjoin(Organisation, Organisation.id == User.org_id)
        .outerjoin(UserRole, and_(UserRole.user_id == User.id, lasting))
    )


@lru_cache
def _live_sessions(dialect: str, ahead: timedelta) -> Select[Any]:
    """The people of the sessions that last, with what is computed by the database's clock; built once."""
    now = clock.expression(dialect, ahead)
    delegated = and_(
        Delegation.id == SignInSession.delegation_id,
        Delegation.user_id == User.id,
        Delegation.revoked_at.is_(None),
        Delegation.ends_at > now,
    )
    return (
        _people(dialect, ahead)
        .add_columns(
            SignInSession.id,
            SignInSession.strong,
            (SignInSession.proved_at > clock.expression(dialect, ahead - PROOF_LIFETIME)).label("fresh"),
            (SignInSession.seen_at < clock.expression(dialect, ahead - SEEN_EVERY)).label("unseen"),
            SignInSession.token_sha256,
            Delegation.id,
            Delegation.roles.label("given_roles"),
            Delegation.duties.label("given_duties"),
            Delegation.objects,
            _Principal.id,
            _Principal.name,
            _Principal.uscc,
        )
        .join(SignInSession, SignInSession.user_id == User.id)
        .outerjoin(Delegation, delegated)
        .outerjoin(_Principal, _Principal.id == Delegation.org_id)
        .where(SignInSession.ends_at > now, SignInSession.idle_ends_at > now, User.active)
    )


@lru_cache
def _by_token(dialect: str, ahead: timedelta) -> Select[Any]:
    wanted = among(dialect, SignInSession.token_sha256, "token_sha256s")
    return _live_sessions(dialect, ahead).where(wanted)


def sessions(tx: Tx, token_sha256s: Collection[str]) -> dict[str, tuple[Actor, bool]]:
    """The actors behind session tokens' hashes, in one query, and whether a session's last use is to be written down.

    Unknown, ended and disabled ones are left out.
    """
    query = _by_token(tx.get_bind().dialect.name, clock.offset(tx))
    found: dict[str, list[Any]] = {}
    (rows,) = ask(tx, (query, {"token_sha256s": list(token_sha256s)}))
    for row in rows:
        found.setdefault(row.token_sha256, []).append(row)
    return {token: (_actor(tx, rows), rows[0].unseen) for token, rows in found.items()}


def actor_of_token(tx: Tx, token_sha256: str) -> Actor:
    """Whom an API token acts for, with the token's permissions alone; never fresh, never strong."""
    dialect, ahead = tx.get_bind().dialect.name, clock.offset(tx)
    now = clock.expression(dialect, ahead)
    query = _people(dialect, ahead).add_columns(ApiToken.scopes).join(ApiToken, ApiToken.user_id == User.id)
    found = tx.execute(
        query.where(ApiToken.token_sha256 == token_sha256, ApiToken.ends_at > now, User.active)
    )
    rows = found.all()
    if not rows:
        return VISITOR
    actor = _actor(tx, [row[:-1] for row in rows])
    return replace(actor, permissions=actor.permissions & frozenset(rows[0].scopes))


def actors_of_sessions(tx: Tx, token_sha256s: Collection[str]) -> dict[str, Actor]:
    """The actors alone."""
    return {token: actor for token, (actor, _) in sessions(tx, token_sha256s).items()}


def actor_of_session(tx: Tx, token_sha256: str) -> Actor:
    """The actor behind one token's hash; a visitor when it is left out."""
    return actors_of_sessions(tx, [token_sha256]).get(token_sha256, VISITOR)


def actor_of_user(tx: Tx, user_id: str) -> Actor:
    """The actor a user is, for commands that act in somebody's name; `NotFound` when there is none."""
    query = _people(tx.get_bind().dialect.name, clock.offset(tx)).where(User.id == user_id)
    actor = _actor(tx, tx.execute(query).all())
    if not actor.signed_in:
        raise NotFound
    return actor


def _actor(tx: Tx, found: Sequence[Any]) -> Actor:
    if not found:
        return VISITOR
    rows = [_Row(*row) for row in found]
    person = rows[0]
    if person.delegation_id is None:
        keys = frozenset(row.role for row in rows if row.role is not None)
        duties = person.duties if person.org_id else frozenset()
        party = (person.org_id, person.org_name, person.uscc)
    else:
        keys, duties = person.given_roles or frozenset(), person.given_duties or frozenset()
        party = (person.principal_id, person.principal_name, person.principal_uscc)
    roles, granted = grants.rights_of(tx, keys, version=person.version)
    registry: Registry = tx.info["registry"]
    withheld = registry.withheld_of(granted, duties)
    return Actor(
        user_id=person.user_id,
        name=person.name,
        org_id=party[0],
        org_name=party[1] or "",
        uscc=party[2],
        roles=roles,
        permissions=granted - withheld.keys(),
        duties=duties,
        withheld=withheld,
        acting=_acting(person),
        session_id=person.session_id,
        strong=person.strong,
        fresh=person.fresh,
    )


def _acting(row: _Row) -> Acting | None:
    if row.delegation_id is None:
        return None
    objects = row.objects or frozenset()
    return Acting(delegation_id=row.delegation_id, home_org_id=row.org_id, objects=objects)


def my_sessions(tx: Tx, *, actor: Actor) -> list[SessionOfMine]:
    """The actor's sessions that last, the latest used first."""
    now = clock.expression(tx.get_bind().dialect.name, clock.offset(tx))
    columns = [getattr(SignInSession, name) for name in SessionOfMine.__dataclass_fields__]
    query = select(*columns).where(
        SignInSession.user_id == actor.user_id, SignInSession.ends_at > now, SignInSession.idle_ends_at > now
    )
    return [
        SessionOfMine(*row)
        for row in tx.execute(query.order_by(SignInSession.seen_at.desc(), SignInSession.id))
    ]


def username_of(tx: Tx, user_id: str) -> str:
    return tx.get_one(User, user_id).username


def person_of(tx: Tx, user_id: str) -> Person:
    """A person at the door whose password was judged before."""
    user = tx.get_one(User, user_id)
    return Person(
        user_id=user.id,
        username=user.username,
        second_factor=bool(_factors(tx, user_id)),
    )


@dataclass(frozen=True, slots=True)
class MyPasskey:
    id: str
    name: str
    added_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class MyToken:
    id: str
    name: str
    scopes: list[str]
    made_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Factors:
    """A person's second factors, how many recovery codes are left, and whether there is a password at all."""

    totp: bool
    passkeys: list[MyPasskey]
    recovery_codes: int
    has_password: bool

    def __bool__(self) -> bool:
        return self.totp or bool(self.passkeys)


def my_factors(tx: Tx, *, actor: Actor) -> Factors:
    return _factors(tx, actor.user_id)


def _factors(tx: Tx, user_id: str) -> Factors:
    confirmed = select(Totp.user_id).where(Totp.user_id == user_id, Totp.confirmed_at.is_not(None))
    columns = Passkey.id, Passkey.name, Passkey.added_at, Passkey.used_at
    keys = tx.execute(select(*columns).where(Passkey.user_id == user_id).order_by(Passkey.added_at))
    codes = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.user_id == user_id)
    password = select(User.password_hash).where(User.id == user_id)
    return Factors(
        totp=tx.scalar(confirmed) is not None,
        passkeys=[MyPasskey(*row) for row in keys],
        recovery_codes=tx.scalar(codes) or 0,
        has_password=tx.scalar(password) not in (None, NO_PASSWORD),
    )


def my_tokens(tx: Tx, *, actor: Actor) -> list[MyToken]:
    columns = ApiToken.id, ApiToken.name, ApiToken.scopes, ApiToken.made_at, ApiToken.ends_at
    mine = select(*columns).where(ApiToken.user_id == actor.user_id)
    return [MyToken(*row) for row in tx.execute(mine.order_by(ApiToken.made_at.desc(), ApiToken.id))]


@dataclass(frozen=True, slots=True)
class Step:
    """What a one-time secret in somebody's browser leads to; `user_id` is empty where nobody has the name."""

    user_id: str | None
    number: str | None
    approved: bool
    ends_at: datetime


def step(tx: Tx, secret_sha256: str, purpose: Purpose) -> Step | None:
    """The step that a secret is for, without using it up; nothing when it is over."""
    now = clock.expression(tx.get_bind().dialect.name, clock.offset(tx))
    query = select(Ticket.user_id, Ticket.number, Ticket.approved, Ticket.ends_at).where(
        Ticket.secret_sha256 == secret_sha256, Ticket.purpose == purpose, Ticket.ends_at > now
    )
    row = tx.execute(query).one_or_none()
    return Step(*row) if row else None


@dataclass(frozen=True, slots=True)
class ResetAsked:
    """Somebody who forgot the password waits for an administrator."""

    number: str | None
    username: str
    name: str
    organisation: str | None
    network: str
    made_at: datetime
    ends_at: datetime


def resets_asked(tx: Tx, *, actor: Actor) -> list[ResetAsked]:
    """Who waits with a new password; only for who may approve it."""
    require(actor, APPROVE_RESET)
    now = clock.expression(tx.get_bind().dialect.name, clock.offset(tx))
    query = (
        select(
            Ticket.number,
            User.username,
            User.name,
            Organisation.name,
            Ticket.network,
            Ticket.made_at,
            Ticket.ends_at,
        )
        .join(User, User.id == Ticket.user_id)
        .outerjoin(Organisation, Organisation.id == User.org_id)
        .where(Ticket.purpose == Purpose.CHOOSE_ANEW, Ticket.number.is_not(None), Ticket.approved.is_(False))
    )
    return [
        ResetAsked(*row) for row in tx.execute(query.where(Ticket.ends_at > now).order_by(Ticket.made_at))
    ]


def organisation(tx: Tx, org_id: str) -> Organisation:
    """An organisation's public register entry."""
    found = tx.get(Organisation, org_id)
    if found is None:
        raise NotFound
    return found


def credit_codes(tx: Tx, org_ids: Collection[str]) -> dict[str, str]:
    """The codes of these organisations, by their ids, in one query."""
    (rows,) = ask(tx, (_codes(tx.get_bind().dialect.name), {"org_ids": list(org_ids)}))
    return {row.id: row.uscc for row in rows}


@lru_cache
def _codes(dialect: str) -> Select[str, str]:
    return select(Organisation.id, Organisation.uscc).where(among(dialect, Organisation.id, "org_ids"))


def organisation_by_uscc(tx: Tx, uscc: str) -> Organisation | None:
    return tx.scalar(select(Organisation).where(Organisation.uscc == uscc))


def organisation_by_tag(tx: Tx, id_tag: str) -> Organisation | None:
    """The natural person whose resident ID has this keyed tag."""
    return tx.scalar(select(Organisation).where(Organisation.id_tag == id_tag))


def is_person(tx: Tx, org_id: str | None) -> bool:
    """Whether a party is a natural person, known by the keyed tag of a resident ID."""
    kind = select(Organisation.id_kind).where(Organisation.id == org_id)
    return tx.scalar(kind) == IdKind.RESIDENT_ID


def users_with_role(tx: Tx, role: str, *, org_id: str | None = None) -> list[str]:
    """Ids of the active users who hold a role of this kind now, of one organisation when given."""
    query = select(User.id).where(User.id.in_(grants.holders(tx, [role])), User.active)
    if org_id is not None:
        query = query.where(User.org_id == org_id)
    return list(tx.scalars(query.order_by(User.id)))


def user_names(tx: Tx, user_ids: list[str]) -> dict[str, str]:
    users = tx.scalars(select(User).where(User.id.in_(user_ids)))
    return {user.id: user.name for user in users}
