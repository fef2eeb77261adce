"""Tables of series and of the numbers taken from them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, UTCDateTime


class NumberSeries(Base):
    """The last serial of an organ's year; its row is the lock that keeps the series free of gaps."""

    __tablename__ = "numbering_series"

    organ: Mapped[str] = mapped_column(String(32), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class TakenNumber(Base):
    """A number and the document that bears it; a cancelled one keeps its row and its reason."""

    __tablename__ = "numbering_number"
    __table_args__ = (UniqueConstraint("organ", "year", "serial", name="uq_numbering_number_serial"),)

    document_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    organ: Mapped[str] = mapped_column(String(32))
    year: Mapped[int]
    serial: Mapped[int]
    taken_at: Mapped[datetime] = mapped_column(UTCDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    cancel_reason: Mapped[str | None]
