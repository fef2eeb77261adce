"""Let a committee's needs say that the tenderer names its leader."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0077_named_leaders"
down_revision = "0076_clues_sealed"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The leaders of all committees so far were elected."""
    op.add_column(
        "committee_requirement",
        sa.Column("names_leader", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
