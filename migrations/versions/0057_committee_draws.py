"""Keep what a committee needs, who was called for it, who came, and how the seats were appraised."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0057_committee_draws"
down_revision = "0056_committees"
branch_labels = None
depends_on = None

_ID = sa.String(length=64)


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}")


def upgrade() -> None:
    name = "committee_requirement"
    op.create_table(
        name,
        sa.Column("lot_id", _ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("is_complex", sa.Boolean(), nullable=False),
        sa.Column("representatives", sa.JSON(), nullable=False),
        sa.Column("wanted", sa.JSON(), nullable=False),
        sa.Column("firms", sa.JSON(), nullable=False),
        sa.Column("meets_at", UTCDateTime(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("set_by", _ID, nullable=False),
        sa.Column("set_at", UTCDateTime(), nullable=False),
        _key(name, "lot_id", "tender_lot.id"),
        _key(name, "set_by", "identity_user.id"),
        sa.PrimaryKeyConstraint("lot_id", "number", name=f"pk_{name}"),
    )
    name = "committee_call"
    op.create_table(
        name,
        sa.Column("draw_id", _ID, nullable=False),
        sa.Column("entrant", _ID, nullable=False),
        sa.Column("quota", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("next_at", UTCDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=True),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("how", sa.String(length=8), nullable=True),
        sa.Column("told_at", UTCDateTime(), nullable=True),
        _key(name, "draw_id", "draws_draw.id"),
        sa.PrimaryKeyConstraint("draw_id", "entrant", name=f"pk_{name}"),
    )
    op.create_index(f"ix_{name}_state_next_at", name, ["state", "next_at"], unique=False)
    name = "committee_arrival"
    op.create_table(
        name,
        sa.Column("lot_id", _ID, nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("arrived_at", UTCDateTime(), nullable=False),
        sa.Column("noted_by", _ID, nullable=False),
        _key(name, "lot_id", "tender_lot.id"),
        _key(name, "noted_by", "identity_user.id"),
        sa.PrimaryKeyConstraint("lot_id", "seat", name=f"pk_{name}"),
    )
    name = "committee_appraisal"
    op.create_table(
        name,
        sa.Column("lot_id", _ID, nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("appraised_by", _ID, nullable=False),
        sa.Column("appraised_at", UTCDateTime(), nullable=False),
        _key(name, "lot_id", "tender_lot.id"),
        _key(name, "appraised_by", "identity_user.id"),
        sa.PrimaryKeyConstraint("lot_id", "seat", name=f"pk_{name}"),
    )
