"""Know the pieces of an upload, and when it was given up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0008_resumable_uploads"
down_revision = "0007_log_witness"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("bidding_upload", sa.Column("parts", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("bidding_upload", sa.Column("discarded_at", UTCDateTime(), nullable=True))
    op.add_column("bidding_upload", sa.Column("cleared_at", UTCDateTime(), nullable=True))
    op.create_index("ix_bidding_upload_owner_tag", "bidding_upload", ["owner_tag"], unique=False)
    op.add_column("bidding_upload_part", sa.Column("completed_at", UTCDateTime(), nullable=True))
    op.create_table(
        "bidding_upload_piece",
        sa.Column("upload_id", sa.String(length=64), nullable=False),
        sa.Column("part_sha256", sa.String(length=64), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["bidding_upload.id"], name="fk_bidding_upload_piece_upload_id"
        ),
        sa.PrimaryKeyConstraint("upload_id", "part_sha256", "n", name="pk_bidding_upload_piece"),
    )
