"""Keep with each logged event the session and the network that it came from, outside of its leaf."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0073_sources_of_events"
down_revision = "0072_one_table_of_rooms"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("log_outbox", "log_event"):
        op.add_column(table, sa.Column("session", sa.String(length=32)))
        op.add_column(table, sa.Column("network", sa.String(length=64)))
    op.create_index("ix_log_event_session", "log_event", ["session"])
