"""Keep the consortium of an opened bid, what was found about its parties, and who was prequalified together."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0049_consortia"
down_revision = "0048_request_numbers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bids of before have no consortium."""
    with op.batch_alter_table("opening_bid") as table:
        table.add_column(sa.Column("consortium", sa.JSON()))
        table.add_column(sa.Column("findings", sa.JSON()))
    with op.batch_alter_table("tender_admitted") as table:
        table.add_column(sa.Column("members", sa.JSON()))
