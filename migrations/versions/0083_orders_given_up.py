"""How often workers tried an ordered check or analysis: what ends all of them is given up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0083_orders_given_up"
down_revision = "0082_members_signatures"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The default stays, for the release before this one still orders without the column."""
    for table in ("billcheck_check", "likeness_analysis"):
        op.add_column(table, sa.Column("tries", sa.Integer(), server_default="0", nullable=False))
