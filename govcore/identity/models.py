"""Tables of organisations, users, sessions and certificates."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, UTCDateTime


class Organisation(Base):
    """A legal person, named by its unified social credit code (GB 32100)."""

    __tablename__ = "identity_organisation"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    uscc: Mapped[str] = mapped_column(String(18), unique=True)
    name: Mapped[str]
    basic_account: Mapped[str | None]


class User(Base):
    __tablename__ = "identity_user"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str]
    org_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"))
    password_hash: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)


class UserRole(Base):
    __tablename__ = "identity_user_role"

    user_id: Mapped[str] = mapped_column(ForeignKey("identity_user.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(16), primary_key=True)


class SignInSession(Base):
    """A session; only the hash of its token is stored."""

    __tablename__ = "identity_session"

    token_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("identity_user.id"), index=True)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Authority(Base):
    """The registration CA: its certificate, and its key wrapped."""

    __tablename__ = "identity_authority"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    der: Mapped[bytes] = mapped_column(LargeBinary)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


class Certificate(Base):
    """A signing certificate issued to an organisation through one of its users."""

    __tablename__ = "identity_certificate"
    __table_args__ = (Index("ix_identity_certificate_org_id", "org_id"),)

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    org_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"))
    user_id: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    der: Mapped[bytes] = mapped_column(LargeBinary)
    not_after: Mapped[datetime] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
