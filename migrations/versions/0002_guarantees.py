"""Create deposits, guarantee letters and their ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0002_guarantees"
down_revision = "0001_core"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "guarantees_advice",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("lot_tag", sa.String(length=64), nullable=False),
        sa.Column("serial_tag", sa.String(length=64), nullable=False),
        sa.Column("body_tag", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_guarantees_advice"),
        sa.UniqueConstraint("serial_tag", name="uq_guarantees_advice_serial_tag"),
    )
    op.create_index("ix_guarantees_advice_lot_tag", "guarantees_advice", ["lot_tag"], unique=False)
    op.create_table(
        "guarantees_cash_lot",
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("lot_id", name="pk_guarantees_cash_lot"),
    )
    op.create_table(
        "guarantees_ledger_transaction",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_guarantees_ledger_transaction"),
        sa.UniqueConstraint("key", name="uq_guarantees_ledger_transaction_key"),
    )
    op.create_table(
        "guarantees_letter",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("bidder_id", sa.String(length=64), nullable=False),
        sa.Column("beneficiary_uscc", sa.String(length=18), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("guarantee_no", sa.Text(), nullable=False),
        sa.Column("guarantor_uscc", sa.String(length=18), nullable=False),
        sa.Column("guarantor_name", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.Column("findings", sa.LargeBinary(), nullable=False),
        sa.Column("registered_at", UTCDateTime(), nullable=False),
        sa.Column("released_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_guarantees_letter"),
        sa.UniqueConstraint("lot_id", "bidder_id", "sha256", name="uq_guarantees_letter_lot_id"),
    )
    op.create_index(
        "ix_guarantees_letter_number", "guarantees_letter", ["guarantor_uscc", "guarantee_no"], unique=False
    )
    op.create_table(
        "guarantees_sub_account",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("owner_tag", sa.String(length=64), nullable=False),
        sa.Column("number_tag", sa.String(length=64), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_guarantees_sub_account"),
        sa.UniqueConstraint("number_tag", name="uq_guarantees_sub_account_number_tag"),
        sa.UniqueConstraint("owner_tag", name="uq_guarantees_sub_account_owner_tag"),
    )
    op.create_table(
        "guarantees_deposit",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("advice_id", sa.String(length=64), nullable=False),
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("bidder_id", sa.String(length=64), nullable=False),
        sa.Column("beneficiary_uscc", sa.String(length=18), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("payer_name", sa.Text(), nullable=False),
        sa.Column("payer_account", sa.String(length=64), nullable=False),
        sa.Column("bank", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("credited_at", UTCDateTime(), nullable=False),
        sa.Column("findings", sa.LargeBinary(), nullable=False),
        sa.Column("refund_reason", sa.String(length=32), nullable=True),
        sa.Column("interest_fen", sa.BigInteger(), nullable=True),
        sa.Column("refund_ordered_at", UTCDateTime(), nullable=True),
        sa.Column("refund_serial", sa.Text(), nullable=True),
        sa.Column("refunded_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["advice_id"], ["guarantees_advice.id"], name="fk_guarantees_deposit_advice_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_guarantees_deposit"),
        sa.UniqueConstraint("advice_id", name="uq_guarantees_deposit_advice_id"),
    )
    op.create_index("ix_guarantees_deposit_lot_id", "guarantees_deposit", ["lot_id"], unique=False)
    op.create_table(
        "guarantees_ledger_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("transaction_id", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=160), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_fen <> 0", name="ck_guarantees_ledger_entry_amount"),
        sa.ForeignKeyConstraint(
            ["transaction_id"],
            ["guarantees_ledger_transaction.id"],
            name="fk_guarantees_ledger_entry_transaction_id",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_guarantees_ledger_entry"),
    )
    op.create_index(
        "ix_guarantees_ledger_entry_account", "guarantees_ledger_entry", ["account"], unique=False
    )
    op.create_index(
        "ix_guarantees_ledger_entry_transaction_id",
        "guarantees_ledger_entry",
        ["transaction_id"],
        unique=False,
    )
