"""Keep which members of a committee find its time too short."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0078_time_too_short"
down_revision = "0077_named_leaders"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody has said so yet."""
    op.create_table(
        "committee_time_short",
        sa.Column("lot_id", sa.String(64), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.Column("said_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lot_id", "seat"],
            ["committee_seat.lot_id", "committee_seat.number"],
            name="fk_committee_time_short_seat",
        ),
        sa.PrimaryKeyConstraint("lot_id", "seat", "ends_at", name="pk_committee_time_short"),
    )
