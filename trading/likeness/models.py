"""The table of likeness analyses: what was ordered, how far it is, and which signs were found."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, UTCDateTime


class Analysis(Base):
    """A lot's analysis; ordered again it begins anew, and what was found before is shown until it is finished.

    Until `lease_until` one worker is at it. `found` holds `policy.Found`, `unread` the files by bid of which nothing
    or not everything could be read (`service.Unread`).
    """

    __tablename__ = "likeness_analysis"

    lot_id: Mapped[str] = mapped_column(ForeignKey("opening_opening.lot_id"), primary_key=True)
    ordered_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    ordered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    bids: Mapped[int]
    read: Mapped[int]
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    shown_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When what is in `found` was found."""
    found: Mapped[list[Any]] = mapped_column(JSON)
    unread: Mapped[list[Any]] = mapped_column(JSON)
