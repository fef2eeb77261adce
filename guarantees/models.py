"""Tables of deposits and letters; before the opening they hold tags and ciphertext only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, BigId, UTCDateTime


class CashLot(Base):
    """A lot that takes cash deposits, and the public gate recipient its advices are sealed to."""

    __tablename__ = "guarantees_cash_lot"

    lot_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    recipient: Mapped[str] = mapped_column(Text)


class SubAccount(Base):
    """A virtual sub-account: who asked for it and its number are wrapped, only keyed tags find it."""

    __tablename__ = "guarantees_sub_account"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner_tag: Mapped[str] = mapped_column(String(64), unique=True)
    number_tag: Mapped[str] = mapped_column(String(64), unique=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


class AdviceRow(Base):
    """A bank's credit advice, encrypted on arrival and never changed."""

    __tablename__ = "guarantees_advice"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    lot_tag: Mapped[str] = mapped_column(String(64), index=True)
    serial_tag: Mapped[str] = mapped_column(String(64), unique=True)
    body_tag: Mapped[str] = mapped_column(String(64))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class DepositRow(Base):
    """Cash that an opened advice proved; exists only after the opening."""

    __tablename__ = "guarantees_deposit"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    advice_id: Mapped[str] = mapped_column(ForeignKey("guarantees_advice.id"), unique=True)
    lot_id: Mapped[str] = mapped_column(String(64), index=True)
    bidder_id: Mapped[str] = mapped_column(String(64))
    beneficiary_uscc: Mapped[str] = mapped_column(String(18))
    state: Mapped[str] = mapped_column(String(16))
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    payer_name: Mapped[str] = mapped_column(Text)
    payer_account: Mapped[str] = mapped_column(String(64))
    bank: Mapped[str] = mapped_column(Text)
    serial: Mapped[str] = mapped_column(Text)
    credited_at: Mapped[datetime] = mapped_column(UTCDateTime)
    findings: Mapped[bytes] = mapped_column(LargeBinary)
    refund_reason: Mapped[str | None] = mapped_column(String(32))
    interest_fen: Mapped[int | None] = mapped_column(BigInteger)
    late_fee_fen: Mapped[int | None] = mapped_column(BigInteger)
    refund_ordered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    refund_serial: Mapped[str | None] = mapped_column(Text)
    refunded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class LetterRow(Base):
    """A guarantee letter as it was found in an opened bid."""

    __tablename__ = "guarantees_letter"
    __table_args__ = (
        UniqueConstraint("lot_id", "bidder_id", "sha256"),
        Index("ix_guarantees_letter_number", "guarantor_uscc", "guarantee_no"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    lot_id: Mapped[str] = mapped_column(String(64))
    bidder_id: Mapped[str] = mapped_column(String(64))
    beneficiary_uscc: Mapped[str] = mapped_column(String(18))
    sha256: Mapped[str] = mapped_column(String(64))
    envelope: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(16))
    guarantee_no: Mapped[str] = mapped_column(Text)
    guarantor_uscc: Mapped[str] = mapped_column(String(18))
    guarantor_name: Mapped[str] = mapped_column(Text)
    amount_fen: Mapped[int | None] = mapped_column(BigInteger)
    findings: Mapped[bytes] = mapped_column(LargeBinary)
    registered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    released_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class LedgerTransaction(Base):
    """One posting; `key` makes it happen once."""

    __tablename__ = "guarantees_ledger_transaction"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(160), unique=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class LedgerEntry(Base):
    """An amount in fen on one account: positive is debit, negative credit."""

    __tablename__ = "guarantees_ledger_entry"
    __table_args__ = (CheckConstraint("amount_fen <> 0", name="amount"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    transaction_id: Mapped[str] = mapped_column(ForeignKey("guarantees_ledger_transaction.id"), index=True)
    account: Mapped[str] = mapped_column(String(160), index=True)
    amount_fen: Mapped[int] = mapped_column(BigInteger)
