"""Debarments that supervising departments decided."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0055_debarments"
down_revision = "0054_validity"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "debarment_debarment",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("conduct", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("authority_id", sa.String(length=64), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("lifted_on", sa.Date()),
        sa.Column("lift_reason", sa.String()),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["identity_organisation.id"], name="fk_debarment_debarment_authority_id"
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["identity_user.id"], name="fk_debarment_debarment_recorded_by"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_debarment_debarment"),
    )
    op.create_index("ix_debarment_debarment_uscc", "debarment_debarment", ["uscc"])
