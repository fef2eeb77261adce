"""Roles as data: what differs from the modules' defaults, added roles, and from when until when one is held."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027_roles"
down_revision = "0026_federation"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("identity_user_role", sa.Column("since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("identity_user_role", sa.Column("until", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "grant_role",
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("zh", sa.String(), nullable=False),
        sa.Column("en", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_grant_role"),
    )
    op.create_table(
        "grant_given",
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("permission", sa.String(length=64), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("role", "permission", name="pk_grant_given"),
    )
    op.create_table(
        "grant_version",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_grant_version"),
    )
    op.create_table(
        "authority_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.String(length=64), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=True),
        sa.Column("permission", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["identity_user.id"], name="fk_authority_change_by_id"),
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], name="fk_authority_change_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_authority_change"),
    )
    op.create_index("ix_authority_change_role", "authority_change", ["role"], unique=False)
    op.create_index("ix_authority_change_user_id", "authority_change", ["user_id"], unique=False)
