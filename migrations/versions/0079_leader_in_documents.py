"""Take who determines a committee's leader from the tender documents instead of its needs."""

from __future__ import annotations

from alembic import op

revision = "0079_leader_in_documents"
down_revision = "0078_time_too_short"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No documents said so far that the tenderer names a leader: the members of committees formed by them elect."""
    with op.batch_alter_table("committee_requirement") as table:
        table.drop_column("names_leader")
