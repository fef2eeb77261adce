"""Which identity elsewhere belongs to which account."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, UTCDateTime


class Link(Base):
    """An identity, known only by a keyed tag of its issuer and subject, and the account that it signs in.

    Where it `opened` the account it is the only way into it: nobody ever chose a password.
    """

    __tablename__ = "federation_link"
    __table_args__ = (UniqueConstraint("user_id", "provider", name="uq_federation_link_user_id_provider"),)

    tag: Mapped[str] = mapped_column(String(64), primary_key=True)
    provider: Mapped[str] = mapped_column(String(32))
    user_id: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    linked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    opened: Mapped[bool]
