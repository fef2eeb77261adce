"""Tables of cases, what was said in them, evidence, orders, pauses and clues; no row tells who filed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, UTCDateTime


class Case(Base):
    """An objection, query, challenge or complaint; `about_id` is what a complaint goes on from.

    `received_at` is the legal moment, `recorded_at` when the platform learned of it; `complete_at` is from when a
    regulator's time to accept runs. Who filed is in `wrapped`, found again by the keyed `filer_tag` alone. `overtaken`
    are the acts that were done before a paper was recorded. No due date is stored: each follows from these facts.
    """

    __tablename__ = "objection_case"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    stage: Mapped[str] = mapped_column(String(16))
    tender_id: Mapped[str] = mapped_column(ForeignKey("tender_tender.id"), index=True)
    about_id: Mapped[str | None] = mapped_column(ForeignKey("objection_case.id"))
    regulator_id: Mapped[str | None] = mapped_column(ForeignKey("identity_organisation.id"), index=True)
    state: Mapped[str] = mapped_column(String(16))
    filer_tag: Mapped[str] = mapped_column(String(64), index=True)
    ground: Mapped[str] = mapped_column(String(16))
    on_paper: Mapped[bool]
    known_at: Mapped[datetime] = mapped_column(UTCDateTime)
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    complete_at: Mapped[datetime] = mapped_column(UTCDateTime)
    affects_result: Mapped[bool]
    accepted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    outcome: Mapped[str | None] = mapped_column(String(16))
    steps: Mapped[list[str]] = mapped_column(JSON, default=list)
    overtaken: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    public_text: Mapped[str | None]
    receipt: Mapped[bytes] = mapped_column(LargeBinary)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


class CaseLot(Base):
    """A lot that a case is about."""

    __tablename__ = "objection_case_lot"

    case_id: Mapped[str] = mapped_column(ForeignKey("objection_case.id"), primary_key=True)
    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), primary_key=True, index=True)


class Entry(Base):
    """One act in a case's file; words and author are wrapped, because a filer's words may tell who it is.

    `sha256` is of words and files, `leaf` the log's entry that holds it.
    """

    __tablename__ = "objection_entry"
    __table_args__ = (UniqueConstraint("case_id", "seq", name="uq_objection_entry_case_id_seq"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("objection_case.id"))
    seq: Mapped[int]
    said: Mapped[str] = mapped_column(String(24))
    side: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    late: Mapped[bool]
    sha256: Mapped[str] = mapped_column(String(64))
    leaf: Mapped[str] = mapped_column(String(64))
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


class Evidence(Base):
    """A file of a case: stored as ciphertext of a key of its own, which is wrapped together with the name."""

    __tablename__ = "objection_evidence"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    entry_id: Mapped[str] = mapped_column(ForeignKey("objection_entry.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    store_key: Mapped[str] = mapped_column(String(160))
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


class Order(Base):
    """A regulator's order to suspend while it decides; over when lifted or, where the law caps it, at `capped_at`."""

    __tablename__ = "objection_order"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("objection_case.id"), index=True)
    ordered_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    ordered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    reason: Mapped[str]
    capped_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Pause(Base):
    """Time for testing, inspection or expert review that does not count for the decision (实施条例 art. 61)."""

    __tablename__ = "objection_pause"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("objection_case.id"), index=True)
    began_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reason: Mapped[str]


class ClueKey(Base):
    """A department's key for clues: the secret lies under a passphrase that only the department knows."""

    __tablename__ = "objection_clue_key"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    org_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"), index=True)
    recipient: Mapped[str] = mapped_column(String(80))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    made_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Clue(Base):
    """What somebody without a name told about a tender: no objection, kept for its regulator alone.

    Of when it came only the day is kept, of who sent it nothing. What is wrapped is sealed to the department's key
    `key_id` where it had one. `code_tag` finds it by the sender's code, to whose `recipient` answers are sealed.
    """

    __tablename__ = "objection_clue"
    __table_args__ = (UniqueConstraint("code_tag", name="uq_objection_clue_code_tag"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    tender_id: Mapped[str] = mapped_column(ForeignKey("tender_tender.id"), index=True)
    day: Mapped[date]
    key_id: Mapped[str | None] = mapped_column(ForeignKey("objection_clue_key.id"))
    code_tag: Mapped[str | None] = mapped_column(String(64))
    recipient: Mapped[str | None] = mapped_column(String(80))
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ClueLine(Base):
    """What was said after a clue was left: by the department, sealed to the sender's code, or by the sender."""

    __tablename__ = "objection_clue_line"
    __table_args__ = (UniqueConstraint("clue_id", "seq", name="uq_objection_clue_line_clue_id_seq"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    clue_id: Mapped[str] = mapped_column(ForeignKey("objection_clue.id"))
    seq: Mapped[int]
    side: Mapped[str] = mapped_column(String(16))
    day: Mapped[date]
    key_id: Mapped[str | None] = mapped_column(ForeignKey("objection_clue_key.id"))
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
