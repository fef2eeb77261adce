"""Keep what the host of an opening decided about faults that nobody could name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0042_attributions"
down_revision = "0041_contracts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "opening_attribution",
        sa.Column("bid_id", sa.String(length=64), nullable=False),
        sa.Column("fault", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["bid_id"], ["opening_bid.bid_id"], name="fk_opening_attribution_bid_id"),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["identity_user.id"], name="fk_opening_attribution_decided_by"
        ),
        sa.PrimaryKeyConstraint("bid_id", name="pk_opening_attribution"),
    )
