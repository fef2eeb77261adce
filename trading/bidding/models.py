"""Tables of uploads and bids; before the opening no row tells whose it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, UTCDateTime


class Upload(Base):
    """A random place for one bid's ciphertext.

    `parts` is what its bidder said it would send, as `schemas.PartToSend`; `capsules` maps the SHA-256 of each
    stored capsule to its size. Given up at `discarded_at`, its bytes are deleted at `cleared_at`; the row stays.
    `replaces` is, after the closing, the bid whose damaged ciphertext its bidder hands in again.
    """

    __tablename__ = "bidding_upload"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"))
    owner_tag: Mapped[str] = mapped_column(String(64), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    parts: Mapped[list[dict[str, Any]]] = mapped_column(JSON, server_default="[]")
    capsules: Mapped[dict[str, int] | None] = mapped_column(JSON)
    discarded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    cleared_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    replaces: Mapped[str | None] = mapped_column(String(64))


class UploadPiece(Base):
    """A piece whose bytes are in the store and had this hash when they came."""

    __tablename__ = "bidding_upload_piece"

    upload_id: Mapped[str] = mapped_column(ForeignKey("bidding_upload.id"), primary_key=True)
    part_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)


class UploadPart(Base):
    """A part whose pieces were read back and hashed as a whole: size and SHA-256 are facts."""

    __tablename__ = "bidding_upload_part"

    upload_id: Mapped[str] = mapped_column(ForeignKey("bidding_upload.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    pieces: Mapped[int]
    completed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Bid(Base):
    """A submitted or withdrawing message; manifest, receipt and bidder are wrapped, found again by keyed tags."""

    __tablename__ = "bidding_bid"
    __table_args__ = (
        UniqueConstraint("lot_id", "round", "bidder_tag", "seq", name="uq_bidding_bid_lot_id_bidder_tag_seq"),
        UniqueConstraint("idempotency_tag", name="uq_bidding_bid_idempotency_tag"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"))
    round: Mapped[int]
    bidder_tag: Mapped[str] = mapped_column(String(64))
    seq: Mapped[int]
    kind: Mapped[str] = mapped_column(String(8))
    manifest_sha256: Mapped[str] = mapped_column(String(64))
    idempotency_tag: Mapped[str] = mapped_column(String(64))
    upload_id: Mapped[str | None] = mapped_column(ForeignKey("bidding_upload.id"))
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    leaf: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Attempt(Base):
    """Something a bidder tried and that was refused; what and with which code is wrapped."""

    __tablename__ = "bidding_attempt"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"))
    owner_tag: Mapped[str] = mapped_column(String(64), index=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Consent(Base):
    """A member's own word, given anew with the password, that a message by a fresh certificate is genuine."""

    __tablename__ = "bidding_consent"

    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), primary_key=True)
    manifest_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    member_tag: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner_tag: Mapped[str] = mapped_column(String(64))
    given_at: Mapped[datetime] = mapped_column(UTCDateTime)
