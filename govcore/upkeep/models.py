"""Table of the rotations that two administrators ordered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, UTCDateTime


class Rotation(Base):
    """An order to leave one key-encryption key for the next, and what became of it; it is begun once."""

    __tablename__ = "upkeep_rotation"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    leaves: Mapped[str] = mapped_column(String(200))
    proposed_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    confirmed_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    ordered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    begun_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    newest: Mapped[str | None] = mapped_column(String(200))
    moved: Mapped[int] = mapped_column(default=0)
