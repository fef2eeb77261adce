"""Evaluate again and keep the candidates before, let members sign the report."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.audit.models import append_only
from govcore.db import UTCDateTime

revision = "0062_evaluated_again"
down_revision = "0061_venue"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Every round so far was the first of its lot."""
    op.add_column(
        "evaluation_round", sa.Column("resumes", sa.String(length=16), nullable=False, server_default="")
    )
    name = "award_past_publicity"
    op.create_table(
        name,
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("published_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=True),
        sa.Column("candidates", sa.JSON(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["tender_lot.id"], name=f"fk_{name}_lot_id"),
        sa.PrimaryKeyConstraint("lot_id", "n", name=f"pk_{name}"),
    )
    name = "evaluation_signature"
    op.create_table(
        name,
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("dissent", sa.String(), nullable=False),
        sa.Column("signed_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lot_id", "number"],
            ["evaluation_round.lot_id", "evaluation_round.number"],
            name=f"fk_{name}_round",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], name=f"fk_{name}_user_id"),
        sa.PrimaryKeyConstraint("lot_id", "number", "user_id", name=f"pk_{name}"),
    )
    for statement in append_only(op.get_bind().dialect.name, name):
        op.get_bind().exec_driver_sql(statement)
