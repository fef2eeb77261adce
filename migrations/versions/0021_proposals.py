"""Acts of two people: what was proposed, and who confirmed or declined it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021_proposals"
down_revision = "0020_seals"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "authority_proposal",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("act", sa.String(length=64), nullable=False),
        sa.Column("object_id", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("proposed_by", sa.String(length=64), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["identity_user.id"], name="fk_authority_proposal_decided_by"
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["identity_user.id"], name="fk_authority_proposal_proposed_by"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_authority_proposal"),
    )
    op.create_index("ix_authority_proposal_state", "authority_proposal", ["state"], unique=False)
    op.create_index("ix_authority_proposal_proposed_by", "authority_proposal", ["proposed_by"], unique=False)
