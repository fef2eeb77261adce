"""Tables of questions, clarifications and samples; before the deadline no row tells who asked or handed in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, UTCDateTime


class Question(Base):
    """A question as it was asked: its words and its asker are wrapped, and when it was asked is not kept.

    `reference` is its nameless number. The asker's own page finds it by a keyed tag, which is a random one for
    who has no account.
    """

    __tablename__ = "clarification_question"
    __table_args__ = (UniqueConstraint("reference", name="uq_clarification_question_reference"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    tender_id: Mapped[str] = mapped_column(ForeignKey("tender_tender.id"), index=True)
    reference: Mapped[str] = mapped_column(String(16))
    asker_tag: Mapped[str] = mapped_column(String(64), index=True)
    collected_at: Mapped[datetime] = mapped_column(UTCDateTime)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


class Clarification(Base):
    """Answers, changes and dated acts that are published at one moment, numbered within their tender.

    `content` is a `schemas.Prepared`; `schedules` maps lots to the signed schedules that count from the release on;
    `effects` is what the release did to the deadlines, as `schemas.EffectShown`, with the inputs of the rule.
    """

    __tablename__ = "clarification_clarification"
    __table_args__ = (
        UniqueConstraint("tender_id", "number", name="uq_clarification_clarification_tender_id_number"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    tender_id: Mapped[str] = mapped_column(ForeignKey("tender_tender.id"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    schedules: Mapped[dict[str, str]] = mapped_column(JSON)
    effects: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    prepared_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    returned_for: Mapped[str | None]
    released_by: Mapped[str | None] = mapped_column(ForeignKey("identity_user.id"))
    released_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    paper_key: Mapped[str | None] = mapped_column(String(200))
    paper_sha256: Mapped[str | None] = mapped_column(String(64))
    paper_size: Mapped[int | None] = mapped_column(BigInteger)


class Sample(Base):
    """A sample that was handed in: its number is on the receipt, what it is and who took it is wrapped."""

    __tablename__ = "clarification_sample"
    __table_args__ = (UniqueConstraint("number", name="uq_clarification_sample_number"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    tender_id: Mapped[str] = mapped_column(ForeignKey("tender_tender.id"), index=True)
    number: Mapped[str] = mapped_column(String(16))
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
