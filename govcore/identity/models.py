"""Tables of organisations, users and sessions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
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
