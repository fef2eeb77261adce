"""Tables of probers: how far each has reported, its signed reports, and its measurements in runs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from govcore.audit.models import keep_append_only
from govcore.db import Base, UTCDateTime


class Prober(Base):
    """A prober whose key the settings name: its last report, and until when it has measured."""

    __tablename__ = "outages_prober"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    seq: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    until: Mapped[datetime] = mapped_column(UTCDateTime)
    heard_at: Mapped[datetime] = mapped_column(UTCDateTime)


class ProbeReport(Base):
    """A report as the prober signed it; never changed."""

    __tablename__ = "outages_report"

    prober: Mapped[str] = mapped_column(ForeignKey("outages_prober.name"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    until: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    envelope: Mapped[bytes] = mapped_column(LargeBinary)


keep_append_only(Base.metadata.tables[ProbeReport.__tablename__])


class ProbeRun(Base):
    """Measurements in a row with one result; the newest of a surface grows while the result stays the same."""

    __tablename__ = "outages_run"
    __table_args__ = (Index("ix_outages_run_last_at", "last_at"),)

    prober: Mapped[str] = mapped_column(ForeignKey("outages_prober.name"), primary_key=True)
    surface: Mapped[str] = mapped_column(String(16), primary_key=True)
    first_at: Mapped[datetime] = mapped_column(UTCDateTime, primary_key=True)
    last_at: Mapped[datetime] = mapped_column(UTCDateTime)
    up: Mapped[bool]
    count: Mapped[int]
    every: Mapped[int]
    why: Mapped[str] = mapped_column(String(80))
