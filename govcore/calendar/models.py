"""Table of the holiday notices that were loaded besides those that come with the platform."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, UTCDateTime


class LoadedNotice(Base):
    """A notice as it was loaded; the newest of a year counts, the others stay."""

    __tablename__ = "calendar_notice"

    n: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    loaded_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    loaded_at: Mapped[datetime] = mapped_column(UTCDateTime)
