"""Keep when a committee's session is to end."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0074_planned_ends_of_sessions"
down_revision = "0073_sources_of_events"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A session that is open now goes on until its clerk closes it."""
    op.add_column("committee_window", sa.Column("ends_at", UTCDateTime(), nullable=True))
