"""The in-app inbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, UTCDateTime


class InboxMessage(Base):
    """A message to one user: a key of the catalogue and what fills it; `about` makes it single."""

    __tablename__ = "notify_message"
    __table_args__ = (UniqueConstraint("user_id", "about", name="uq_notify_message_user_id_about"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    about: Mapped[str] = mapped_column(String(160))
    text: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    href: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
