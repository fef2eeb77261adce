"""Certificates of openings that a fault put off."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0068_openings_put_off"
down_revision = "0067_draw_key_files"
branch_labels = None
depends_on = None


def upgrade() -> None:
    about = sa.Column("about", sa.String(length=16), nullable=False, server_default="deadline")
    op.add_column("extension_certificate", about)
