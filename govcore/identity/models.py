"""Tables of organisations, users and sessions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Dialect, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from govcore.db import Base, UTCDateTime
from govcore.identity.policy import ALL_DUTIES


class Words(TypeDecorator[frozenset[str]]):
    """A set of words, one after the other, so that the session look-up needs no row for each."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: frozenset[str] | None, dialect: Dialect) -> str | None:
        return None if value is None else " ".join(sorted(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> frozenset[str] | None:
        return None if value is None else frozenset(value.split())


class Organisation(Base):
    """A legal person, named by its unified social credit code (GB 32100)."""

    __tablename__ = "identity_organisation"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    uscc: Mapped[str] = mapped_column(String(18), unique=True)
    name: Mapped[str]
    basic_account: Mapped[str | None]


class User(Base):
    """A person; `org_id` is the one organisation it belongs to now, `duties` what that entrusts to it."""

    __tablename__ = "identity_user"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str]
    org_id: Mapped[str | None] = mapped_column(ForeignKey("identity_organisation.id"), index=True)
    password_hash: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    duties: Mapped[frozenset[str]] = mapped_column(Words(60), default=ALL_DUTIES)


class UserRole(Base):
    __tablename__ = "identity_user_role"

    user_id: Mapped[str] = mapped_column(ForeignKey("identity_user.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(16), primary_key=True)
    since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    until: Mapped[datetime | None] = mapped_column(UTCDateTime)


class SignInSession(Base):
    """A session; only the hash of its token is stored, and the token changes with every proof.

    `idle_ends_at` moves on with use, `ends_at` never does.
    """

    __tablename__ = "identity_session"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("identity_user.id"), index=True)
    program: Mapped[str] = mapped_column(String(80))
    network: Mapped[str] = mapped_column(String(64))
    strong: Mapped[bool]
    began_at: Mapped[datetime] = mapped_column(UTCDateTime)
    proved_at: Mapped[datetime] = mapped_column(UTCDateTime)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    idle_ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    delegation_id: Mapped[str | None] = mapped_column(String(64))


class Delegation(Base):
    """A person may act for an organisation until a date; a session says whether it does (`delegation_id`).

    What it covers may tell who will bid: `objects` are keyed tags, their names are wrapped.
    """

    __tablename__ = "identity_delegation"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    org_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("identity_user.id"), index=True)
    roles: Mapped[frozenset[str]] = mapped_column(Words(80))
    duties: Mapped[frozenset[str]] = mapped_column(Words(60))
    objects: Mapped[frozenset[str]] = mapped_column(Words)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    granted_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    granted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    revoked_by: Mapped[str | None] = mapped_column(ForeignKey("identity_user.id"))
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
