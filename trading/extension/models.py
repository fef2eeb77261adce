"""The table of outage certificates: issued once for the same facts, never changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from govcore.audit.models import keep_append_only
from govcore.db import Base, UTCDateTime

DEADLINE, OPENING = "deadline", "opening"


class Certificate(Base):
    """What was measured before a deadline, signed by the platform, and its paper; `deadline_after` where it was moved.

    `about` says whether it is the deadline, or the opening that a fault put off: then both are times of the opening.
    `facts_sha256` names the times and outages: the same ones are certified once.
    """

    __tablename__ = "extension_certificate"
    __table_args__ = (UniqueConstraint("lot_id", "facts_sha256", name="uq_extension_certificate_lot_id"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"))
    about: Mapped[str] = mapped_column(String(16), default=DEADLINE, server_default=DEADLINE)
    facts_sha256: Mapped[str] = mapped_column(String(64))
    deadline_before: Mapped[datetime] = mapped_column(UTCDateTime)
    deadline_after: Mapped[datetime | None] = mapped_column(UTCDateTime)
    envelope: Mapped[bytes] = mapped_column(LargeBinary)
    paper_key: Mapped[str] = mapped_column(String(160))
    paper_sha256: Mapped[str] = mapped_column(String(64))
    issued_at: Mapped[datetime] = mapped_column(UTCDateTime)


keep_append_only(Base.metadata.tables[Certificate.__tablename__])
