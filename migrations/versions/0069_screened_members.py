"""Note against which read-out the members of a committee were held."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0069_screened_members"
down_revision = "0068_openings_put_off"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("committee_committee", sa.Column("screened_for", UTCDateTime(), nullable=True))
