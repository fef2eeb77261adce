"""Say of a project what the law asks: funds, thresholds, approvals, the agency's mandate; keep every version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0044_projects"
down_revision = "0043_archive"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("project_project") as table:
        table.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        table.add_column(sa.Column("mandatory", sa.Boolean(), nullable=False, server_default=sa.true()))
        table.add_column(sa.Column("state_funded", sa.Boolean(), nullable=False, server_default=sa.true()))
        table.add_column(sa.Column("terms", sa.JSON(), nullable=False, server_default="{}"))
    op.create_table(
        "project_version",
        sa.Column("project_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("regulator_id", sa.String(length=64), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("said_by", sa.String(length=64), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project_project.id"], name="fk_project_version_project_id"),
        sa.ForeignKeyConstraint(
            ["regulator_id"], ["identity_organisation.id"], name="fk_project_version_regulator_id"
        ),
        sa.ForeignKeyConstraint(["said_by"], ["identity_user.id"], name="fk_project_version_said_by"),
        sa.PrimaryKeyConstraint("project_id", "number", name="pk_project_version"),
    )
    op.create_table(
        "project_file",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("project_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("store_key", sa.String(length=160), nullable=False),
        sa.Column("filed_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project_project.id"], name="fk_project_file_project_id"),
        sa.PrimaryKeyConstraint("id", name="pk_project_file"),
    )
    op.create_index("ix_project_file_project_id", "project_file", ["project_id"])
    op.create_table(
        "project_supervision",
        sa.Column("category", sa.String(length=16), nullable=False),
        sa.Column("org_id", sa.String(length=64), nullable=False),
        sa.Column("set_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id"], ["identity_organisation.id"], name="fk_project_supervision_org_id"
        ),
        sa.PrimaryKeyConstraint("category", name="pk_project_supervision"),
    )
