"""Opened bids and cases in packages, and disposal after the years of keeping."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0070_archives_disposed"
down_revision = "0069_screened_members"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("archive_file", sa.Column("wrapped", sa.LargeBinary()))
    op.add_column("archive_file", sa.Column("taken", sa.String(length=200)))
    op.create_table(
        "archive_disposal",
        sa.Column("tender_id", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("kept_until", UTCDateTime(), nullable=False),
        sa.Column("disposed_by", sa.String(length=64), nullable=False),
        sa.Column("disposed_second", sa.String(length=64), nullable=False),
        sa.Column("disposed_at", UTCDateTime(), nullable=False),
        sa.Column("cleared_at", UTCDateTime()),
        sa.ForeignKeyConstraint(["tender_id"], ["tender_tender.id"], name="fk_archive_disposal_tender_id"),
        sa.ForeignKeyConstraint(
            ["disposed_by"], ["identity_user.id"], name="fk_archive_disposal_disposed_by"
        ),
        sa.ForeignKeyConstraint(
            ["disposed_second"], ["identity_user.id"], name="fk_archive_disposal_disposed_second"
        ),
        sa.PrimaryKeyConstraint("tender_id", name="pk_archive_disposal"),
    )
