"""Tables of organisations, users and sessions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, BigInteger, Dialect, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from govcore.db import Base, UTCDateTime
from govcore.identifiers import CODE_LENGTH, IdKind
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
    """A legal person, or a natural person who bids; `uscc` is the code by which everybody names it.

    That is a credit code (GB 32100), a foreign firm's `COUNTRY-number`, or the bidder number given to a natural
    person, of whose resident ID only the keyed tag `id_tag` is kept.
    """

    __tablename__ = "identity_organisation"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    uscc: Mapped[str] = mapped_column(String(CODE_LENGTH), unique=True)
    id_kind: Mapped[str] = mapped_column(String(16), default=IdKind.CREDIT_CODE)
    id_tag: Mapped[str | None] = mapped_column(String(64), unique=True)
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
    """`NO_PASSWORD` (policy) for who signs in by something else."""
    password_changed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
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

    `idle_ends_at` moves on with use, `ends_at` never does. `opened_by` is the fingerprint of the key that opened it,
    where a key did: with that key the session ends.
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
    opened_by: Mapped[str | None] = mapped_column(String(64))


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


class Ticket(Base):
    """A one-time secret with a short life; only its hash is stored.

    A person who forgot the password tells the `number` to an administrator, who approves it and never sees the secret.
    """

    __tablename__ = "identity_ticket"

    secret_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(24))
    user_id: Mapped[str | None] = mapped_column(ForeignKey("identity_user.id"), index=True)
    number: Mapped[str | None] = mapped_column(String(12), unique=True)
    network: Mapped[str] = mapped_column(String(64), default="")
    approved: Mapped[bool] = mapped_column(default=True)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Totp(Base):
    """A time-based one-time password; `last_step` was used, and no step up to it is taken again."""

    __tablename__ = "identity_totp"

    user_id: Mapped[str] = mapped_column(ForeignKey("identity_user.id"), primary_key=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    last_step: Mapped[int] = mapped_column(BigInteger)
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class RecoveryCode(Base):
    """A code for who lost the second factor, good once; only its hash is stored."""

    __tablename__ = "identity_recovery_code"

    user_id: Mapped[str] = mapped_column(ForeignKey("identity_user.id"), primary_key=True)
    code_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)


class Passkey(Base):
    """A public key of a person's authenticator (WebAuthn)."""

    __tablename__ = "identity_passkey"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("identity_user.id"), index=True)
    credential_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(80))
    added_at: Mapped[datetime] = mapped_column(UTCDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Tries(Base):
    """Tries that are counted together until the window ends; the key is a keyed tag."""

    __tablename__ = "identity_tries"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    tries: Mapped[int]
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)


class KnownPlace(Base):
    """A device or network from which somebody signed in to an account; both are keyed tags."""

    __tablename__ = "identity_known_place"

    account_tag: Mapped[str] = mapped_column(String(64), primary_key=True)
    place_tag: Mapped[str] = mapped_column(String(64), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime)


class ApiToken(Base):
    """A program's way in on behalf of a person, with some of the person's permissions; only its hash is stored."""

    __tablename__ = "identity_api_token"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("identity_user.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
