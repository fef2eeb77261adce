"""The one administrator becomes the system administrator; security and audit administration are others."""

from __future__ import annotations

from alembic import op

revision = "0016_administrators"
down_revision = "0015_certificates"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE identity_user_role SET role = 'system_admin' WHERE role = 'admin'")
