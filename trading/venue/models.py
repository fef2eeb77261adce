"""Tables of the centre's rooms, their bookings, and its witness's observations."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from govcore.audit.models import keep_append_only
from govcore.db import Base, UTCDateTime


class Room(Base):
    """A room of a centre; once retired it is booked no more.

    Committees meet where `networks` (CIDR) says from where their members are let in. `centre_id` is the organisation
    that runs the room, whose staff receives the members that sit there; unknown of rooms from before it was kept.
    """

    __tablename__ = "venue_room"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    place: Mapped[str]
    seats: Mapped[int]
    networks: Mapped[list[str]] = mapped_column(JSON, default=list)
    centre_id: Mapped[str | None] = mapped_column(ForeignKey("identity_organisation.id"))
    retired_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Booking(Base):
    """A room for a lot's opening or evaluation in [`starts_at`, `ends_at`), and who hosts."""

    __tablename__ = "venue_booking"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    room_id: Mapped[str] = mapped_column(ForeignKey("venue_room.id"), index=True)
    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), index=True)
    use: Mapped[str] = mapped_column(String(16))
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    host_id: Mapped[str] = mapped_column(ForeignKey("identity_user.id"), index=True)
    booked_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    booked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Observation(Base):
    """What the centre's witness saw, when it was, and when it was written down; never changed."""

    __tablename__ = "venue_observation"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), index=True)
    use: Mapped[str] = mapped_column(String(16))
    text: Mapped[str]
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    witness_id: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))


keep_append_only(Base.metadata.tables[Observation.__tablename__])
