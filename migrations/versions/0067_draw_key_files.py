"""Keep custodians' locked files of their keys for draws, as those of their one-time keys are kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0067_draw_key_files"
down_revision = "0066_upkeep_orders"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Keys given before lie with their custodians alone."""
    for table in ("draws_escrow_key", "draws_escrow"):
        op.add_column(table, sa.Column("locked", sa.LargeBinary(), nullable=True))
