"""Keep with each logged event the number of the request that recorded it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0048_request_numbers"
down_revision = "0047_reviews"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("log_outbox", sa.Column("request", sa.String(length=32)))
    op.add_column("log_event", sa.Column("request", sa.String(length=32)))
    op.create_index("ix_log_event_request", "log_event", ["request"])
