"""Tables of evaluations: the committee, its sheets, and how each bid ended."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    ForeignKeyConstraint,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, UTCDateTime


class Evaluation(Base):
    """The evaluation of a lot's round; report and benchmark are filled when it completes."""

    __tablename__ = "evaluation_evaluation"

    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), primary_key=True)
    round: Mapped[int]
    appointed_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    appointed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    completed_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    report_key: Mapped[str | None] = mapped_column(String(160))
    report_sha256: Mapped[str | None] = mapped_column(String(64))
    benchmark_fen: Mapped[str | None] = mapped_column(String(80))


class Member(Base):
    """A seat of the committee; once `locked_at` is set the member's sheet never changes again."""

    __tablename__ = "evaluation_member"
    __table_args__ = (UniqueConstraint("lot_id", "seat", name="uq_evaluation_member_lot_id_seat"),)

    lot_id: Mapped[str] = mapped_column(ForeignKey("evaluation_evaluation.lot_id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("identity_user.id"), primary_key=True)
    seat: Mapped[int]
    saved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    locked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class SheetPoints(Base):
    """A member's points for one item of one bid, in hundredths."""

    __tablename__ = "evaluation_points"
    __table_args__ = (
        ForeignKeyConstraint(
            ["lot_id", "user_id"], ["evaluation_member.lot_id", "evaluation_member.user_id"]
        ),
    )

    lot_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    bid_id: Mapped[str] = mapped_column(ForeignKey("opening_bid.bid_id"), primary_key=True)
    item_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    hundredths: Mapped[int]


class TechnicalResult(Base):
    """Which bids of a tender in two envelopes passed, as the committee signed it."""

    __tablename__ = "evaluation_technical_result"

    lot_id: Mapped[str] = mapped_column(ForeignKey("evaluation_evaluation.lot_id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    envelope: Mapped[bytes] = mapped_column(LargeBinary)
    fixed_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Outcome(Base):
    """How a bid ended: rank and published points in hundredths, or why it was rejected, maybe before its price."""

    __tablename__ = "evaluation_outcome"

    lot_id: Mapped[str] = mapped_column(ForeignKey("evaluation_evaluation.lot_id"), primary_key=True)
    bid_id: Mapped[str] = mapped_column(ForeignKey("opening_bid.bid_id"), primary_key=True)
    position: Mapped[int]
    price_fen: Mapped[int | None] = mapped_column(BigInteger)
    rank: Mapped[int | None]
    total: Mapped[int | None]
    parts: Mapped[dict[str, int]] = mapped_column(JSON)
    invalid: Mapped[str | None] = mapped_column(String(32))
