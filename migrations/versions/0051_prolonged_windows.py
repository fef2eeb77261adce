"""Windows of openings made longer by two people."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0051_prolonged_windows"
down_revision = "0050_experts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "opening_prolongation",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("opens", sa.String(length=32), nullable=False),
        sa.Column("window", sa.String(length=16), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("notice", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["opening_opening.lot_id"], name="fk_opening_prolongation_lot_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_opening_prolongation"),
    )
    op.create_index("ix_opening_prolongation_lot_id", "opening_prolongation", ["lot_id"])
