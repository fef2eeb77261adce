"""What a deposit that is sent back late costs more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0075_late_fees"
down_revision = "0074_planned_ends_of_sessions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("guarantees_deposit", sa.Column("late_fee_fen", sa.BigInteger()))
