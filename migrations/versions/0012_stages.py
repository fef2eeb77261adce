"""Stages of an opening: bidders' shares, judgements, progress, ciphertext handed in again, technical results."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0012_stages"
down_revision = "0011_custodian_keys"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _opening_columns()
    op.add_column("bidding_upload", sa.Column("replaces", sa.String(length=64), nullable=True))
    op.create_table(
        "opening_past_stage",
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("opens", sa.String(length=32), nullable=False),
        sa.Column("read_out_at", UTCDateTime(), nullable=False),
        sa.Column("record_key", sa.String(length=160), nullable=False),
        sa.Column("record_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["opening_opening.lot_id"], name="fk_opening_past_stage_lot_id"),
        sa.PrimaryKeyConstraint("lot_id", "opens", name="pk_opening_past_stage"),
    )
    op.create_table(
        "opening_bidder_share",
        sa.Column("bid_id", sa.String(length=64), nullable=False),
        sa.Column("part", sa.String(length=64), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["bid_id"], ["opening_bid.bid_id"], name="fk_opening_bidder_share_bid_id"),
        sa.PrimaryKeyConstraint("bid_id", "part", name="pk_opening_bidder_share"),
    )
    op.create_table(
        "opening_judgement",
        sa.Column("bid_id", sa.String(length=64), nullable=False),
        sa.Column("part", sa.String(length=64), nullable=False),
        sa.Column("holder", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=True),
        sa.Column("judged_by", sa.String(length=64), nullable=False),
        sa.Column("judged_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["bid_id"], ["opening_bid.bid_id"], name="fk_opening_judgement_bid_id"),
        sa.ForeignKeyConstraint(["judged_by"], ["identity_user.id"], name="fk_opening_judgement_judged_by"),
        sa.PrimaryKeyConstraint("bid_id", "part", "holder", name="pk_opening_judgement"),
    )
    op.create_table(
        "opening_part_progress",
        sa.Column("bid_id", sa.String(length=64), nullable=False),
        sa.Column("part", sa.String(length=64), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=True),
        sa.Column("checked_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["bid_id"], ["opening_bid.bid_id"], name="fk_opening_part_progress_bid_id"),
        sa.PrimaryKeyConstraint("bid_id", "part", name="pk_opening_part_progress"),
    )
    op.create_table(
        "evaluation_technical_result",
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("fixed_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["evaluation_evaluation.lot_id"], name="fk_evaluation_technical_result_lot_id"
        ),
        sa.PrimaryKeyConstraint("lot_id", name="pk_evaluation_technical_result"),
    )
    with op.batch_alter_table("evaluation_outcome") as table:
        table.alter_column("price_fen", existing_type=sa.BigInteger(), nullable=True)


def _opening_columns() -> None:
    """The default lets the release before this one go on inserting openings of one stage."""
    for column in (
        sa.Column("opens", sa.String(length=32), nullable=False, server_default="opening"),
        sa.Column("stage_payload", sa.LargeBinary(), nullable=True),
        sa.Column("bidder_until", UTCDateTime(), nullable=True),
        sa.Column("suspended_at", UTCDateTime(), nullable=True),
        sa.Column("outage_from", UTCDateTime(), nullable=True),
        sa.Column("outage_until", UTCDateTime(), nullable=True),
        sa.Column("damaged", sa.JSON(), nullable=True),
    ):
        op.add_column("opening_opening", column)
