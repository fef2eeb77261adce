"""Checks of priced bills of quantities."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0063_bill_checks"
down_revision = "0062_evaluated_again"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "billcheck_check",
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("ordered_by", sa.String(length=64), nullable=False),
        sa.Column("ordered_at", UTCDateTime(), nullable=False),
        sa.Column("bids", sa.Integer(), nullable=False),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.Column("lease_until", UTCDateTime()),
        sa.Column("finished_at", UTCDateTime()),
        sa.ForeignKeyConstraint(["lot_id"], ["opening_opening.lot_id"], name="fk_billcheck_check_lot_id"),
        sa.ForeignKeyConstraint(["ordered_by"], ["identity_user.id"], name="fk_billcheck_check_ordered_by"),
        sa.PrimaryKeyConstraint("lot_id", name="pk_billcheck_check"),
    )
    op.create_index("ix_billcheck_check_finished_at", "billcheck_check", ["finished_at"])
    op.create_table(
        "billcheck_bill",
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("bid_id", sa.String(length=64), nullable=False),
        sa.Column("workbook", sa.String(length=255), nullable=False),
        sa.Column("refusal", sa.String()),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["billcheck_check.lot_id"], name="fk_billcheck_bill_lot_id"),
        sa.ForeignKeyConstraint(["bid_id"], ["opening_bid.bid_id"], name="fk_billcheck_bill_bid_id"),
        sa.PrimaryKeyConstraint("lot_id", "bid_id", name="pk_billcheck_bill"),
    )
