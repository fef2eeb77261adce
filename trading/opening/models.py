"""Tables of openings: what was committed to at closing, who released what, what each bid turned out to be; the hall."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bidding_docs.manifests import OPENING
from govcore.audit.models import keep_append_only
from govcore.db import Base, UTCDateTime


class Opening(Base):
    """One opening of a lot's round and the stage it is in.

    `closed_payload` is the log's event `tender.closed`, `stage_payload` the event that began a later stage and
    `stage_document` the signed result behind it. Windows,
    read-out and record are the present stage's; `bidder_until` is empty where bidders hold no shares. `damaged` are
    the objects that differed when the store was last hashed, `paused_by` the code of what stops the gate through
    nobody's fault but ours.
    """

    __tablename__ = "opening_opening"

    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), primary_key=True)
    round: Mapped[int]
    state: Mapped[str] = mapped_column(String(16), index=True)
    opens: Mapped[str] = mapped_column(String(32), default=OPENING)
    closed_payload: Mapped[bytes] = mapped_column(LargeBinary)
    stage_payload: Mapped[bytes | None] = mapped_column(LargeBinary)
    stage_document: Mapped[bytes | None] = mapped_column(LargeBinary)
    cp_size: Mapped[int] = mapped_column(BigInteger)
    bids_root: Mapped[str] = mapped_column(String(64))
    eligible_count: Mapped[int]
    closed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    seal_check_until: Mapped[datetime] = mapped_column(UTCDateTime)
    bidder_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    release_until: Mapped[datetime] = mapped_column(UTCDateTime)
    suspended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    outage_from: Mapped[datetime | None] = mapped_column(UTCDateTime)
    outage_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    store_verified_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    damaged: Mapped[list[str] | None] = mapped_column(JSON)
    read_out_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    advices_opened_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    paused_by: Mapped[str | None] = mapped_column(String(32))
    record_key: Mapped[str | None] = mapped_column(String(160))
    record_sha256: Mapped[str | None] = mapped_column(String(64))


class Prolongation(Base):
    """Seconds that two people added to a window of a stage."""

    __tablename__ = "opening_prolongation"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    lot_id: Mapped[str] = mapped_column(ForeignKey("opening_opening.lot_id"), index=True)
    opens: Mapped[str] = mapped_column(String(32))
    window: Mapped[str] = mapped_column(String(16))
    seconds: Mapped[int]
    notice: Mapped[str]
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class PastStage(Base):
    """A stage that was read out and recorded before the present one began."""

    __tablename__ = "opening_past_stage"

    lot_id: Mapped[str] = mapped_column(ForeignKey("opening_opening.lot_id"), primary_key=True)
    opens: Mapped[str] = mapped_column(String(32), primary_key=True)
    read_out_at: Mapped[datetime] = mapped_column(UTCDateTime)
    record_key: Mapped[str] = mapped_column(String(160))
    record_sha256: Mapped[str] = mapped_column(String(64))


class BasePrice(Base):
    """The tenderer's base price of a lot, sealed to the gate; `fen` from its read-out on, nothing if it was damaged."""

    __tablename__ = "opening_base_price"

    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_sha256: Mapped[str] = mapped_column(String(64))
    sealed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    sealed_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    fen: Mapped[int | None] = mapped_column(BigInteger)
    read_out_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class OpeningBid(Base):
    """An eligible bid, public from the closing on; `summary` is filled for all at once, at each read-out.

    `consortium` and `findings` come with the first read-out (`schemas.ConsortiumShown`, `FindingShown`).
    """

    __tablename__ = "opening_bid"
    __table_args__ = (UniqueConstraint("lot_id", "number", name="uq_opening_bid_lot_id_number"),)

    bid_id: Mapped[str] = mapped_column(ForeignKey("bidding_bid.id"), primary_key=True)
    lot_id: Mapped[str] = mapped_column(ForeignKey("opening_opening.lot_id"))
    number: Mapped[int]
    org_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"))
    manifest_sha256: Mapped[str] = mapped_column(String(64))
    envelope: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    state: Mapped[str] = mapped_column(String(16))
    code: Mapped[str | None] = mapped_column(String(32))
    fault: Mapped[str | None] = mapped_column(String(16))
    opened: Mapped[bytes | None] = mapped_column(LargeBinary)
    summary: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    consortium: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    findings: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    payload_code: Mapped[str | None] = mapped_column(String(32))
    payload_checked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ShareRelease(Base):
    """A custodian's signed release, wrapped; the log holds its digest only."""

    __tablename__ = "opening_share_release"

    lot_id: Mapped[str] = mapped_column(ForeignKey("opening_opening.lot_id"), primary_key=True)
    custodian: Mapped[int] = mapped_column(primary_key=True)
    opens: Mapped[str] = mapped_column(String(32), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)


class GateRelease(Base):
    """The gate's signed release of one stage, wrapped."""

    __tablename__ = "opening_gate_release"

    lot_id: Mapped[str] = mapped_column(ForeignKey("opening_opening.lot_id"), primary_key=True)
    opens: Mapped[str] = mapped_column(String(32), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    released_at: Mapped[datetime] = mapped_column(UTCDateTime)


class BidderShare(Base):
    """The bidder's own share of a part's key, wrapped; it fits the commitment in its manifest."""

    __tablename__ = "opening_bidder_share"

    bid_id: Mapped[str] = mapped_column(ForeignKey("opening_bid.bid_id"), primary_key=True)
    part: Mapped[str] = mapped_column(String(64), primary_key=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Judgement(Base):
    """What supervision found when it opened a holder's capsule again with the key of its scope."""

    __tablename__ = "opening_judgement"

    bid_id: Mapped[str] = mapped_column(ForeignKey("opening_bid.bid_id"), primary_key=True)
    part: Mapped[str] = mapped_column(String(64), primary_key=True)
    holder: Mapped[str] = mapped_column(String(32), primary_key=True)
    code: Mapped[str | None] = mapped_column(String(32))
    judged_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    judged_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Attribution(Base):
    """What the host of the opening decided about a bid whose failure nobody could lay at anybody's door."""

    __tablename__ = "opening_attribution"

    bid_id: Mapped[str] = mapped_column(ForeignKey("opening_bid.bid_id"), primary_key=True)
    fault: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str]
    decided_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    decided_at: Mapped[datetime] = mapped_column(UTCDateTime)


class PartProgress(Base):
    """How much of an opened bid's large part was decrypted and checked, in bytes of ciphertext."""

    __tablename__ = "opening_part_progress"

    bid_id: Mapped[str] = mapped_column(ForeignKey("opening_bid.bid_id"), primary_key=True)
    part: Mapped[str] = mapped_column(String(64), primary_key=True)
    total: Mapped[int] = mapped_column(BigInteger)
    done: Mapped[int] = mapped_column(BigInteger)
    code: Mapped[str | None] = mapped_column(String(32))
    checked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class LookedAt(Base):
    """A file of an opened part by its place there: what it tells, what a scanner found, since when it is shown."""

    __tablename__ = "opening_looked_at"

    bid_id: Mapped[str] = mapped_column(ForeignKey("opening_bid.bid_id"), primary_key=True)
    part: Mapped[str] = mapped_column(String(64), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    remarks: Mapped[list[str]] = mapped_column(JSON)
    found: Mapped[str | None]
    scanned_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    shown_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class PartKey(Base):
    """The recovered identity of a part, wrapped; `published` only for the parts that the tender makes public.

    It comes from released shares, or from the bidder's own recovery file when too few custodians are left.
    """

    __tablename__ = "opening_part_key"

    bid_id: Mapped[str] = mapped_column(ForeignKey("opening_bid.bid_id"), primary_key=True)
    part: Mapped[str] = mapped_column(String(64), primary_key=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    published: Mapped[str | None] = mapped_column(String(80))


class SealObjection(Base):
    """A bidder's receipt that the committed set of bids does not honour; while one stands nothing is released."""

    __tablename__ = "opening_seal_objection"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    lot_id: Mapped[str] = mapped_column(ForeignKey("opening_opening.lot_id"))
    org_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"))
    receipt: Mapped[bytes] = mapped_column(LargeBinary)
    raised_at: Mapped[datetime] = mapped_column(UTCDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    answer: Mapped[str | None]


class Hall(Base):
    """How many events a lot's hall has seen: whoever adds the next one waits for the one before to be committed."""

    __tablename__ = "opening_hall"

    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), primary_key=True)
    last_seq: Mapped[int]


class HallEvent(Base):
    """One fact of an opening as everybody in the hall sees it; never changed, numbered without gaps."""

    __tablename__ = "opening_hall_event"

    lot_id: Mapped[str] = mapped_column(ForeignKey("opening_hall.lot_id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    kind: Mapped[str] = mapped_column(String(64))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)


keep_append_only(Base.metadata.tables[HallEvent.__tablename__])


class Attendance(Base):
    """Who signed in for an organisation, in which capacity; bidders can from the closing on only."""

    __tablename__ = "opening_attendance"

    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), primary_key=True)
    org_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    capacity: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class HallObjection(Base):
    """A bidder's objection to a stage of the opening, asked and answered on the spot."""

    __tablename__ = "opening_hall_objection"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    lot_id: Mapped[str] = mapped_column(ForeignKey("opening_opening.lot_id"))
    opens: Mapped[str] = mapped_column(String(32))
    org_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"))
    raised_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    raised_at: Mapped[datetime] = mapped_column(UTCDateTime)
    text: Mapped[str]
    answered_by: Mapped[str | None] = mapped_column(ForeignKey("identity_user.id"))
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    answer: Mapped[str | None]


class Confirmation(Base):
    """A bidder has confirmed its line of a stage's read-out."""

    __tablename__ = "opening_confirmation"

    bid_id: Mapped[str] = mapped_column(ForeignKey("opening_bid.bid_id"), primary_key=True)
    opens: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class GivenUp(Base):
    """A lot that was given up and whose deposits and letters were sent back."""

    __tablename__ = "opening_given_up"

    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), primary_key=True)
    settled_at: Mapped[datetime] = mapped_column(UTCDateTime)
