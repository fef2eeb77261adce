"""Tables of the expert pool."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, UTCDateTime
from govcore.identifiers import CODE_LENGTH


class Speciality(Base):
    """A speciality (专业); its code says under which other it lies."""

    __tablename__ = "experts_speciality"

    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    zh: Mapped[str]
    en: Mapped[str]


class Expert(Base):
    """Somebody of the pool; one person has one account and one entry.

    `id` names nobody outside the pool. `wrapped` holds title, years, phone and ties (`policy.Particulars`).
    """

    __tablename__ = "experts_expert"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("identity_user.id"), unique=True)
    employer: Mapped[str] = mapped_column(String(CODE_LENGTH), index=True)
    region: Mapped[str] = mapped_column(String(6), index=True)
    since: Mapped[date] = mapped_column(Date)
    until: Mapped[date | None] = mapped_column(Date)
    suspended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    entered_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Practice(Base):
    """That an expert has a speciality."""

    __tablename__ = "experts_practice"

    expert_id: Mapped[str] = mapped_column(ForeignKey("experts_expert.id"), primary_key=True)
    speciality: Mapped[str] = mapped_column(
        ForeignKey("experts_speciality.code"), primary_key=True, index=True
    )


class CreditNote(Base):
    """What was noted about an expert, never changed; `grade` (1 to 5) is an appraisal's."""

    __tablename__ = "experts_credit_note"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    expert_id: Mapped[str] = mapped_column(ForeignKey("experts_expert.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    lot_id: Mapped[str | None] = mapped_column(ForeignKey("tender_lot.id"))
    grade: Mapped[int | None]
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    noted_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    noted_at: Mapped[datetime] = mapped_column(UTCDateTime)


class PendingImport(Base):
    """A sheet that its sender has looked at and not confirmed yet; one for each keeper."""

    __tablename__ = "experts_pending_import"

    user_id: Mapped[str] = mapped_column(ForeignKey("identity_user.id"), primary_key=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    sent_at: Mapped[datetime] = mapped_column(UTCDateTime)
