"""Tables of prequalifications: verdicts, how the review ended, the round that follows, and invitations."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, UTCDateTime


class Verdict(Base):
    """Whether an application passes; for one that does not, the ground and what is missing."""

    __tablename__ = "prequalification_verdict"

    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), primary_key=True)
    bid_id: Mapped[str] = mapped_column(ForeignKey("opening_bid.bid_id"), primary_key=True)
    passed: Mapped[bool]
    ground: Mapped[str] = mapped_column(String(16), default="")
    reason: Mapped[str] = mapped_column(default="")
    judged_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    judged_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Review(Base):
    """That a review ended, and the committee that made it where the law asks for one."""

    __tablename__ = "prequalification_review"

    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), primary_key=True)
    members: Mapped[list[str]] = mapped_column(JSON)
    closed_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    closed_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Following(Base):
    """The round of bids that follows a prequalification: only who passed may bid in it."""

    __tablename__ = "prequalification_following"

    tender_id: Mapped[str] = mapped_column(ForeignKey("tender_tender.id"), primary_key=True)
    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class Invitation(Base):
    """An organisation that is invited to bid, and what it answered; the tenderer reads answers after the deadline."""

    __tablename__ = "prequalification_invitation"

    tender_id: Mapped[str] = mapped_column(ForeignKey("tender_tender.id"), primary_key=True)
    org_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"), primary_key=True)
    invited_at: Mapped[datetime] = mapped_column(UTCDateTime)
    answer: Mapped[str | None] = mapped_column(String(16))
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
