"""Clues sealed to a department's own key, found again by their sender's code, and answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0076_clues_sealed"
down_revision = "0075_late_fees"
branch_labels = None
depends_on = None

_ID = sa.String(length=64)


def upgrade() -> None:
    op.create_table(
        "objection_clue_key",
        sa.Column("id", _ID, nullable=False),
        sa.Column("org_id", _ID, nullable=False),
        sa.Column("recipient", sa.String(length=80), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_by", _ID, nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id"], ["identity_organisation.id"], name="fk_objection_clue_key_org_id"
        ),
        sa.ForeignKeyConstraint(["made_by"], ["identity_user.id"], name="fk_objection_clue_key_made_by"),
        sa.PrimaryKeyConstraint("id", name="pk_objection_clue_key"),
    )
    op.create_index("ix_objection_clue_key_org_id", "objection_clue_key", ["org_id"], unique=False)
    with op.batch_alter_table("objection_clue") as table:
        table.add_column(sa.Column("key_id", _ID))
        table.add_column(sa.Column("code_tag", _ID))
        table.add_column(sa.Column("recipient", sa.String(length=80)))
        table.create_foreign_key("fk_objection_clue_key_id", "objection_clue_key", ["key_id"], ["id"])
        table.create_unique_constraint("uq_objection_clue_code_tag", ["code_tag"])
    op.create_table(
        "objection_clue_line",
        sa.Column("id", _ID, nullable=False),
        sa.Column("clue_id", _ID, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("key_id", _ID),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["clue_id"], ["objection_clue.id"], name="fk_objection_clue_line_clue_id"),
        sa.ForeignKeyConstraint(["key_id"], ["objection_clue_key.id"], name="fk_objection_clue_line_key_id"),
        sa.PrimaryKeyConstraint("id", name="pk_objection_clue_line"),
        sa.UniqueConstraint("clue_id", "seq", name="uq_objection_clue_line_clue_id_seq"),
    )
