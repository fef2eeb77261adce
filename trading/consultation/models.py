"""Tables of consultations: the talk with each supplier, who left, and how the consultation ended."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, UTCDateTime


class Talk(Base):
    """That the group talked with one supplier, and what came of it; the newest notes count until the end."""

    __tablename__ = "consultation_talk"

    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), primary_key=True)
    bid_id: Mapped[str] = mapped_column(ForeignKey("opening_bid.bid_id"), primary_key=True)
    notes: Mapped[str] = mapped_column(Text)
    noted_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    noted_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Departure(Base):
    """That a supplier left the consultation (214号 art. 22); its response counts no longer."""

    __tablename__ = "consultation_departure"

    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), primary_key=True)
    bid_id: Mapped[str] = mapped_column(ForeignKey("opening_bid.bid_id"), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    left_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    left_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Ending(Base):
    """That the consultation of a lot ended; `changes` is what all who remain are told alike (214号 art. 20)."""

    __tablename__ = "consultation_ending"

    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), primary_key=True)
    changes: Mapped[str] = mapped_column(Text)
    ended_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    ended_at: Mapped[datetime] = mapped_column(UTCDateTime)
