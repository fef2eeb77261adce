"""Register bidders without a credit code: natural persons under a number, foreign firms by their own register's."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0046_identifier_kinds"
down_revision = "0045_prequalification"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Everybody who is registered has a credit code."""
    for name in ("identity_organisation", "organisations_claim"):
        with op.batch_alter_table(name) as table:
            _widen(table)
            table.add_column(
                sa.Column("id_kind", sa.String(length=16), nullable=False, server_default="credit_code")
            )
            table.add_column(sa.Column("id_tag", sa.String(length=64)))
            if name == "identity_organisation":
                table.create_unique_constraint("uq_identity_organisation_id_tag", ["id_tag"])
    op.create_index("ix_organisations_claim_id_tag", "organisations_claim", ["id_tag"])
    with op.batch_alter_table("award_candidate") as table:
        _widen(table)


def _widen(table: BatchOperations) -> None:
    table.alter_column(
        "uscc", existing_type=sa.String(length=18), type_=sa.String(length=48), existing_nullable=False
    )
