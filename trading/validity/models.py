"""Tables of the extensions of validity: what was offered, who answered, whose bid is out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, UTCDateTime


class Offer(Base):
    """The `n`-th offer to all bidders still in a lot to be bound until `until`."""

    __tablename__ = "validity_offer"
    __table_args__ = (UniqueConstraint("lot_id", "n", name="uq_validity_offer_lot_id_n"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"))
    n: Mapped[int]
    until: Mapped[datetime] = mapped_column(UTCDateTime)
    answer_by: Mapped[datetime] = mapped_column(UTCDateTime)
    reason: Mapped[str]
    offered_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    offered_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Answer(Base):
    """What one bidder said to an offer, once."""

    __tablename__ = "validity_answer"

    offer_id: Mapped[str] = mapped_column(ForeignKey("validity_offer.id"), primary_key=True)
    bid_id: Mapped[str] = mapped_column(ForeignKey("opening_bid.bid_id"), primary_key=True)
    said: Mapped[str] = mapped_column(String(16))
    answered_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    answered_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Lapse(Base):
    """A bid that is out because it is bound no longer."""

    __tablename__ = "validity_lapse"

    bid_id: Mapped[str] = mapped_column(ForeignKey("opening_bid.bid_id"), primary_key=True)
    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), index=True)
    refused: Mapped[bool]
    at: Mapped[datetime] = mapped_column(UTCDateTime)
