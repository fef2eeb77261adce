"""Keep the rotations of the key-encryption key that two administrators ordered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0066_upkeep_orders"
down_revision = "0065_mock_openings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    name = "upkeep_rotation"
    op.create_table(
        name,
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("leaves", sa.String(length=200), nullable=False),
        sa.Column("proposed_by", sa.String(length=64), nullable=False),
        sa.Column("confirmed_by", sa.String(length=64), nullable=False),
        sa.Column("ordered_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.Column("begun_at", UTCDateTime(), nullable=True),
        sa.Column("done_at", UTCDateTime(), nullable=True),
        sa.Column("newest", sa.String(length=200), nullable=True),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["proposed_by"], ["identity_user.id"], name=f"fk_{name}_proposed_by"),
        sa.ForeignKeyConstraint(["confirmed_by"], ["identity_user.id"], name=f"fk_{name}_confirmed_by"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
    )
