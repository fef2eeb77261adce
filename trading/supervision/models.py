"""Tables of patrols, misconduct records, circulated notices and letters."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, UTCDateTime


class Patrol(Base):
    """A walk of two people over the floor; `checks` are `schemas.Check`."""

    __tablename__ = "supervision_patrol"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    org_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"))
    date: Mapped[date]
    session: Mapped[str] = mapped_column(String(2))
    first_id: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    second_id: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    checks: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)


class MisconductRecord(Base):
    """What an organisation did in a lot; `evidence` are `schemas.Evidence`, files are named by their hash."""

    __tablename__ = "supervision_misconduct"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    org_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"))
    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"))
    patrol_id: Mapped[str | None] = mapped_column(ForeignKey("supervision_patrol.id"))
    subject_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"), index=True)
    category: Mapped[str] = mapped_column(String(64))
    grade: Mapped[str] = mapped_column(String(16))
    occurred_at: Mapped[datetime] = mapped_column(UTCDateTime)
    facts: Mapped[str]
    basis: Mapped[str]
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(16), index=True)
    recorded_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    reply_until: Mapped[datetime] = mapped_column(UTCDateTime)
    reckoning: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    statement: Mapped[str | None]
    statement_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class CirculatedNotice(Base):
    """The notice (通报) of a record; its state is the record's."""

    __tablename__ = "supervision_notice"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    misconduct_id: Mapped[str] = mapped_column(ForeignKey("supervision_misconduct.id"), unique=True)
    scope: Mapped[str] = mapped_column(String(16))
    handling: Mapped[str]
    requirements: Mapped[str]
    number: Mapped[str] = mapped_column(String(64), unique=True)
    signed_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    signed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    circulated_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    pdf_sha256: Mapped[str | None] = mapped_column(String(64))
    retracted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    retract_reason: Mapped[str | None]


class SupervisorLetter(Base):
    """A letter (函告) about a record to the department that supervises the project."""

    __tablename__ = "supervision_letter"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    misconduct_id: Mapped[str] = mapped_column(ForeignKey("supervision_misconduct.id"), unique=True)
    addressee_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"), index=True)
    suggestion: Mapped[str]
    state: Mapped[str] = mapped_column(String(16), index=True)
    number: Mapped[str | None] = mapped_column(String(64), unique=True)
    drafted_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    drafted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    signed_by: Mapped[str | None] = mapped_column(ForeignKey("identity_user.id"))
    signed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    pdf_sha256: Mapped[str | None] = mapped_column(String(64))
    acknowledged_by: Mapped[str | None] = mapped_column(ForeignKey("identity_user.id"))
    acknowledged_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
