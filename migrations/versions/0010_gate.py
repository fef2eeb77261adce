"""Give the time gate tables of its own, and move its keys there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import BigId, UTCDateTime

revision = "0010_gate"
down_revision = "0009_notices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gate_scope",
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("opens", sa.String(length=32), nullable=False),
        sa.Column("tender_id", sa.String(length=64), nullable=False),
        sa.Column("recipient", sa.String(length=80), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("released", sa.LargeBinary(), nullable=True),
        sa.Column("released_at", UTCDateTime(), nullable=True),
        sa.Column("destroyed_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("lot_id", "round", "opens", name="pk_gate_scope"),
    )
    op.create_table(
        "gate_log",
        sa.Column("origin", sa.String(length=200), nullable=False),
        sa.Column("size", BigId, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("origin", name="pk_gate_log"),
    )
    op.create_table(
        "gate_fact",
        sa.Column("origin", sa.String(length=200), nullable=False),
        sa.Column("idx", BigId, autoincrement=False, nullable=False),
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("event", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("origin", "idx", name="pk_gate_fact"),
    )
    op.create_index("ix_gate_fact_lot_id", "gate_fact", ["lot_id"])
    op.add_column("tender_gate_key", sa.Column("destroyed_at", UTCDateTime(), nullable=True))
    op.add_column("opening_opening", sa.Column("paused_by", sa.String(length=32), nullable=True))
    _move_keys()
    op.drop_column("tender_gate_key", "wrapped")


def _move_keys() -> None:
    """The wrapped keys stay valid: purpose and context are the same."""
    op.execute(
        "INSERT INTO gate_scope (lot_id, round, opens, tender_id, recipient, wrapped, made_at, destroyed_at)"
        " SELECT key.lot_id, lot.round, key.opens, lot.tender_id, key.recipient, key.wrapped, CURRENT_TIMESTAMP,"
        " CASE WHEN key.wrapped IS NULL THEN CURRENT_TIMESTAMP END"
        " FROM tender_gate_key AS key JOIN tender_lot AS lot ON lot.id = key.lot_id"
    )
    op.execute("UPDATE tender_gate_key SET destroyed_at = CURRENT_TIMESTAMP WHERE wrapped IS NULL")
