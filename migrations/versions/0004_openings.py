"""Create openings, evaluations and awards."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0004_openings"
down_revision = "0003_tenders"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "award_publicity",
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("published_by", sa.String(length=64), nullable=False),
        sa.Column("published_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["tender_lot.id"], name="fk_award_publicity_lot_id"),
        sa.ForeignKeyConstraint(
            ["published_by"], ["identity_user.id"], name="fk_award_publicity_published_by"
        ),
        sa.PrimaryKeyConstraint("lot_id", name="pk_award_publicity"),
    )
    op.create_table(
        "evaluation_evaluation",
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("appointed_by", sa.String(length=64), nullable=False),
        sa.Column("appointed_at", UTCDateTime(), nullable=False),
        sa.Column("completed_at", UTCDateTime(), nullable=True),
        sa.Column("report_key", sa.String(length=160), nullable=True),
        sa.Column("report_sha256", sa.String(length=64), nullable=True),
        sa.Column("benchmark_fen", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(
            ["appointed_by"], ["identity_user.id"], name="fk_evaluation_evaluation_appointed_by"
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["tender_lot.id"], name="fk_evaluation_evaluation_lot_id"),
        sa.PrimaryKeyConstraint("lot_id", name="pk_evaluation_evaluation"),
    )
    op.create_index(
        "ix_evaluation_evaluation_completed_at", "evaluation_evaluation", ["completed_at"], unique=False
    )
    op.create_table(
        "opening_opening",
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("closed_payload", sa.LargeBinary(), nullable=False),
        sa.Column("cp_size", sa.BigInteger(), nullable=False),
        sa.Column("bids_root", sa.String(length=64), nullable=False),
        sa.Column("eligible_count", sa.Integer(), nullable=False),
        sa.Column("closed_at", UTCDateTime(), nullable=False),
        sa.Column("seal_check_until", UTCDateTime(), nullable=False),
        sa.Column("release_until", UTCDateTime(), nullable=False),
        sa.Column("store_verified_at", UTCDateTime(), nullable=True),
        sa.Column("read_out_at", UTCDateTime(), nullable=True),
        sa.Column("advices_opened_at", UTCDateTime(), nullable=True),
        sa.Column("lease_until", UTCDateTime(), nullable=True),
        sa.Column("record_key", sa.String(length=160), nullable=True),
        sa.Column("record_sha256", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["lot_id"], ["tender_lot.id"], name="fk_opening_opening_lot_id"),
        sa.PrimaryKeyConstraint("lot_id", name="pk_opening_opening"),
    )
    op.create_index("ix_opening_opening_state", "opening_opening", ["state"], unique=False)
    op.create_table(
        "award_paper",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("store_key", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("published_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["award_publicity.lot_id"], name="fk_award_paper_lot_id"),
        sa.PrimaryKeyConstraint("id", name="pk_award_paper"),
        sa.UniqueConstraint("lot_id", "kind", name="uq_award_paper_lot_id_kind"),
    )
    op.create_index("ix_award_paper_published_at", "award_paper", ["published_at"], unique=False)
    op.create_table(
        "evaluation_member",
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("saved_at", UTCDateTime(), nullable=True),
        sa.Column("locked_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["evaluation_evaluation.lot_id"], name="fk_evaluation_member_lot_id"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], name="fk_evaluation_member_user_id"),
        sa.PrimaryKeyConstraint("lot_id", "user_id", name="pk_evaluation_member"),
        sa.UniqueConstraint("lot_id", "seat", name="uq_evaluation_member_lot_id_seat"),
    )
    op.create_table(
        "opening_gate_release",
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("opens", sa.String(length=32), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("released_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["opening_opening.lot_id"], name="fk_opening_gate_release_lot_id"
        ),
        sa.PrimaryKeyConstraint("lot_id", "opens", name="pk_opening_gate_release"),
    )
    op.create_table(
        "opening_seal_objection",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("org_id", sa.String(length=64), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=False),
        sa.Column("raised_at", UTCDateTime(), nullable=False),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("answer", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["opening_opening.lot_id"], name="fk_opening_seal_objection_lot_id"
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["identity_organisation.id"], name="fk_opening_seal_objection_org_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_opening_seal_objection"),
    )
    op.create_table(
        "opening_share_release",
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("custodian", sa.Integer(), nullable=False),
        sa.Column("opens", sa.String(length=32), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["opening_opening.lot_id"], name="fk_opening_share_release_lot_id"
        ),
        sa.PrimaryKeyConstraint("lot_id", "custodian", "opens", name="pk_opening_share_release"),
    )
    op.create_table(
        "opening_bid",
        sa.Column("bid_id", sa.String(length=64), nullable=False),
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("org_id", sa.String(length=64), nullable=False),
        sa.Column("manifest_sha256", sa.String(length=64), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=True),
        sa.Column("fault", sa.String(length=16), nullable=True),
        sa.Column("opened", sa.LargeBinary(), nullable=True),
        sa.Column("summary", sa.JSON(), nullable=True),
        sa.Column("payload_code", sa.String(length=32), nullable=True),
        sa.Column("payload_checked_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["bid_id"], ["bidding_bid.id"], name="fk_opening_bid_bid_id"),
        sa.ForeignKeyConstraint(["lot_id"], ["opening_opening.lot_id"], name="fk_opening_bid_lot_id"),
        sa.ForeignKeyConstraint(["org_id"], ["identity_organisation.id"], name="fk_opening_bid_org_id"),
        sa.PrimaryKeyConstraint("bid_id", name="pk_opening_bid"),
        sa.UniqueConstraint("lot_id", "number", name="uq_opening_bid_lot_id_number"),
    )
    op.create_table(
        "award_award",
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("bid_id", sa.String(length=64), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["bid_id"], ["opening_bid.bid_id"], name="fk_award_award_bid_id"),
        sa.ForeignKeyConstraint(["decided_by"], ["identity_user.id"], name="fk_award_award_decided_by"),
        sa.ForeignKeyConstraint(["lot_id"], ["award_publicity.lot_id"], name="fk_award_award_lot_id"),
        sa.PrimaryKeyConstraint("lot_id", name="pk_award_award"),
    )
    op.create_table(
        "award_candidate",
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("bid_id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("org_id", sa.String(length=64), nullable=False),
        sa.Column("bidder_name", sa.String(), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("duration_days", sa.Integer(), nullable=False),
        sa.Column("quality", sa.String(), nullable=False),
        sa.Column("manager", sa.String(), nullable=False),
        sa.Column("manager_certificate", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["bid_id"], ["opening_bid.bid_id"], name="fk_award_candidate_bid_id"),
        sa.ForeignKeyConstraint(["lot_id"], ["award_publicity.lot_id"], name="fk_award_candidate_lot_id"),
        sa.ForeignKeyConstraint(["org_id"], ["identity_organisation.id"], name="fk_award_candidate_org_id"),
        sa.PrimaryKeyConstraint("lot_id", "bid_id", name="pk_award_candidate"),
    )
    op.create_table(
        "evaluation_outcome",
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("bid_id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("invalid", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["bid_id"], ["opening_bid.bid_id"], name="fk_evaluation_outcome_bid_id"),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["evaluation_evaluation.lot_id"], name="fk_evaluation_outcome_lot_id"
        ),
        sa.PrimaryKeyConstraint("lot_id", "bid_id", name="pk_evaluation_outcome"),
    )
    op.create_table(
        "evaluation_points",
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("bid_id", sa.String(length=64), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("hundredths", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["bid_id"], ["opening_bid.bid_id"], name="fk_evaluation_points_bid_id"),
        sa.ForeignKeyConstraint(
            ["lot_id", "user_id"],
            ["evaluation_member.lot_id", "evaluation_member.user_id"],
            name="fk_evaluation_points_lot_id",
        ),
        sa.PrimaryKeyConstraint("lot_id", "user_id", "bid_id", "item_id", name="pk_evaluation_points"),
    )
    op.create_table(
        "opening_part_key",
        sa.Column("bid_id", sa.String(length=64), nullable=False),
        sa.Column("part", sa.String(length=64), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("published", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(["bid_id"], ["opening_bid.bid_id"], name="fk_opening_part_key_bid_id"),
        sa.PrimaryKeyConstraint("bid_id", "part", name="pk_opening_part_key"),
    )
