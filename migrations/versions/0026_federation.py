"""Create the links between identities of other providers and accounts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0026_federation"
down_revision = "0025_organisations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "federation_link",
        sa.Column("tag", sa.String(length=64), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("linked_at", UTCDateTime(), nullable=False),
        sa.Column("opened", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], name="fk_federation_link_user_id"),
        sa.PrimaryKeyConstraint("tag", name="pk_federation_link"),
        sa.UniqueConstraint("user_id", "provider", name="uq_federation_link_user_id_provider"),
    )
