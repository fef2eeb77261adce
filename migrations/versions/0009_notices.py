"""Create topics that people follow, the notices to all who do, and their deliveries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0009_notices"
down_revision = "0008_resumable_uploads"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notify_contact",
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], name="fk_notify_contact_user_id"),
        sa.PrimaryKeyConstraint("user_id", name="pk_notify_contact"),
    )
    op.create_table(
        "notify_follow",
        sa.Column("user_tag", sa.String(length=64), nullable=False),
        sa.Column("topic", sa.String(length=96), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("read_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("user_tag", "topic", name="pk_notify_follow"),
    )
    op.create_table(
        "notify_notice",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("topic", sa.String(length=96), nullable=False),
        sa.Column("about", sa.String(length=96), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("href", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("fanned_out_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_notify_notice"),
        sa.UniqueConstraint("topic", "about", name="uq_notify_notice_topic_about"),
    )
    op.create_index("ix_notify_notice_fanned_out_at", "notify_notice", ["fanned_out_at"])
    op.create_table(
        "notify_delivery",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("notice_id", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("user_tag", sa.String(length=64), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("settled_at", UTCDateTime(), nullable=True),
        sa.Column("detail", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["notice_id"], ["notify_notice.id"], name="fk_notify_delivery_notice_id"),
        sa.PrimaryKeyConstraint("id", name="pk_notify_delivery"),
        sa.UniqueConstraint("notice_id", "channel", "user_tag", name="uq_notify_delivery_notice_id"),
    )
    op.create_index("ix_notify_delivery_state_due_at", "notify_delivery", ["state", "due_at"])
