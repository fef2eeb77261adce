"""Keep loaded holiday notices, and what a hearing's end was reckoned from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0036_calendar_notices"
down_revision = "0035_challenge"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_notice",
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("loaded_by", sa.String(length=64), nullable=False),
        sa.Column("loaded_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["loaded_by"], ["identity_user.id"], name="fk_calendar_notice_loaded_by"),
        sa.PrimaryKeyConstraint("n", name="pk_calendar_notice"),
    )
    op.add_column("supervision_misconduct", sa.Column("reckoning", sa.JSON(), nullable=True))
