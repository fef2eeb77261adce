"""Tables of organs' short names, of series, and of the numbers taken from them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, UTCDateTime


class Office(Base):
    """The short name (机关代字) under which an organisation numbers its papers."""

    __tablename__ = "numbering_office"

    org_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"), primary_key=True)
    short_name: Mapped[str] = mapped_column(String(16), unique=True)


class NumberSeries(Base):
    """The last serial of an organ's year; its row is the lock that keeps the series free of gaps."""

    __tablename__ = "numbering_series"

    organ: Mapped[str] = mapped_column(String(32), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class TakenNumber(Base):
    """A number and the document that bears it; a cancelled one keeps its row and its reason.

    `org_id` and `title` are what the register shows; numbers from before there was a register have no title.
    """

    __tablename__ = "numbering_number"
    __table_args__ = (UniqueConstraint("organ", "year", "serial", name="uq_numbering_number_serial"),)

    document_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    org_id: Mapped[str | None] = mapped_column(ForeignKey("identity_organisation.id"), index=True)
    organ: Mapped[str] = mapped_column(String(32))
    year: Mapped[int]
    serial: Mapped[int]
    title: Mapped[str] = mapped_column(server_default="")
    taken_at: Mapped[datetime] = mapped_column(UTCDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    cancel_reason: Mapped[str | None]
