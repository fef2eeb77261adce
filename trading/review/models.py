"""Tables of reviews: gates, who voted what at each, and every change of what was said."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, ForeignKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from govcore.audit.models import keep_append_only
from govcore.db import Base, UTCDateTime


class Gate(Base):
    """A question of pass or fail about the bids of a lot, or about one of them; `node` is its id in the result.

    A gate of the documents has a row from its first vote on; its words stay in the documents.
    """

    __tablename__ = "review_gate"

    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), primary_key=True)
    node: Mapped[str] = mapped_column(String(64), primary_key=True)
    side: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    bid_id: Mapped[str | None] = mapped_column(ForeignKey("opening_bid.bid_id"))
    cause: Mapped[str | None] = mapped_column(String(32))
    why: Mapped[str | None]
    raised_by: Mapped[str | None] = mapped_column(ForeignKey("identity_user.id"))
    raised_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_by: Mapped[str | None] = mapped_column(ForeignKey("identity_user.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Vote(Base):
    """What a member, or the purchaser's side as one voter, says about a bid at a gate; an empty `bid_id`: about all."""

    __tablename__ = "review_vote"
    __table_args__ = (ForeignKeyConstraint(["lot_id", "node"], ["review_gate.lot_id", "review_gate.node"]),)

    lot_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    node: Mapped[str] = mapped_column(String(64), primary_key=True)
    bid_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    voter: Mapped[str] = mapped_column(String(64), primary_key=True)
    passed: Mapped[bool]
    reason: Mapped[str]
    by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class Request(Base):
    """What the committee asks of one bidder, until when, and what the bidder said.

    A correction holds what it is computed from and to (`detail`): the statement, the old and the new price.
    """

    __tablename__ = "review_request"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), index=True)
    bid_id: Mapped[str] = mapped_column(ForeignKey("opening_bid.bid_id"))
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    text: Mapped[str]
    detail: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    asked_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    window: Mapped[int]
    answer: Mapped[str | None]
    answered_by: Mapped[str | None] = mapped_column(ForeignKey("identity_user.id"))
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class AnswerFile(Base):
    """A file that came with an answer."""

    __tablename__ = "review_answer_file"

    request_id: Mapped[str] = mapped_column(ForeignKey("review_request.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    store_key: Mapped[str] = mapped_column(String(160))


class Grant(Base):
    """A policy that a bid is granted or not, or the quantity by which its price is adjusted, and on what basis."""

    __tablename__ = "review_grant"

    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), primary_key=True)
    bid_id: Mapped[str] = mapped_column(ForeignKey("opening_bid.bid_id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    item: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(String(40))
    basis: Mapped[str]
    by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class Change(Base):
    """That somebody said something else than before: old, new, why and who; kept for good."""

    __tablename__ = "review_change"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), index=True)
    bid_id: Mapped[str] = mapped_column(String(64))
    about: Mapped[str] = mapped_column(String(80))
    old: Mapped[str]
    new: Mapped[str]
    why: Mapped[str]
    by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


keep_append_only(Base.metadata.tables[Change.__tablename__])
