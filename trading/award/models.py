"""Tables of awards: publicity, candidates and why they are out, the sequence of awards, the papers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, UTCDateTime
from govcore.identifiers import CODE_LENGTH


class Publicity(Base):
    """The candidates' publicity of a lot's round; it had to begin by `due_at`, whether it is over the clock tells."""

    __tablename__ = "award_publicity"

    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), primary_key=True)
    round: Mapped[int]
    published_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    published_at: Mapped[datetime] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)


class PastPublicity(Base):
    """Candidates as they were published, or given to the purchaser, before a new evaluation changed the ranking.

    `n` is that of their paper; `ends_at` is empty in a purchase, which has no publicity.
    """

    __tablename__ = "award_past_publicity"

    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    published_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    candidates: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    ended_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Candidate(Base):
    """A candidate as published, or as the purchaser was given it: what a notice must say of it, and no more."""

    __tablename__ = "award_candidate"

    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), primary_key=True)
    bid_id: Mapped[str] = mapped_column(ForeignKey("opening_bid.bid_id"), primary_key=True)
    position: Mapped[int]
    rank: Mapped[int]
    org_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"))
    bidder_name: Mapped[str]
    uscc: Mapped[str] = mapped_column(String(CODE_LENGTH))
    price_fen: Mapped[int] = mapped_column(BigInteger)
    total: Mapped[int | None]
    evaluated_fen: Mapped[int | None] = mapped_column(BigInteger)
    duration_days: Mapped[int]
    quality: Mapped[str]
    manager: Mapped[str]
    manager_certificate: Mapped[str]


class Evidence(Base):
    """A file behind a cause; it lies in the store under its hash."""

    __tablename__ = "award_evidence"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), index=True)
    name: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    store_key: Mapped[str] = mapped_column(String(200))
    added_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    added_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Exclusion(Base):
    """Why a candidate is out (T38): its own word, or two people of the tenderer's side with their evidence."""

    __tablename__ = "award_exclusion"

    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), primary_key=True)
    bid_id: Mapped[str] = mapped_column(ForeignKey("opening_bid.bid_id"), primary_key=True)
    cause: Mapped[str] = mapped_column(String(16))
    text: Mapped[str]
    evidence_id: Mapped[str | None] = mapped_column(ForeignKey("award_evidence.id"))
    by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    second: Mapped[str | None] = mapped_column(ForeignKey("identity_user.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class Handover(Base):
    """When a government purchaser received the report: from then on its five working days run."""

    __tablename__ = "award_handover"

    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), primary_key=True)
    by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class Award(Base):
    """The n-th decision of a lot: `decided_at` is its legal moment, `recorded_at` when we wrote it down.

    Nobody decided (`decided_by` is empty) where a purchaser's silence chose the first. It is announced with its papers.
    """

    __tablename__ = "award_award"

    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    bid_id: Mapped[str] = mapped_column(ForeignKey("opening_bid.bid_id"))
    basis: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str]
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("identity_user.id"))
    decided_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    announced_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class FailedAward(Base):
    """Why a lot ended without a winner after its opening, by two people."""

    __tablename__ = "award_failure"

    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), primary_key=True)
    cause: Mapped[str] = mapped_column(String(16))
    text: Mapped[str]
    by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    second: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class Report(Base):
    """The written report on the n-th award to the supervising department, and its acknowledgement (T20)."""

    __tablename__ = "award_report"

    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    sent_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    sent_at: Mapped[datetime] = mapped_column(UTCDateTime)
    acknowledged_by: Mapped[str | None] = mapped_column(ForeignKey("identity_user.id"))
    acknowledged_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Paper(Base):
    """A stored paper of a lot's award, never replaced; `n` is the award that it tells of, 0 before the first;
    of candidates how often others were published before."""

    __tablename__ = "award_paper"
    __table_args__ = (UniqueConstraint("lot_id", "kind", "n", name="uq_award_paper_lot_id_kind_n"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"))
    kind: Mapped[str] = mapped_column(String(16))
    n: Mapped[int]
    store_key: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    published_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
