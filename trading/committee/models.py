"""Tables of committees: seats, votes, the windows of their session, who was in them, and from where."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, ForeignKeyConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, UTCDateTime


class Room(Base):
    """A place where committees meet; members are let in from its networks only (CIDR)."""

    __tablename__ = "committee_room"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    networks: Mapped[list[str]] = mapped_column(JSON)
    set_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    set_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Committee(Base):
    """The committee of a lot's round; `reason` says why its members were appointed and not drawn."""

    __tablename__ = "committee_committee"

    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), primary_key=True)
    round: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    cause: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text, default="")
    seated_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    seated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    leader: Mapped[int | None]
    leader_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class SeatRow(Base):
    """A seat; once `left_at` is set it is void for good, and a substitute sits on a seat of its own."""

    __tablename__ = "committee_seat"
    __table_args__ = (UniqueConstraint("lot_id", "user_id", name="uq_committee_seat_lot_id_user_id"),)

    lot_id: Mapped[str] = mapped_column(ForeignKey("committee_committee.lot_id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("identity_user.id"), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    room_id: Mapped[str | None] = mapped_column(ForeignKey("committee_room.id"))
    signed_in_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    promised_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    promise_sha256: Mapped[str | None] = mapped_column(ForeignKey("committee_promise.sha256"))
    left_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    left_ground: Mapped[str | None] = mapped_column(String(16))
    left_reason: Mapped[str] = mapped_column(Text, default="")
    replaced_by: Mapped[int | None]


class Promise(Base):
    """A text that members promised, kept as they read it."""

    __tablename__ = "committee_promise"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[str] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(Text)


class Vote(Base):
    """For whom a seat votes as leader."""

    __tablename__ = "committee_vote"
    __table_args__ = (
        ForeignKeyConstraint(["lot_id", "seat"], ["committee_seat.lot_id", "committee_seat.number"]),
    )

    lot_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    seat: Mapped[int] = mapped_column(primary_key=True)
    choice: Mapped[int]


class Window(Base):
    """A time in which the committee meets; without a room members may come from anywhere."""

    __tablename__ = "committee_window"

    lot_id: Mapped[str] = mapped_column(ForeignKey("committee_committee.lot_id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    room_id: Mapped[str | None] = mapped_column(ForeignKey("committee_room.id"))
    opened_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    closed_by: Mapped[str | None] = mapped_column(ForeignKey("identity_user.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Presence(Base):
    """When a member came into a window and left it, and from which address (E20 art. 49)."""

    __tablename__ = "committee_presence"
    __table_args__ = (
        ForeignKeyConstraint(
            ["lot_id", "seat"],
            ["committee_seat.lot_id", "committee_seat.number"],
            name="fk_committee_presence_seat",
        ),
        ForeignKeyConstraint(
            ["lot_id", "window"],
            ["committee_window.lot_id", "committee_window.number"],
            name="fk_committee_presence_window",
        ),
    )

    lot_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    window: Mapped[int] = mapped_column(primary_key=True)
    seat: Mapped[int] = mapped_column(primary_key=True)
    came_at: Mapped[datetime] = mapped_column(UTCDateTime, primary_key=True)
    left_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    address: Mapped[str] = mapped_column(String(64))
