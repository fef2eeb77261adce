"""Analyses of how alike the opened bids of a lot are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0080_likeness"
down_revision = "0079_leader_in_documents"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "likeness_analysis",
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("ordered_by", sa.String(length=64), nullable=False),
        sa.Column("ordered_at", UTCDateTime(), nullable=False),
        sa.Column("bids", sa.Integer(), nullable=False),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.Column("lease_until", UTCDateTime()),
        sa.Column("finished_at", UTCDateTime()),
        sa.Column("shown_at", UTCDateTime()),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.Column("unread", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["opening_opening.lot_id"], name="fk_likeness_analysis_lot_id"),
        sa.ForeignKeyConstraint(["ordered_by"], ["identity_user.id"], name="fk_likeness_analysis_ordered_by"),
        sa.PrimaryKeyConstraint("lot_id", name="pk_likeness_analysis"),
    )
    op.create_index("ix_likeness_analysis_finished_at", "likeness_analysis", ["finished_at"])
