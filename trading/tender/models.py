"""Tables of tenders, lots, documents, key manifests and schedules."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, BigInteger, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, UTCDateTime


class Tender(Base):
    """One round of a tender: the same code, `round` counted up, `previous_id` the round that it follows.

    `content` is the `schemas.TenderContent` that was approved and published, `method` how bidders come to it.
    """

    __tablename__ = "tender_tender"
    __table_args__ = (UniqueConstraint("code", "round", name="uq_tender_tender_code_round"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project_project.id"))
    code: Mapped[str] = mapped_column(String(32))
    round: Mapped[int] = mapped_column(default=1)
    previous_id: Mapped[str | None] = mapped_column(ForeignKey("tender_tender.id"), index=True)
    method: Mapped[str] = mapped_column(String(16), default="open")
    title: Mapped[str]
    rule_set: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(16))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    drafted_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    approved_by: Mapped[str | None] = mapped_column(ForeignKey("identity_user.id"))
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Lot(Base):
    """A lot in one round; `deadline_at` is the highest schedule's, `closed_at` the one fact of closing.

    `previous_id` is the lot that it tenders again, once; `ended_at` when it was terminated or cancelled.
    """

    __tablename__ = "tender_lot"
    __table_args__ = (
        UniqueConstraint("code", "round", name="uq_tender_lot_code_round"),
        UniqueConstraint("previous_id", name="uq_tender_lot_previous_id"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    tender_id: Mapped[str] = mapped_column(ForeignKey("tender_tender.id"), index=True)
    number: Mapped[int]
    code: Mapped[str] = mapped_column(String(32))
    name: Mapped[str]
    round: Mapped[int] = mapped_column(default=1)
    previous_id: Mapped[str | None] = mapped_column(ForeignKey("tender_lot.id"))
    state: Mapped[str] = mapped_column(String(24))
    max_price_fen: Mapped[int] = mapped_column(BigInteger)
    deposit_fen: Mapped[int] = mapped_column(BigInteger)
    deadline_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    opening_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    key_manifest_sha256: Mapped[str | None] = mapped_column(String(64))


class Document(Base):
    """One published file of a tender."""

    __tablename__ = "tender_document"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    tender_id: Mapped[str] = mapped_column(ForeignKey("tender_tender.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    store_key: Mapped[str] = mapped_column(String(160))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Custodian(Base):
    """A seat in a lot's key manifest; `recipients` maps a stage of opening to the one-time age recipient."""

    __tablename__ = "tender_custodian"

    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), primary_key=True)
    index: Mapped[int] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(String(16))
    org_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"))
    cert_sha256: Mapped[str | None] = mapped_column(ForeignKey("certificates_certificate.sha256"))
    client: Mapped[Literal["cli", "hosted", "platform"] | None] = mapped_column(String(16))
    recipients: Mapped[dict[str, str] | None] = mapped_column(JSON)


class CustodianKey(Base):
    """What we keep of a custodian's one-time key: the file under its passphrase, and the rehearsal of the key.

    `capsule` and `check_sha256` are the tenderer's; `answer` is the custodian's signed envelope.
    """

    __tablename__ = "tender_custodian_key"

    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True)
    custodian: Mapped[int] = mapped_column(primary_key=True)
    opens: Mapped[str] = mapped_column(String(32), primary_key=True)
    blob: Mapped[bytes | None] = mapped_column(LargeBinary)
    capsule: Mapped[bytes | None] = mapped_column(LargeBinary)
    check_sha256: Mapped[str | None] = mapped_column(String(64))
    answer: Mapped[bytes | None] = mapped_column(LargeBinary)
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    destroyed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class GateKey(Base):
    """The gate's key of a lot and stage, as far as the platform knows it: its recipient, and that it is destroyed."""

    __tablename__ = "tender_gate_key"

    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), primary_key=True)
    opens: Mapped[str] = mapped_column(String(32), primary_key=True)
    recipient: Mapped[str] = mapped_column(String(80))
    destroyed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class KeyManifest(Base):
    """The exact bytes of a lot's key manifest and the envelope that collects its signatures."""

    __tablename__ = "tender_key_manifest"

    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    signatures: Mapped[dict[str, str]] = mapped_column(JSON)


class Schedule(Base):
    """A signed schedule; the highest `n` before closing is the lot's only deadline."""

    __tablename__ = "tender_schedule"

    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    envelope: Mapped[bytes] = mapped_column(LargeBinary)
    deadline_at: Mapped[datetime] = mapped_column(UTCDateTime)
    opening_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Hold(Base):
    """A suspension of one lot in [`began_at`, `ended_at`); `ref` is what suspends it: an objection, an order.

    `began_at` is the legal moment, `recorded_at` when the platform learned of it; `notice` is what the public reads.
    """

    __tablename__ = "tender_hold"
    __table_args__ = (UniqueConstraint("lot_id", "ref", name="uq_tender_hold_lot_id_ref"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"))
    ref: Mapped[str] = mapped_column(String(96), index=True)
    cause: Mapped[str] = mapped_column(String(16))
    began_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    held_by: Mapped[str] = mapped_column(String(64))
    notice: Mapped[str] = mapped_column(default="")
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    released_by: Mapped[str | None] = mapped_column(String(64))


class Admitted(Base):
    """An organisation that may bid in a restricted round; who they are is secret until the deadline.

    `members` are the codes of the consortium that passed or remained, none for a bidder on its own.
    """

    __tablename__ = "tender_admitted"

    tender_id: Mapped[str] = mapped_column(ForeignKey("tender_tender.id"), primary_key=True)
    org_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"), primary_key=True)
    admitted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    members: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))


class Override(Base):
    """A rule that two people set aside for a round, with the reason that everybody reads."""

    __tablename__ = "tender_override"

    tender_id: Mapped[str] = mapped_column(ForeignKey("tender_tender.id"), primary_key=True)
    rule: Mapped[str] = mapped_column(String(16), primary_key=True)
    notice: Mapped[str]
    at: Mapped[datetime] = mapped_column(UTCDateTime)
