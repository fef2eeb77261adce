"""What was seen in the files of opened bids before anybody is shown them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0081_files_looked_at"
down_revision = "0080_likeness"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Files that were opened before are looked at when somebody reads them next."""
    op.create_table(
        "opening_looked_at",
        sa.Column("bid_id", sa.String(length=64), nullable=False),
        sa.Column("part", sa.String(length=64), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("remarks", sa.JSON(), nullable=False),
        sa.Column("found", sa.String()),
        sa.Column("scanned_at", UTCDateTime()),
        sa.Column("shown_at", UTCDateTime()),
        sa.ForeignKeyConstraint(["bid_id"], ["opening_bid.bid_id"], name="fk_opening_looked_at_bid_id"),
        sa.PrimaryKeyConstraint("bid_id", "part", "n", name="pk_opening_looked_at"),
    )
