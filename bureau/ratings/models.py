"""Tables of services, their ratings, the way of bad ones, and figures of the time before this system."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, BigId, UTCDateTime


class Service(Base):
    """Somebody was served at one node of a case; only the hash of the code on the slip is stored."""

    __tablename__ = "ratings_service"
    __table_args__ = (UniqueConstraint("org_id", "case_no", "node"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    org_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"))
    case_no: Mapped[str] = mapped_column(String(64))
    node: Mapped[str] = mapped_column(String(16))
    item: Mapped[str]
    handled_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    served_at: Mapped[datetime] = mapped_column(UTCDateTime)
    code_sha256: Mapped[str] = mapped_column(String(64), unique=True)


class Rating(Base):
    """What somebody said of a service, once; `added` are words of the same person, later."""

    __tablename__ = "ratings_rating"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    service_id: Mapped[str] = mapped_column(ForeignKey("ratings_service.id"), unique=True)
    channel: Mapped[str] = mapped_column(String(16))
    level: Mapped[int]
    words: Mapped[str]
    added: Mapped[str | None]
    rated_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    collected_by: Mapped[str | None] = mapped_column(ForeignKey("identity_user.id"))


class BadRating(Base):
    """Where a bad rating is on its way, since when, and how many working days it may stay there."""

    __tablename__ = "ratings_bad"

    rating_id: Mapped[str] = mapped_column(ForeignKey("ratings_rating.id"), primary_key=True)
    state: Mapped[str] = mapped_column(String(16), index=True)
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    limit_days: Mapped[int | None]
    named: Mapped[bool]
    disputed_by: Mapped[str | None] = mapped_column(ForeignKey("identity_user.id"))
    remedy: Mapped[str | None] = mapped_column(String(16))
    feedback: Mapped[str | None]
    outcome: Mapped[str | None] = mapped_column(String(16))


class Contact(Base):
    """How to reach who gave a bad rating, wrapped; it is gone when the matter is closed."""

    __tablename__ = "ratings_contact"

    rating_id: Mapped[str] = mapped_column(ForeignKey("ratings_rating.id"), primary_key=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


class Step(Base):
    """One move of a bad rating; `by` is empty when the person served made it."""

    __tablename__ = "ratings_step"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    rating_id: Mapped[str] = mapped_column(ForeignKey("ratings_rating.id"), index=True)
    move: Mapped[str] = mapped_column(String(16))
    words: Mapped[str]
    by: Mapped[str | None] = mapped_column(ForeignKey("identity_user.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class OrganTerms(Base):
    """An organ's own terms; without a row the usual ones hold."""

    __tablename__ = "ratings_terms"

    org_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"), primary_key=True)
    verify_days: Mapped[int]
    review_days: Mapped[int]
    rectify_days: Mapped[int]
    revisit_days: Mapped[int]


class Reported(Base):
    """Figures of a period before this system, as a source printed them; nothing that it does not say."""

    __tablename__ = "ratings_reported"

    org_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"), primary_key=True)
    first_day: Mapped[date] = mapped_column(primary_key=True)
    last_day: Mapped[date] = mapped_column(primary_key=True)
    source: Mapped[str]
    total: Mapped[int]
    bad: Mapped[int]
    rectified: Mapped[int]
    revisit_percent: Mapped[str] = mapped_column(String(8))
    channels: Mapped[list[str]] = mapped_column(JSON)
