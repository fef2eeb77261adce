"""Extend the validity of bids: offers, answers, and the bids that are bound no longer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0054_validity"
down_revision = "0053_score_sheets"
branch_labels = None
depends_on = None

_TIME = UTCDateTime()


def upgrade() -> None:
    """Nothing was extended before."""
    op.create_table(
        "validity_offer",
        sa.Column("id", sa.String(length=64), primary_key=True),
        sa.Column("lot_id", sa.String(length=64), sa.ForeignKey("tender_lot.id"), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("until", _TIME, nullable=False),
        sa.Column("answer_by", _TIME, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("offered_by", sa.String(length=64), sa.ForeignKey("identity_user.id"), nullable=False),
        sa.Column("offered_at", _TIME, nullable=False),
        sa.UniqueConstraint("lot_id", "n", name="uq_validity_offer_lot_id_n"),
    )
    op.create_table(
        "validity_answer",
        sa.Column("offer_id", sa.String(length=64), sa.ForeignKey("validity_offer.id"), primary_key=True),
        sa.Column("bid_id", sa.String(length=64), sa.ForeignKey("opening_bid.bid_id"), primary_key=True),
        sa.Column("said", sa.String(length=16), nullable=False),
        sa.Column("answered_by", sa.String(length=64), sa.ForeignKey("identity_user.id"), nullable=False),
        sa.Column("answered_at", _TIME, nullable=False),
    )
    op.create_table(
        "validity_lapse",
        sa.Column("bid_id", sa.String(length=64), sa.ForeignKey("opening_bid.bid_id"), primary_key=True),
        sa.Column("lot_id", sa.String(length=64), sa.ForeignKey("tender_lot.id"), nullable=False, index=True),
        sa.Column("refused", sa.Boolean(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
    )
