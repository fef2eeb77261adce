"""Create the opening hall: its history, attendance, objections to the opening, confirmations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.audit.models import append_only
from govcore.db import UTCDateTime

revision = "0006_opening_hall"
down_revision = "0005_supervision"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "opening_hall",
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["tender_lot.id"], name="fk_opening_hall_lot_id"),
        sa.PrimaryKeyConstraint("lot_id", name="pk_opening_hall"),
    )
    op.create_table(
        "opening_hall_event",
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["opening_hall.lot_id"], name="fk_opening_hall_event_lot_id"),
        sa.PrimaryKeyConstraint("lot_id", "seq", name="pk_opening_hall_event"),
    )
    op.create_table(
        "opening_attendance",
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("org_id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("capacity", sa.String(length=16), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["tender_lot.id"], name="fk_opening_attendance_lot_id"),
        sa.ForeignKeyConstraint(
            ["org_id"], ["identity_organisation.id"], name="fk_opening_attendance_org_id"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], name="fk_opening_attendance_user_id"),
        sa.PrimaryKeyConstraint("lot_id", "org_id", name="pk_opening_attendance"),
    )
    op.create_table(
        "opening_hall_objection",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("opens", sa.String(length=32), nullable=False),
        sa.Column("org_id", sa.String(length=64), nullable=False),
        sa.Column("raised_by", sa.String(length=64), nullable=False),
        sa.Column("raised_at", UTCDateTime(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("answered_by", sa.String(length=64), nullable=True),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("answer", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["opening_opening.lot_id"], name="fk_opening_hall_objection_lot_id"
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["identity_organisation.id"], name="fk_opening_hall_objection_org_id"
        ),
        sa.ForeignKeyConstraint(
            ["raised_by"], ["identity_user.id"], name="fk_opening_hall_objection_raised_by"
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["identity_user.id"], name="fk_opening_hall_objection_answered_by"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_opening_hall_objection"),
    )
    op.create_table(
        "opening_confirmation",
        sa.Column("bid_id", sa.String(length=64), nullable=False),
        sa.Column("opens", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["bid_id"], ["opening_bid.bid_id"], name="fk_opening_confirmation_bid_id"),
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], name="fk_opening_confirmation_user_id"),
        sa.PrimaryKeyConstraint("bid_id", "opens", name="pk_opening_confirmation"),
    )
    for statement in append_only(op.get_bind().dialect.name, "opening_hall_event"):
        op.get_bind().exec_driver_sql(statement)
