"""Find entries of the log by person and time, and remember how much of it lies in the second place."""

from __future__ import annotations

import json
from datetime import datetime

import sqlalchemy as sa
from alembic import op

from govcore.db import BigId, UTCDateTime

revision = "0022_log_search"
down_revision = "0021_proposals"
branch_labels = None
depends_on = None

EVENTS = sa.table(
    "log_event",
    sa.column("idx", sa.BigInteger),
    sa.column("type", sa.String),
    sa.column("event", sa.LargeBinary),
)


def upgrade() -> None:
    search = op.create_table(
        "log_search",
        sa.Column("idx", BigId, autoincrement=False, nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("idx", name="pk_log_search"),
    )
    op.create_index("ix_log_search_actor", "log_search", ["actor"], unique=False)
    op.create_index("ix_log_search_at", "log_search", ["at"], unique=False)
    op.create_table(
        "log_copy",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", BigId, nullable=False),
        sa.Column("events", BigId, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_log_copy"),
    )
    _fill(search)


def _fill(search: sa.Table) -> None:
    """From the entries that are there; of an erased one nobody remembers who did it."""
    connection = op.get_bind()
    kept = sa.select(EVENTS.c.idx, EVENTS.c.event).where(
        EVENTS.c.event.is_not(None), EVENTS.c.type != "log.cover"
    )
    rows = []
    for idx, event in connection.execute(kept).all():
        logged = json.loads(event)
        rows.append({"idx": idx, "actor": logged["actor"], "at": datetime.fromisoformat(logged["at"])})
    if rows:
        connection.execute(sa.insert(search), rows)
