"""Create projects, tenders and sealed bids."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0003_tenders"
down_revision = "0002_guarantees"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "project_project",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("category", sa.String(length=16), nullable=False),
        sa.Column("tenderer_id", sa.String(length=64), nullable=False),
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("regulator_id", sa.String(length=64), nullable=False),
        sa.Column("registered_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["identity_organisation.id"], name="fk_project_project_agency_id"
        ),
        sa.ForeignKeyConstraint(
            ["regulator_id"], ["identity_organisation.id"], name="fk_project_project_regulator_id"
        ),
        sa.ForeignKeyConstraint(
            ["tenderer_id"], ["identity_organisation.id"], name="fk_project_project_tenderer_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_project_project"),
        sa.UniqueConstraint("code", name="uq_project_project_code"),
    )
    op.create_table(
        "tender_tender",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("project_id", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("rule_set", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("drafted_by", sa.String(length=64), nullable=False),
        sa.Column("approved_by", sa.String(length=64), nullable=True),
        sa.Column("published_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["approved_by"], ["identity_user.id"], name="fk_tender_tender_approved_by"),
        sa.ForeignKeyConstraint(["drafted_by"], ["identity_user.id"], name="fk_tender_tender_drafted_by"),
        sa.ForeignKeyConstraint(["project_id"], ["project_project.id"], name="fk_tender_tender_project_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tender_tender"),
        sa.UniqueConstraint("code", name="uq_tender_tender_code"),
    )
    op.create_table(
        "tender_document",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("tender_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("store_key", sa.String(length=160), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["tender_id"], ["tender_tender.id"], name="fk_tender_document_tender_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tender_document"),
    )
    op.create_index("ix_tender_document_tender_id", "tender_document", ["tender_id"], unique=False)
    op.create_table(
        "tender_lot",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("tender_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("max_price_fen", sa.BigInteger(), nullable=False),
        sa.Column("deposit_fen", sa.BigInteger(), nullable=False),
        sa.Column("deadline_at", UTCDateTime(), nullable=True),
        sa.Column("opening_at", UTCDateTime(), nullable=True),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("key_manifest_sha256", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["tender_id"], ["tender_tender.id"], name="fk_tender_lot_tender_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tender_lot"),
        sa.UniqueConstraint("code", name="uq_tender_lot_code"),
    )
    op.create_index("ix_tender_lot_deadline_at", "tender_lot", ["deadline_at"], unique=False)
    op.create_index("ix_tender_lot_tender_id", "tender_lot", ["tender_id"], unique=False)
    op.create_table(
        "bidding_upload",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("owner_tag", sa.String(length=64), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("capsules", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["lot_id"], ["tender_lot.id"], name="fk_bidding_upload_lot_id"),
        sa.PrimaryKeyConstraint("id", name="pk_bidding_upload"),
    )
    op.create_table(
        "tender_custodian",
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("org_id", sa.String(length=64), nullable=False),
        sa.Column("cert_sha256", sa.String(length=64), nullable=True),
        sa.Column("recipients", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["cert_sha256"], ["identity_certificate.sha256"], name="fk_tender_custodian_cert_sha256"
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["tender_lot.id"], name="fk_tender_custodian_lot_id"),
        sa.ForeignKeyConstraint(["org_id"], ["identity_organisation.id"], name="fk_tender_custodian_org_id"),
        sa.PrimaryKeyConstraint("lot_id", "index", name="pk_tender_custodian"),
    )
    op.create_table(
        "tender_gate_key",
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("opens", sa.String(length=32), nullable=False),
        sa.Column("recipient", sa.String(length=80), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["lot_id"], ["tender_lot.id"], name="fk_tender_gate_key_lot_id"),
        sa.PrimaryKeyConstraint("lot_id", "opens", name="pk_tender_gate_key"),
    )
    op.create_table(
        "tender_key_manifest",
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("signatures", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["tender_lot.id"], name="fk_tender_key_manifest_lot_id"),
        sa.PrimaryKeyConstraint("lot_id", "round", name="pk_tender_key_manifest"),
    )
    op.create_table(
        "tender_schedule",
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("deadline_at", UTCDateTime(), nullable=False),
        sa.Column("opening_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["tender_lot.id"], name="fk_tender_schedule_lot_id"),
        sa.PrimaryKeyConstraint("lot_id", "n", name="pk_tender_schedule"),
    )
    op.create_table(
        "bidding_bid",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("bidder_tag", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("manifest_sha256", sa.String(length=64), nullable=False),
        sa.Column("idempotency_tag", sa.String(length=64), nullable=False),
        sa.Column("upload_id", sa.String(length=64), nullable=True),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("leaf", sa.String(length=64), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["tender_lot.id"], name="fk_bidding_bid_lot_id"),
        sa.ForeignKeyConstraint(["upload_id"], ["bidding_upload.id"], name="fk_bidding_bid_upload_id"),
        sa.PrimaryKeyConstraint("id", name="pk_bidding_bid"),
        sa.UniqueConstraint("idempotency_tag", name="uq_bidding_bid_idempotency_tag"),
        sa.UniqueConstraint(
            "lot_id", "round", "bidder_tag", "seq", name="uq_bidding_bid_lot_id_bidder_tag_seq"
        ),
    )
    op.create_table(
        "bidding_upload_part",
        sa.Column("upload_id", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["bidding_upload.id"], name="fk_bidding_upload_part_upload_id"
        ),
        sa.PrimaryKeyConstraint("upload_id", "sha256", name="pk_bidding_upload_part"),
    )
