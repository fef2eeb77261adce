"""The tables of bill checks: what was ordered, and what each bid's workbook gave."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, UTCDateTime


class BillCheck(Base):
    """A check that a committee or the tenderer's side ordered; ordered again it begins anew.

    Until `lease_until` one worker is at it; the sweep that comes meanwhile leaves it alone.
    """

    __tablename__ = "billcheck_check"

    lot_id: Mapped[str] = mapped_column(ForeignKey("opening_opening.lot_id"), primary_key=True)
    ordered_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    ordered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    bids: Mapped[int]
    read: Mapped[int]
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)


class CheckedBill(Base):
    """One bid of a finished check: which file was read, how many lines it has, and what was found.

    `workbook` is empty where the bid holds none that can be read; `refusal` then says why.
    """

    __tablename__ = "billcheck_bill"

    lot_id: Mapped[str] = mapped_column(ForeignKey("billcheck_check.lot_id"), primary_key=True)
    bid_id: Mapped[str] = mapped_column(ForeignKey("opening_bid.bid_id"), primary_key=True)
    workbook: Mapped[str] = mapped_column(String(255))
    refusal: Mapped[str | None]
    lines: Mapped[int]
    found: Mapped[list[Any]] = mapped_column(JSON)
