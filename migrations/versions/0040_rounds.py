"""Let a tender have rounds, say who may bid in each and what was overridden, settle lots that were given up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0040_rounds"
down_revision = "0039_award_sequence"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("tender_tender") as table:
        table.add_column(sa.Column("round", sa.Integer(), nullable=False, server_default="1"))
        table.add_column(sa.Column("previous_id", sa.String(length=64), nullable=True))
        table.add_column(sa.Column("method", sa.String(length=16), nullable=False, server_default="open"))
        table.drop_constraint("uq_tender_tender_code", type_="unique")
        table.create_unique_constraint("uq_tender_tender_code_round", ["code", "round"])
        table.create_foreign_key("fk_tender_tender_previous_id", "tender_tender", ["previous_id"], ["id"])
    op.create_index("ix_tender_tender_previous_id", "tender_tender", ["previous_id"])
    with op.batch_alter_table("tender_lot") as table:
        table.add_column(sa.Column("previous_id", sa.String(length=64), nullable=True))
        table.add_column(sa.Column("ended_at", UTCDateTime(), nullable=True))
        table.drop_constraint("uq_tender_lot_code", type_="unique")
        table.create_unique_constraint("uq_tender_lot_code_round", ["code", "round"])
        table.create_unique_constraint("uq_tender_lot_previous_id", ["previous_id"])
        table.create_foreign_key("fk_tender_lot_previous_id", "tender_lot", ["previous_id"], ["id"])
    op.create_table(
        "tender_admitted",
        sa.Column("tender_id", sa.String(length=64), nullable=False),
        sa.Column("org_id", sa.String(length=64), nullable=False),
        sa.Column("admitted_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["identity_organisation.id"], name="fk_tender_admitted_org_id"),
        sa.ForeignKeyConstraint(["tender_id"], ["tender_tender.id"], name="fk_tender_admitted_tender_id"),
        sa.PrimaryKeyConstraint("tender_id", "org_id", name="pk_tender_admitted"),
    )
    op.create_table(
        "tender_override",
        sa.Column("tender_id", sa.String(length=64), nullable=False),
        sa.Column("rule", sa.String(length=16), nullable=False),
        sa.Column("notice", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["tender_id"], ["tender_tender.id"], name="fk_tender_override_tender_id"),
        sa.PrimaryKeyConstraint("tender_id", "rule", name="pk_tender_override"),
    )
    op.add_column("tender_hold", sa.Column("notice", sa.String(), nullable=False, server_default=""))
    op.create_table(
        "opening_given_up",
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("settled_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["tender_lot.id"], name="fk_opening_given_up_lot_id"),
        sa.PrimaryKeyConstraint("lot_id", name="pk_opening_given_up"),
    )
