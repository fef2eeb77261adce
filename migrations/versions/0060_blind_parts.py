"""Keep the code names under which blind parts are judged, and when they were revealed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0060_blind_parts"
down_revision = "0059_evaluation_bundles"
branch_labels = None
depends_on = None

ID = sa.String(length=64)


def upgrade() -> None:
    op.add_column("committee_committee", sa.Column("revealed_at", sa.DateTime(timezone=True)))
    op.create_table(
        "committee_blind_code",
        sa.Column("lot_id", ID, nullable=False),
        sa.Column("bid_id", ID, nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["tender_lot.id"], name="fk_committee_blind_code_lot_id"),
        sa.ForeignKeyConstraint(["bid_id"], ["opening_bid.bid_id"], name="fk_committee_blind_code_bid_id"),
        sa.PrimaryKeyConstraint("lot_id", "bid_id", name="pk_committee_blind_code"),
        sa.UniqueConstraint("lot_id", "code", name="uq_committee_blind_code_lot_id_code"),
    )
