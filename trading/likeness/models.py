"""The table of likeness analyses: what was ordered, how far it is, and which signs were found."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import UTCDateTime
from trading.ordered import Order


class Analysis(Order):
    """A lot's analysis; ordered again, what was found before is shown until it is finished.

    `found` holds `policy.Found`, `unread` the files by bid of which nothing or not everything could be read
    (`queries.Unread`).
    """

    __tablename__ = "likeness_analysis"

    shown_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When what is in `found` was found."""
    found: Mapped[list[Any]] = mapped_column(JSON)
    unread: Mapped[list[Any]] = mapped_column(JSON)
