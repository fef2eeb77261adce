"""Tables of committees: seats, votes, the session's windows and who was in them; what is drawn and who was called."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, UTCDateTime


class Committee(Base):
    """The committee of a lot's round; `reason` says why its members were appointed and not drawn.

    `screened_for` is the read-out against whose bids the present members were held.
    """

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
    revealed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    screened_for: Mapped[datetime | None] = mapped_column(UTCDateTime)


class SeatRow(Base):
    """A seat; once `left_at` is set it is void for good, and a substitute sits on a seat of its own."""

    __tablename__ = "committee_seat"
    __table_args__ = (UniqueConstraint("lot_id", "user_id", name="uq_committee_seat_lot_id_user_id"),)

    lot_id: Mapped[str] = mapped_column(ForeignKey("committee_committee.lot_id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("identity_user.id"), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    room_id: Mapped[str | None] = mapped_column(ForeignKey("venue_room.id"))
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
    """A time in which the committee meets; without a room members may come from anywhere.

    It ends at `ends_at`, which two people can move, or earlier when the clerk closes it; of windows from before planned
    ends were kept there is none.
    """

    __tablename__ = "committee_window"

    lot_id: Mapped[str] = mapped_column(ForeignKey("committee_committee.lot_id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    room_id: Mapped[str | None] = mapped_column(ForeignKey("venue_room.id"))
    opened_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_by: Mapped[str | None] = mapped_column(ForeignKey("identity_user.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class TimeShort(Base):
    """That a member finds the time until this planned end of a window too short (实施条例 art. 48)."""

    __tablename__ = "committee_time_short"
    __table_args__ = (
        ForeignKeyConstraint(
            ["lot_id", "seat"],
            ["committee_seat.lot_id", "committee_seat.number"],
            name="fk_committee_time_short_seat",
        ),
    )

    lot_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    seat: Mapped[int] = mapped_column(primary_key=True)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime, primary_key=True)
    said_at: Mapped[datetime] = mapped_column(UTCDateTime)


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


class Requirement(Base):
    """What a lot's committee needs; the highest number counts, and says why it follows the one before.

    `wanted` are `drawing_policy.Wanted`, `firms` maps credit codes to `drawing_policy.FirmRole`, `representatives` are
    people of the tenderer.
    """

    __tablename__ = "committee_requirement"

    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    is_complex: Mapped[bool]
    representatives: Mapped[list[str]] = mapped_column(JSON)
    wanted: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    firms: Mapped[dict[str, str]] = mapped_column(JSON)
    meets_at: Mapped[datetime] = mapped_column(UTCDateTime)
    place: Mapped[str]
    why: Mapped[str] = mapped_column(Text)
    set_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    set_at: Mapped[datetime] = mapped_column(UTCDateTime)


class ExpertCall(Base):
    """That somebody drawn was asked to come, and what became of it.

    `entrant` is the id of this draw alone; a keyed tag, so that not even the database tells who it is.
    """

    __tablename__ = "committee_call"
    __table_args__ = (Index("ix_committee_call_state_next_at", "state", "next_at"),)

    draw_id: Mapped[str] = mapped_column(ForeignKey("draws_draw.id"), primary_key=True)
    entrant: Mapped[str] = mapped_column(String(64), primary_key=True)
    quota: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(16))
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    next_at: Mapped[datetime] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    reference: Mapped[str | None] = mapped_column(String(80))
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    how: Mapped[str | None] = mapped_column(String(8))
    told_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Arrival(Base):
    """That the staff of the place where a seat is saw its member come with the code that only the member has."""

    __tablename__ = "committee_arrival"

    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), primary_key=True)
    seat: Mapped[int] = mapped_column(primary_key=True)
    arrived_at: Mapped[datetime] = mapped_column(UTCDateTime)
    noted_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))


class SeatAppraisal(Base):
    """How the tenderer or its agency judged the work of a seat, once; the credit note of the pool follows it."""

    __tablename__ = "committee_appraisal"

    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), primary_key=True)
    seat: Mapped[int] = mapped_column(primary_key=True)
    grade: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    appraised_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    appraised_at: Mapped[datetime] = mapped_column(UTCDateTime)


class BlindCode(Base):
    """The code name of a bid while its blind parts are judged."""

    __tablename__ = "committee_blind_code"
    __table_args__ = (UniqueConstraint("lot_id", "code", name="uq_committee_blind_code_lot_id_code"),)

    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), primary_key=True)
    bid_id: Mapped[str] = mapped_column(ForeignKey("opening_bid.bid_id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(8))
