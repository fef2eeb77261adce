"""Tables of mock openings. Their rows are deleted with the mock opening; no other table points to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, UTCDateTime


class MockOpening(Base):
    """One rehearsal of a lot's opening at a time; `read_out` is what its test bids said once they were opened."""

    __tablename__ = "mock_opening"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    lot_id: Mapped[str] = mapped_column(ForeignKey("tender_lot.id"), unique=True)
    made_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    key_manifest: Mapped[bytes | None] = mapped_column(LargeBinary)
    closed_event: Mapped[bytes | None] = mapped_column(LargeBinary)
    authority: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    read_out: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    read_out_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class MockSeat(Base):
    """A custodian of the lot with its test key, locked under a passphrase, and its signed release."""

    __tablename__ = "mock_seat"

    mock_id: Mapped[str] = mapped_column(ForeignKey("mock_opening.id"), primary_key=True)
    index: Mapped[int] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(String(16))
    org_id: Mapped[str] = mapped_column(ForeignKey("identity_organisation.id"))
    cert_sha256: Mapped[str | None] = mapped_column(String(64))
    recipient: Mapped[str | None] = mapped_column(String(80))
    blob: Mapped[bytes | None] = mapped_column(LargeBinary)
    release: Mapped[bytes | None] = mapped_column(LargeBinary)
    released_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class MockBid(Base):
    """A sealed test bid: its signed manifest, its maker's certificate, its capsules by holder and its ciphertext."""

    __tablename__ = "mock_bid"

    mock_id: Mapped[str] = mapped_column(ForeignKey("mock_opening.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    envelope: Mapped[bytes] = mapped_column(LargeBinary)
    certificate: Mapped[bytes] = mapped_column(LargeBinary)
    capsules: Mapped[dict[str, str]] = mapped_column(JSON)
    ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
