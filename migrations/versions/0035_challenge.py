"""Keep objections, challenges and complaints: cases, what was said, evidence, orders, pauses, clues."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0035_challenge"
down_revision = "0034_clarifications"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "objection_case",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("tender_id", sa.String(length=64), nullable=False),
        sa.Column("about_id", sa.String(length=64), nullable=True),
        sa.Column("regulator_id", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("filer_tag", sa.String(length=64), nullable=False),
        sa.Column("ground", sa.String(length=16), nullable=False),
        sa.Column("on_paper", sa.Boolean(), nullable=False),
        sa.Column("known_at", UTCDateTime(), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("complete_at", UTCDateTime(), nullable=False),
        sa.Column("affects_result", sa.Boolean(), nullable=False),
        sa.Column("accepted_at", UTCDateTime(), nullable=True),
        sa.Column("settled_at", UTCDateTime(), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("overtaken", sa.JSON(), nullable=False),
        sa.Column("public_text", sa.String(), nullable=True),
        sa.Column("receipt", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["tender_id"], ["tender_tender.id"], name="fk_objection_case_tender_id"),
        sa.ForeignKeyConstraint(["about_id"], ["objection_case.id"], name="fk_objection_case_about_id"),
        sa.ForeignKeyConstraint(
            ["regulator_id"], ["identity_organisation.id"], name="fk_objection_case_regulator_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_objection_case"),
        sa.UniqueConstraint("number", name="uq_objection_case_number"),
    )
    op.create_index("ix_objection_case_filer_tag", "objection_case", ["filer_tag"])
    op.create_index("ix_objection_case_regulator_id", "objection_case", ["regulator_id"])
    op.create_index("ix_objection_case_tender_id", "objection_case", ["tender_id"])
    op.create_table(
        "objection_clue",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("tender_id", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("read_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["tender_id"], ["tender_tender.id"], name="fk_objection_clue_tender_id"),
        sa.PrimaryKeyConstraint("id", name="pk_objection_clue"),
    )
    op.create_index("ix_objection_clue_tender_id", "objection_clue", ["tender_id"])
    op.create_table(
        "objection_case_lot",
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["objection_case.id"], name="fk_objection_case_lot_case_id"),
        sa.ForeignKeyConstraint(["lot_id"], ["tender_lot.id"], name="fk_objection_case_lot_lot_id"),
        sa.PrimaryKeyConstraint("case_id", "lot_id", name="pk_objection_case_lot"),
    )
    op.create_index("ix_objection_case_lot_lot_id", "objection_case_lot", ["lot_id"])
    op.create_table(
        "objection_entry",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("said", sa.String(length=24), nullable=False),
        sa.Column("side", sa.String(length=16), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("leaf", sa.String(length=64), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["objection_case.id"], name="fk_objection_entry_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_objection_entry"),
        sa.UniqueConstraint("case_id", "seq", name="uq_objection_entry_case_id_seq"),
    )
    op.create_table(
        "objection_order",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("ordered_by", sa.String(length=64), nullable=False),
        sa.Column("ordered_at", UTCDateTime(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("capped_at", UTCDateTime(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["objection_case.id"], name="fk_objection_order_case_id"),
        sa.ForeignKeyConstraint(["ordered_by"], ["identity_user.id"], name="fk_objection_order_ordered_by"),
        sa.PrimaryKeyConstraint("id", name="pk_objection_order"),
    )
    op.create_index("ix_objection_order_case_id", "objection_order", ["case_id"])
    op.create_table(
        "objection_pause",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("began_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["objection_case.id"], name="fk_objection_pause_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_objection_pause"),
    )
    op.create_index("ix_objection_pause_case_id", "objection_pause", ["case_id"])
    op.create_table(
        "objection_evidence",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("entry_id", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("store_key", sa.String(length=160), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["objection_entry.id"], name="fk_objection_evidence_entry_id"),
        sa.PrimaryKeyConstraint("id", name="pk_objection_evidence"),
    )
    op.create_index("ix_objection_evidence_entry_id", "objection_evidence", ["entry_id"])
