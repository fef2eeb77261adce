"""Mock openings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0065_mock_openings"
down_revision = "0064_lowest_price_awards"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mock_opening",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("key_manifest", sa.LargeBinary()),
        sa.Column("closed_event", sa.LargeBinary()),
        sa.Column("authority", sa.LargeBinary()),
        sa.Column("sealed_at", UTCDateTime()),
        sa.Column("read_out", sa.JSON()),
        sa.Column("read_out_at", UTCDateTime()),
        sa.ForeignKeyConstraint(["lot_id"], ["tender_lot.id"], name="fk_mock_opening_lot_id"),
        sa.ForeignKeyConstraint(["made_by"], ["identity_user.id"], name="fk_mock_opening_made_by"),
        sa.PrimaryKeyConstraint("id", name="pk_mock_opening"),
        sa.UniqueConstraint("lot_id", name="uq_mock_opening_lot_id"),
    )
    op.create_table(
        "mock_seat",
        sa.Column("mock_id", sa.String(length=64), nullable=False),
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("org_id", sa.String(length=64), nullable=False),
        sa.Column("cert_sha256", sa.String(length=64)),
        sa.Column("recipient", sa.String(length=80)),
        sa.Column("blob", sa.LargeBinary()),
        sa.Column("release", sa.LargeBinary()),
        sa.Column("released_at", UTCDateTime()),
        sa.ForeignKeyConstraint(["mock_id"], ["mock_opening.id"], name="fk_mock_seat_mock_id"),
        sa.ForeignKeyConstraint(["org_id"], ["identity_organisation.id"], name="fk_mock_seat_org_id"),
        sa.PrimaryKeyConstraint("mock_id", "index", name="pk_mock_seat"),
    )
    op.create_table(
        "mock_bid",
        sa.Column("mock_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("capsules", sa.JSON(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["mock_id"], ["mock_opening.id"], name="fk_mock_bid_mock_id"),
        sa.PrimaryKeyConstraint("mock_id", "number", name="pk_mock_bid"),
    )
