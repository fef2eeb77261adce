"""Keep what each member may do for the organisation; people without an organisation become possible."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017_duties"
down_revision = "0016_administrators"
branch_labels = None
depends_on = None

ALL = "manage prepare read_audit sign submit"


def upgrade() -> None:
    """Who is registered keeps every right it had."""
    with op.batch_alter_table("identity_user") as table:
        table.add_column(sa.Column("duties", sa.String(length=60), nullable=False, server_default=ALL))
        table.alter_column("org_id", existing_type=sa.String(length=64), nullable=True)
        table.create_index("ix_identity_user_org_id", ["org_id"], unique=False)
