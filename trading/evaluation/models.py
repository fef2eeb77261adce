"""Tables of evaluations: the rounds, sheets as they grew and were locked, and how each bid ended."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from govcore.audit.models import keep_append_only
from govcore.db import Base, UTCDateTime


class EvaluationRound(Base):
    """The n-th evaluation of a lot, never overwritten: why it began, and its report once it is complete.

    The first has no cause; the others name the state that the lot goes back to where the ranking stays. All of it is
    scored by the criteria that it began with. `documents` are the hashes of the files that it was computed from, and
    of its result; `bundle_sha256` is that of the file that holds them all, `published_sha256` that of its public form,
    once the result is published. Once nobody can sign any more, the report with its signatures and the bundle with
    them are kept by their hashes too.
    """

    __tablename__ = "evaluation_round"

    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    cause: Mapped[str] = mapped_column(String(32), default="")
    reason: Mapped[str] = mapped_column(default="")
    resumes: Mapped[str] = mapped_column(String(16), default="")
    proposed_by: Mapped[str | None] = mapped_column(ForeignKey("identity_user.id"))
    confirmed_by: Mapped[str | None] = mapped_column(ForeignKey("identity_user.id"))
    began_at: Mapped[datetime] = mapped_column(UTCDateTime)
    criteria_sha256: Mapped[str] = mapped_column(String(64))
    completed_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    report_key: Mapped[str | None] = mapped_column(String(160))
    report_sha256: Mapped[str | None] = mapped_column(String(64))
    benchmark: Mapped[str | None] = mapped_column(String(200))
    documents: Mapped[dict[str, str] | None] = mapped_column(JSON)
    bundle_sha256: Mapped[str | None] = mapped_column(String(64))
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    published_sha256: Mapped[str | None] = mapped_column(String(64))
    signing_ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    signed_report_sha256: Mapped[str | None] = mapped_column(String(64))
    signed_bundle_sha256: Mapped[str | None] = mapped_column(String(64))


_ROUND = ("evaluation_round.lot_id", "evaluation_round.number")


class Sheet(Base):
    """A member's sheet in one round: open, or locked since `locked_at`; a reopening unlocks it for one item."""

    __tablename__ = "evaluation_sheet"
    __table_args__ = (ForeignKeyConstraint(["lot_id", "number"], _ROUND, name="fk_evaluation_sheet_round"),)

    lot_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("identity_user.id"), primary_key=True)
    saved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    locked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


_SHEET = ("lot_id", "number", "user_id")


def _of_sheet(table: str) -> ForeignKeyConstraint:
    targets = [f"evaluation_sheet.{one}" for one in _SHEET]
    return ForeignKeyConstraint(_SHEET, targets, name=f"fk_evaluation_{table}_sheet")


class Entry(Base):
    """What a member entered for one item of one bid, as it was entered; of each item the last row counts.

    A change is a new row with its reason, an emptied field one without a value, and taking a row back a row that
    `undoes` it: nothing is overwritten.
    """

    __tablename__ = "evaluation_entry"
    __table_args__ = (_of_sheet("entry"),)

    lot_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    bid_id: Mapped[str] = mapped_column(ForeignKey("opening_bid.bid_id"))
    node_id: Mapped[str] = mapped_column(String(64))
    value: Mapped[Any] = mapped_column(JSON)
    why: Mapped[str] = mapped_column(default="")
    undoes: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class SheetLock(Base):
    """The n-th lock of a sheet: the hash of what was locked, signed, or confirmed after proving who one is."""

    __tablename__ = "evaluation_lock"
    __table_args__ = (_of_sheet("lock"),)

    lot_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    envelope: Mapped[bytes | None] = mapped_column(LargeBinary)
    locked_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Reopening(Base):
    """A locked sheet that two people reopened for exactly one item, and when it was locked again."""

    __tablename__ = "evaluation_reopening"
    __table_args__ = (
        _of_sheet("reopening"),
        Index("ix_evaluation_reopening_sheet", "lot_id", "number", "user_id"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    lot_id: Mapped[str] = mapped_column(String(64))
    number: Mapped[int]
    user_id: Mapped[str] = mapped_column(String(64))
    bid_id: Mapped[str] = mapped_column(ForeignKey("opening_bid.bid_id"))
    node_id: Mapped[str] = mapped_column(String(64))
    cause: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str]
    proposed_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    confirmed_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Explanation(Base):
    """Why a member stands by points that lie far from the others'; it covers the entry `seq`, and no later one."""

    __tablename__ = "evaluation_explanation"
    __table_args__ = (
        ForeignKeyConstraint(
            (*_SHEET, "seq"),
            [f"evaluation_entry.{one}" for one in (*_SHEET, "seq")],
            name="fk_evaluation_explanation_entry",
        ),
    )

    lot_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str]
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class ReportSignature(Base):
    """That a member signed the report of a round, by its hash; with a dissent it does not agree.

    The envelope holds the statement as the member signed it by certificate; without one it proved afresh who it is.
    """

    __tablename__ = "evaluation_signature"
    __table_args__ = (
        ForeignKeyConstraint(["lot_id", "number"], _ROUND, name="fk_evaluation_signature_round"),
    )

    lot_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("identity_user.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    dissent: Mapped[str]
    envelope: Mapped[bytes | None] = mapped_column(LargeBinary)
    signed_at: Mapped[datetime] = mapped_column(UTCDateTime)


class TechnicalResult(Base):
    """Which bids of a tender in two envelopes passed, as the committee signed it."""

    __tablename__ = "evaluation_technical_result"

    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    envelope: Mapped[bytes] = mapped_column(LargeBinary)
    fixed_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Outcome(Base):
    """How a bid ended in a round: rank, points in hundredths and evaluated price, or why it was rejected.

    There are no points by the lowest price; `candidate` says whether the result recommends the bid.
    """

    __tablename__ = "evaluation_outcome"
    __table_args__ = (ForeignKeyConstraint(["lot_id", "number"], _ROUND, name="fk_evaluation_outcome_round"),)

    lot_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    bid_id: Mapped[str] = mapped_column(ForeignKey("opening_bid.bid_id"), primary_key=True)
    position: Mapped[int]
    price_fen: Mapped[int | None] = mapped_column(BigInteger)
    rank: Mapped[int | None]
    total: Mapped[int | None]
    evaluated_fen: Mapped[int | None] = mapped_column(BigInteger)
    candidate: Mapped[bool] = mapped_column(default=False)
    parts: Mapped[dict[str, int]] = mapped_column(JSON)
    invalid: Mapped[str | None] = mapped_column(String(32))
    article: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")


for _table in (Entry, SheetLock, Explanation, ReportSignature):
    keep_append_only(Base.metadata.tables[_table.__tablename__])
