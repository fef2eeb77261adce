"""Keep the suspensions of lots: what holds each, since when, until when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0031_suspensions"
down_revision = "0030_documents"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tender_hold",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("ref", sa.String(length=96), nullable=False),
        sa.Column("cause", sa.String(length=16), nullable=False),
        sa.Column("began_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("held_by", sa.String(length=64), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("released_by", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["lot_id"], ["tender_lot.id"], name="fk_tender_hold_lot_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tender_hold"),
        sa.UniqueConstraint("lot_id", "ref", name="uq_tender_hold_lot_id_ref"),
    )
    op.create_index("ix_tender_hold_ref", "tender_hold", ["ref"])
