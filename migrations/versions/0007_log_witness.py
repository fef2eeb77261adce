"""Remember what each witness of the log last answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import BigId, UTCDateTime

revision = "0007_log_witness"
down_revision = "0006_opening_hall"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "log_witness",
        sa.Column("vkey", sa.String(), nullable=False),
        sa.Column("size", BigId, nullable=False),
        sa.Column("cosigned_at", UTCDateTime(), nullable=True),
        sa.Column("leased_until", UTCDateTime(), nullable=True),
        sa.Column("failing_since", UTCDateTime(), nullable=True),
        sa.Column("problem", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("vkey", name="pk_log_witness"),
    )
