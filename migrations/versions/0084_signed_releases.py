"""Keep which certificate a release of documents was signed with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0084_signed_releases"
down_revision = "0083_orders_given_up"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was released so far was released without a signature."""
    op.add_column("documents_version", sa.Column("released_with", sa.String(64)))
