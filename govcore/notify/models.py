"""The in-app inbox, topics that people follow, and what is sent outside."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, UTCDateTime


class InboxMessage(Base):
    """A message to one user: a key of the catalogue and what fills it; `about` makes it single."""

    __tablename__ = "notify_message"
    __table_args__ = (UniqueConstraint("user_id", "about", name="uq_notify_message_user_id_about"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    about: Mapped[str] = mapped_column(String(160))
    text: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    href: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Contact(Base):
    """Where a user is reached outside the site: `service.Reach`, wrapped."""

    __tablename__ = "notify_contact"

    user_id: Mapped[str] = mapped_column(ForeignKey("identity_user.id"), primary_key=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


class Follow(Base):
    """Somebody follows a topic. Who follows a tender may be about to bid, so the row does not say who.

    The user is found again by a keyed tag, and by the platform in `wrapped`.
    """

    __tablename__ = "notify_follow"

    user_tag: Mapped[str] = mapped_column(String(64), primary_key=True)
    topic: Mapped[str] = mapped_column(String(96), primary_key=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Notice(Base):
    """A message to all who follow a topic, the same for everybody; `about` makes it single."""

    __tablename__ = "notify_notice"
    __table_args__ = (
        UniqueConstraint("topic", "about", name="uq_notify_notice_topic_about"),
        Index("ix_notify_notice_fanned_out_at", "fanned_out_at"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    topic: Mapped[str] = mapped_column(String(96))
    about: Mapped[str] = mapped_column(String(96))
    text: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    href: Mapped[str]
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    fanned_out_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Delivery(Base):
    """A notice on its way to one person over one channel; `detail` is why it did not arrive."""

    __tablename__ = "notify_delivery"
    __table_args__ = (
        UniqueConstraint("notice_id", "channel", "user_tag", name="uq_notify_delivery_notice_id"),
        Index("ix_notify_delivery_state_due_at", "state", "due_at"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    notice_id: Mapped[str] = mapped_column(ForeignKey("notify_notice.id"))
    channel: Mapped[str] = mapped_column(String(8))
    user_tag: Mapped[str] = mapped_column(String(64))
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(8))
    attempts: Mapped[int]
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    detail: Mapped[str | None]
