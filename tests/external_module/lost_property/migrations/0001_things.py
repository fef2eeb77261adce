import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0001_things"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "lost_property_thing",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("found_at", UTCDateTime(), nullable=False),
    )
