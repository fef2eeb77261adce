"""Keep refused attempts of a bidder, and members' consents to a fresh certificate."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0013_bid_traces"
down_revision = "0012_stages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bidding_attempt",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("owner_tag", sa.String(length=64), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["tender_lot.id"], name="fk_bidding_attempt_lot_id"),
        sa.PrimaryKeyConstraint("id", name="pk_bidding_attempt"),
    )
    op.create_index("ix_bidding_attempt_owner_tag", "bidding_attempt", ["owner_tag"], unique=False)
    op.create_table(
        "bidding_consent",
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("manifest_sha256", sa.String(length=64), nullable=False),
        sa.Column("member_tag", sa.String(length=64), nullable=False),
        sa.Column("owner_tag", sa.String(length=64), nullable=False),
        sa.Column("given_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["tender_lot.id"], name="fk_bidding_consent_lot_id"),
        sa.PrimaryKeyConstraint("lot_id", "manifest_sha256", "member_tag", name="pk_bidding_consent"),
    )
