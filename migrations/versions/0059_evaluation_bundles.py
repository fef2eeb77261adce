"""The bundle of an evaluation, and its public form."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0059_evaluation_bundles"
down_revision = "0058_review_requests"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("evaluation_round", sa.Column("bundle_sha256", sa.String(length=64), nullable=True))
    op.add_column("evaluation_round", sa.Column("published_at", UTCDateTime(), nullable=True))
    op.add_column("evaluation_round", sa.Column("published_sha256", sa.String(length=64), nullable=True))
