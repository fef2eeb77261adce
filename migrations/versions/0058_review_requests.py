"""Keep what committees ask of bidders, the answers, and the policies and adjustments of bids."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0058_review_requests"
down_revision = "0057_committee_draws"
branch_labels = None
depends_on = None

_ID = sa.String(length=64)


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}")


def upgrade() -> None:
    name = "review_request"
    op.create_table(
        name,
        sa.Column("id", _ID, nullable=False),
        sa.Column("lot_id", _ID, nullable=False),
        sa.Column("bid_id", _ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=True),
        sa.Column("asked_by", _ID, nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("window", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("answered_by", _ID, nullable=True),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        _key(name, "lot_id", "tender_lot.id"),
        _key(name, "bid_id", "opening_bid.bid_id"),
        _key(name, "asked_by", "identity_user.id"),
        _key(name, "answered_by", "identity_user.id"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
    )
    op.create_index("ix_review_request_lot_id", name, ["lot_id"], unique=False)
    name = "review_answer_file"
    op.create_table(
        name,
        sa.Column("request_id", _ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sha256", _ID, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("store_key", sa.String(length=160), nullable=False),
        _key(name, "request_id", "review_request.id"),
        sa.PrimaryKeyConstraint("request_id", "number", name=f"pk_{name}"),
    )
    name = "review_grant"
    op.create_table(
        name,
        sa.Column("lot_id", _ID, nullable=False),
        sa.Column("bid_id", _ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("item", _ID, nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("by", _ID, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        _key(name, "lot_id", "tender_lot.id"),
        _key(name, "bid_id", "opening_bid.bid_id"),
        _key(name, "by", "identity_user.id"),
        sa.PrimaryKeyConstraint("lot_id", "bid_id", "kind", "item", name=f"pk_{name}"),
    )
