"""Keep the tenderer's sealed base price of a lot."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0085_base_prices"
down_revision = "0084_signed_releases"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "opening_base_price",
        sa.Column("lot_id", sa.String(64), sa.ForeignKey("tender_lot.id"), primary_key=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_sha256", sa.String(64), nullable=False),
        sa.Column("sealed_at", UTCDateTime(), nullable=False),
        sa.Column("sealed_by", sa.String(64), sa.ForeignKey("identity_user.id"), nullable=False),
        sa.Column("fen", sa.BigInteger()),
        sa.Column("read_out_at", UTCDateTime()),
    )
