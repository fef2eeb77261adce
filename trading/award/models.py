"""Tables of awards: publicity, candidates, the decision, the papers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, UTCDateTime


class Publicity(Base):
    """The candidates' publicity of a lot's round; whether it is over is derived from the clock."""

    __tablename__ = "award_publicity"

    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), primary_key=True)
    round: Mapped[int]
    published_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    published_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Candidate(Base):
    """A candidate as published: what the notice must say of it, and no more."""

    __tablename__ = "award_candidate"

    lot_id: Mapped[str] = mapped_column(ForeignKey("award_publicity.lot_id"), primary_key=True)
    bid_id: Mapped[str] = mapped_column(ForeignKey("opening_bid.bid_id"), primary_key=True)
    position: Mapped[int]
    rank: Mapped[int]
    org_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"))
    bidder_name: Mapped[str]
    uscc: Mapped[str] = mapped_column(String(18))
    price_fen: Mapped[int] = mapped_column(BigInteger)
    total: Mapped[int]
    duration_days: Mapped[int]
    quality: Mapped[str]
    manager: Mapped[str]
    manager_certificate: Mapped[str]


class Award(Base):
    """The tenderer's decision."""

    __tablename__ = "award_award"

    lot_id: Mapped[str] = mapped_column(ForeignKey("award_publicity.lot_id"), primary_key=True)
    bid_id: Mapped[str] = mapped_column(ForeignKey("opening_bid.bid_id"))
    decided_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    decided_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Paper(Base):
    """A stored paper of a lot's award, never replaced."""

    __tablename__ = "award_paper"
    __table_args__ = (UniqueConstraint("lot_id", "kind", name="uq_award_paper_lot_id_kind"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    lot_id: Mapped[str] = mapped_column(ForeignKey("award_publicity.lot_id"))
    kind: Mapped[str] = mapped_column(String(16))
    store_key: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    published_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
