"""The centre's rooms, their bookings, and the witness's observations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.audit.models import append_only
from govcore.db import UTCDateTime

revision = "0061_venue"
down_revision = "0060_blind_parts"
branch_labels = None
depends_on = None

_ID = sa.String(length=64)


def upgrade() -> None:
    """No room was booked before."""
    op.create_table(
        "venue_room",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("retired_at", UTCDateTime()),
        sa.UniqueConstraint("name", name="uq_venue_room_name"),
    )
    op.create_table(
        "venue_booking",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("room_id", _ID, sa.ForeignKey("venue_room.id"), nullable=False, index=True),
        sa.Column("lot_id", _ID, sa.ForeignKey("tender_lot.id"), nullable=False, index=True),
        sa.Column("use", sa.String(length=16), nullable=False),
        sa.Column("starts_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.Column("host_id", _ID, sa.ForeignKey("identity_user.id"), nullable=False, index=True),
        sa.Column("booked_by", _ID, sa.ForeignKey("identity_user.id"), nullable=False),
        sa.Column("booked_at", UTCDateTime(), nullable=False),
        sa.Column("cancelled_at", UTCDateTime()),
    )
    op.create_table(
        "venue_observation",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("lot_id", _ID, sa.ForeignKey("tender_lot.id"), nullable=False, index=True),
        sa.Column("use", sa.String(length=16), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("seen_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("witness_id", _ID, sa.ForeignKey("identity_user.id"), nullable=False),
    )
    for statement in append_only(op.get_bind().dialect.name, "venue_observation"):
        op.execute(statement)
