"""Create what notices still need, their way to the media, and the comparisons with these."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0037_notice_media"
down_revision = "0036_calendar_notices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notices_unfinished",
        sa.Column("notice_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notices_notice.id"], name="fk_notices_unfinished_notice_id"),
        sa.PrimaryKeyConstraint("notice_id", name="pk_notices_unfinished"),
    )
    op.create_table(
        "notices_dispatch",
        sa.Column("notice_id", sa.String(length=64), nullable=False),
        sa.Column("medium", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("sent_at", UTCDateTime(), nullable=True),
        sa.Column("settled_at", UTCDateTime(), nullable=True),
        sa.Column("receipt", sa.String(length=200), nullable=True),
        sa.Column("detail", sa.String(), nullable=True),
        sa.Column("said", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["notice_id"], ["notices_notice.id"], name="fk_notices_dispatch_notice_id"),
        sa.PrimaryKeyConstraint("notice_id", "medium", name="pk_notices_dispatch"),
    )
    op.create_index("ix_notices_dispatch_state", "notices_dispatch", ["state", "due_at"])
    op.create_table(
        "notices_reconciliation",
        sa.Column("medium", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("compared_at", UTCDateTime(), nullable=False),
        sa.Column("ours", sa.Integer(), nullable=False),
        sa.Column("differences", sa.JSON(), nullable=False),
        sa.Column("fault", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("medium", "day", name="pk_notices_reconciliation"),
    )
    op.execute(
        "INSERT INTO notices_unfinished (notice_id) SELECT id FROM notices_notice"
        " WHERE id NOT IN (SELECT notice_id FROM notices_paper)"
    )
