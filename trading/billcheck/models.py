"""The tables of bill checks: what was ordered, and what each bid's workbook gave."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base
from trading.ordered import Order


class BillCheck(Order):
    """A check that a committee or the tenderer's side ordered."""

    __tablename__ = "billcheck_check"


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
