"""Keep members' signatures under reports, and experts' certificates that name no organisation."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0082_members_signatures"
down_revision = "0081_files_looked_at"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was signed so far was signed by proofs alone, and every certificate names an organisation."""
    op.add_column("evaluation_signature", sa.Column("envelope", sa.LargeBinary()))
    op.add_column("evaluation_round", sa.Column("signing_ended_at", UTCDateTime()))
    op.add_column("evaluation_round", sa.Column("signed_report_sha256", sa.String(64)))
    op.add_column("evaluation_round", sa.Column("signed_bundle_sha256", sa.String(64)))
    op.add_column(
        "certificates_certificate",
        sa.Column("personal", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
