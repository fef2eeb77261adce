"""Tables of notices: nothing in the first three is ever changed or removed, triggers on both databases see to it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Dialect, ForeignKey, Index, String, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine

from govcore.audit.models import keep_append_only
from govcore.db import Base, BigId, UTCDateTime


class Pieces(TypeDecorator[frozenset[str]]):
    """The pieces that a notice is found by: an indexed array on PostgreSQL, one spaced line of text on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(Text) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Iterable[str] | None, dialect: Dialect) -> Any:
        kept = sorted(value or ())
        return kept if dialect.name == "postgresql" else f" {' '.join(kept)} "

    def process_result_value(self, value: Any, dialect: Dialect) -> frozenset[str]:
        return frozenset(value if dialect.name == "postgresql" else value.split())


_NOTHING = text("pieces IS NULL")
"""SQLite has no such index and looks through the lines: its one is kept empty."""


class Notice(Base):
    """A published notice; `fields` are those of `fields.FIELDS`, `sha256` is of `service.content_bytes`."""

    __tablename__ = "notices_notice"
    __table_args__ = (
        Index("ix_notices_notice_published_at", "published_at", "id"),
        Index("ix_notices_notice_category", "category", "published_at", "id"),
        Index("ix_notices_notice_kind", "kind", "published_at", "id"),
        Index("ix_notices_notice_region", "region", "published_at", "id"),
        Index("ix_notices_notice_pieces", "pieces", postgresql_using="gin", sqlite_where=_NOTHING),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    regime: Mapped[str] = mapped_column(String(2))
    tender_id: Mapped[str] = mapped_column(String(64), index=True)
    round: Mapped[int]
    lot_ids: Mapped[list[str]] = mapped_column(JSON)
    title: Mapped[str]
    category: Mapped[str] = mapped_column(String(16))
    region: Mapped[str] = mapped_column(String(6))
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)
    pieces: Mapped[frozenset[str]] = mapped_column(Pieces)
    supersedes: Mapped[str | None] = mapped_column(ForeignKey("notices_notice.id"), unique=True)
    publisher_id: Mapped[str | None] = mapped_column(ForeignKey("identity_organisation.id"))
    published_at: Mapped[datetime] = mapped_column(UTCDateTime)
    sha256: Mapped[str] = mapped_column(String(64))


class NoticePaper(Base):
    """A notice as a PDF: as it was issued, and `sealed` the same file with the publisher's seal added."""

    __tablename__ = "notices_paper"

    notice_id: Mapped[str] = mapped_column(ForeignKey("notices_notice.id"), primary_key=True)
    sealed: Mapped[bool] = mapped_column(primary_key=True)
    store_key: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class FeedItem(Base):
    """One public change under its final number: numbers have no gaps, and a lower one is never seen after a higher."""

    __tablename__ = "notices_feed"

    seq: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    subject: Mapped[str] = mapped_column(String(8))
    subject_id: Mapped[str] = mapped_column(String(64))
    tender_id: Mapped[str] = mapped_column(String(64))
    change: Mapped[str] = mapped_column(String(40))
    numbered_at: Mapped[datetime] = mapped_column(UTCDateTime)


class FeedWaiting(Base):
    """A public change that its own transaction noted; `feed.number` gives it its number once it is committed."""

    __tablename__ = "notices_feed_waiting"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    subject: Mapped[str] = mapped_column(String(8))
    subject_id: Mapped[str] = mapped_column(String(64))
    tender_id: Mapped[str] = mapped_column(String(64))
    change: Mapped[str] = mapped_column(String(40))


class Unfinished(Base):
    """A notice whose papers are not complete yet."""

    __tablename__ = "notices_unfinished"

    notice_id: Mapped[str] = mapped_column(ForeignKey("notices_notice.id"), primary_key=True)


class Dispatch(Base):
    """A notice on its way to one medium; `detail` is a key of the catalogue that says why it is not there yet."""

    __tablename__ = "notices_dispatch"
    __table_args__ = (Index("ix_notices_dispatch_state", "state", "due_at"),)

    notice_id: Mapped[str] = mapped_column(ForeignKey("notices_notice.id"), primary_key=True)
    medium: Mapped[str] = mapped_column(String(32), primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int]
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    receipt: Mapped[str | None] = mapped_column(String(200))
    detail: Mapped[str | None]
    said: Mapped[str | None] = mapped_column(String(200))


class Reconciliation(Base):
    """What came of comparing one day's notices with a medium's; `differences` are `schemas.Difference`."""

    __tablename__ = "notices_reconciliation"

    medium: Mapped[str] = mapped_column(String(32), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    compared_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ours: Mapped[int]
    differences: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    fault: Mapped[str | None]


for _table in (Notice, NoticePaper, FeedItem):
    keep_append_only(Base.metadata.tables[_table.__tablename__])
