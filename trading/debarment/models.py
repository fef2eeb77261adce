"""The table of debarments: what was decided, and whether it was lifted; no row is ever deleted."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, UTCDateTime


class Debarment(Base):
    """A decision against an organisation, which need not have an account here: it is known by its credit code."""

    __tablename__ = "debarment_debarment"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    uscc: Mapped[str] = mapped_column(String(18), index=True)
    name: Mapped[str]
    conduct: Mapped[str]
    basis: Mapped[str]
    decision: Mapped[str]
    authority_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"))
    decided_on: Mapped[date] = mapped_column(Date)
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    recorded_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    lifted_on: Mapped[date | None] = mapped_column(Date)
    lift_reason: Mapped[str | None]
