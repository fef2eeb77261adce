"""Let a lot be awarded by the evaluated price, and keep which bids a result recommends."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0064_lowest_price_awards"
down_revision = "0063_bill_checks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of the results so far the first three ranked bids were the candidates, and all were ranked by points."""
    op.add_column("evaluation_outcome", sa.Column("evaluated_fen", sa.BigInteger(), nullable=True))
    op.add_column(
        "evaluation_outcome",
        sa.Column("candidate", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    outcome = sa.table(
        "evaluation_outcome",
        sa.column("candidate", sa.Boolean),
        sa.column("rank", sa.Integer),
        sa.column("position", sa.Integer),
    )
    first = outcome.c.rank.is_not(None), outcome.c.position <= 3
    op.execute(outcome.update().where(*first).values(candidate=True))
    with op.batch_alter_table("award_candidate") as table:
        table.add_column(sa.Column("evaluated_fen", sa.BigInteger(), nullable=True))
        table.alter_column("total", existing_type=sa.Integer(), nullable=True)
