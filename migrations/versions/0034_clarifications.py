"""Keep questions without their askers, clarifications with what they did to deadlines, and samples by number."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0034_clarifications"
down_revision = "0033_public_notices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clarification_question",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("tender_id", sa.String(length=64), nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("asker_tag", sa.String(length=64), nullable=False),
        sa.Column("collected_at", UTCDateTime(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tender_id"], ["tender_tender.id"], name="fk_clarification_question_tender_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_clarification_question"),
        sa.UniqueConstraint("reference", name="uq_clarification_question_reference"),
    )
    op.create_index("ix_clarification_question_tender_id", "clarification_question", ["tender_id"])
    op.create_index("ix_clarification_question_asker_tag", "clarification_question", ["asker_tag"])
    op.create_table(
        "clarification_clarification",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("tender_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("schedules", sa.JSON(), nullable=False),
        sa.Column("effects", sa.JSON(), nullable=False),
        sa.Column("prepared_by", sa.String(length=64), nullable=False),
        sa.Column("returned_for", sa.String(), nullable=True),
        sa.Column("released_by", sa.String(length=64), nullable=True),
        sa.Column("released_at", UTCDateTime(), nullable=True),
        sa.Column("paper_key", sa.String(length=200), nullable=True),
        sa.Column("paper_sha256", sa.String(length=64), nullable=True),
        sa.Column("paper_size", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tender_id"], ["tender_tender.id"], name="fk_clarification_clarification_tender_id"
        ),
        sa.ForeignKeyConstraint(
            ["prepared_by"], ["identity_user.id"], name="fk_clarification_clarification_prepared_by"
        ),
        sa.ForeignKeyConstraint(
            ["released_by"], ["identity_user.id"], name="fk_clarification_clarification_released_by"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_clarification_clarification"),
        sa.UniqueConstraint("tender_id", "number", name="uq_clarification_clarification_tender_id_number"),
    )
    op.create_index(
        "ix_clarification_clarification_released_at", "clarification_clarification", ["released_at"]
    )
    op.create_table(
        "clarification_sample",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("tender_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tender_id"], ["tender_tender.id"], name="fk_clarification_sample_tender_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_clarification_sample"),
        sa.UniqueConstraint("number", name="uq_clarification_sample_number"),
    )
    op.create_index("ix_clarification_sample_tender_id", "clarification_sample", ["tender_id"])
