"""Competitive consultations: the talk with each supplier, who left, and how they ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0071_consultations"
down_revision = "0070_archives_disposed"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _of_bids("consultation_talk", text="notes", by="noted_by", at="noted_at")
    _of_bids("consultation_departure", text="reason", by="left_by", at="left_at")
    name = "consultation_ending"
    op.create_table(
        name,
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("ended_by", sa.String(length=64), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=False),
        *_foreign(name, lot_id="tender_lot.id", ended_by="identity_user.id"),
        sa.PrimaryKeyConstraint("lot_id", name=f"pk_{name}"),
    )


def _of_bids(name: str, *, text: str, by: str, at: str) -> None:
    op.create_table(
        name,
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("bid_id", sa.String(length=64), nullable=False),
        sa.Column(text, sa.Text(), nullable=False),
        sa.Column(by, sa.String(length=64), nullable=False),
        sa.Column(at, UTCDateTime(), nullable=False),
        *_foreign(name, lot_id="tender_lot.id", bid_id="opening_bid.bid_id", **{by: "identity_user.id"}),
        sa.PrimaryKeyConstraint("lot_id", "bid_id", name=f"pk_{name}"),
    )


def _foreign(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [other], name=f"fk_{table}_{column}")
        for column, other in columns.items()
    ]
