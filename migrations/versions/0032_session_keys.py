"""Remember which key opened a session: the session ends with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032_session_keys"
down_revision = "0031_suspensions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("identity_session", sa.Column("opened_by", sa.String(length=64), nullable=True))
