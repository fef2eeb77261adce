"""Keep the committee's signed result beside the event that it fixed, for the time gate to verify."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014_technical_result"
down_revision = "0013_bid_traces"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("opening_opening", sa.Column("stage_document", sa.LargeBinary(), nullable=True))
    op.execute(
        "UPDATE opening_opening SET stage_document = (SELECT envelope FROM evaluation_technical_result AS result"
        " WHERE result.lot_id = opening_opening.lot_id) WHERE stage_payload IS NOT NULL"
    )
