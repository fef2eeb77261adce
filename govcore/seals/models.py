"""Tables of seals, their histories, keepers, certificates and uses."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, BigId, UTCDateTime


class Seal(Base):
    """A registered seal; one of a body that is not on the platform has no `org_id` and is never used here.

    `organ` stands along the arc, `words` below the star (empty for an official seal); `picture_sha256` is the
    drawing's.
    """

    __tablename__ = "seals_seal"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    organ: Mapped[str]
    words: Mapped[str]
    org_id: Mapped[str | None] = mapped_column(ForeignKey("identity_organisation.id"), index=True)
    picture_sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16), index=True)


class SealChange(Base):
    """What happened to a seal: on which day, why, on whose record, watched by whom."""

    __tablename__ = "seals_change"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    seal_id: Mapped[str] = mapped_column(ForeignKey("seals_seal.id"), index=True)
    move: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    on: Mapped[date]
    reason: Mapped[str]
    witness: Mapped[str]
    recorded_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)


class SealKeeper(Base):
    """A person who may use a seal, from one moment to another (用印权限)."""

    __tablename__ = "seals_keeper"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    seal_id: Mapped[str] = mapped_column(ForeignKey("seals_seal.id"), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    named_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    named_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_by: Mapped[str | None] = mapped_column(ForeignKey("identity_user.id"))
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class StandingOrder(Base):
    """A keeper's order that every paper of a kind of the organisation bears this seal."""

    __tablename__ = "seals_order"

    org_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(64), primary_key=True)
    seal_id: Mapped[str] = mapped_column(ForeignKey("seals_seal.id"))
    ordered_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    ordered_at: Mapped[datetime] = mapped_column(UTCDateTime)


class SealAuthority(Base):
    """The seal CA: its certificate, and its key wrapped."""

    __tablename__ = "seals_authority"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    der: Mapped[bytes] = mapped_column(LargeBinary)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


class SealCertificate(Base):
    """A seal's certificate and its key, wrapped; the key is destroyed when the certificate ends."""

    __tablename__ = "seals_certificate"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    seal_id: Mapped[str] = mapped_column(ForeignKey("seals_seal.id"), index=True)
    der: Mapped[bytes] = mapped_column(LargeBinary)
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    issued_at: Mapped[datetime] = mapped_column(UTCDateTime)
    not_after: Mapped[datetime] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class SealUse(Base):
    """A recorded use (用印登记): of which document, for what, ordered by whom, and the sealed file that came of it.

    `subject` names the paper within its purpose; `requested_by` is empty where the clock alone decided.
    """

    __tablename__ = "seals_use"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    seal_id: Mapped[str] = mapped_column(ForeignKey("seals_seal.id"), index=True)
    certificate_sha256: Mapped[str] = mapped_column(ForeignKey("seals_certificate.sha256"))
    number: Mapped[str] = mapped_column(String(64), unique=True)
    purpose: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(128))
    title: Mapped[str]
    document_sha256: Mapped[str] = mapped_column(String(64), index=True)
    code_sha256: Mapped[str] = mapped_column(String(64), index=True)
    state: Mapped[str] = mapped_column(String(16), index=True)
    requested_by: Mapped[str | None] = mapped_column(ForeignKey("identity_user.id"))
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    sealed_sha256: Mapped[str | None] = mapped_column(String(64), unique=True)
    sealed_size: Mapped[int | None] = mapped_column(BigInteger)
    sealed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    stamp: Mapped[str | None] = mapped_column(String(16))
    stamp_fault: Mapped[str | None]
    void_reason: Mapped[str | None]
