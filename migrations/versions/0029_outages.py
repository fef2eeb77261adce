"""Create probers, their signed reports, and their measurements in runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.audit.models import append_only
from govcore.db import UTCDateTime

revision = "0029_outages"
down_revision = "0028_sign_in"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outages_prober",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=False),
        sa.Column("heard_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_outages_prober"),
    )
    op.create_table(
        "outages_report",
        sa.Column("prober", sa.String(length=120), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("until", UTCDateTime(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["prober"], ["outages_prober.name"], name="fk_outages_report_prober"),
        sa.PrimaryKeyConstraint("prober", "seq", name="pk_outages_report"),
    )
    op.create_index("ix_outages_report_until", "outages_report", ["until"])
    op.create_table(
        "outages_run",
        sa.Column("prober", sa.String(length=120), nullable=False),
        sa.Column("surface", sa.String(length=16), nullable=False),
        sa.Column("first_at", UTCDateTime(), nullable=False),
        sa.Column("last_at", UTCDateTime(), nullable=False),
        sa.Column("up", sa.Boolean(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("every", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["prober"], ["outages_prober.name"], name="fk_outages_run_prober"),
        sa.PrimaryKeyConstraint("prober", "surface", "first_at", name="pk_outages_run"),
    )
    op.create_index("ix_outages_run_last_at", "outages_run", ["last_at"])
    for statement in append_only(op.get_bind().dialect.name, "outages_report"):
        op.get_bind().exec_driver_sql(statement)
