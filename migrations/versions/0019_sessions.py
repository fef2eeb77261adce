"""Give sessions an id, devices, idle and absolute limits, and the time of the last proof.

What the old rows held is not enough to go on with: everybody signs in once more.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0019_sessions"
down_revision = "0018_revocation"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("identity_session")
    op.create_table(
        "identity_session",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("program", sa.String(length=80), nullable=False),
        sa.Column("network", sa.String(length=64), nullable=False),
        sa.Column("strong", sa.Boolean(), nullable=False),
        sa.Column("began_at", UTCDateTime(), nullable=False),
        sa.Column("proved_at", UTCDateTime(), nullable=False),
        sa.Column("seen_at", UTCDateTime(), nullable=False),
        sa.Column("idle_ends_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], name="fk_identity_session_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_identity_session"),
        sa.UniqueConstraint("token_sha256", name="uq_identity_session_token_sha256"),
    )
    op.create_index("ix_identity_session_user_id", "identity_session", ["user_id"], unique=False)
