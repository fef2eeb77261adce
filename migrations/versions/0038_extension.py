"""Create the certificates of outages before a deadline."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.audit.models import append_only
from govcore.db import UTCDateTime

revision = "0038_extension"
down_revision = "0037_notice_media"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "extension_certificate",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("facts_sha256", sa.String(length=64), nullable=False),
        sa.Column("deadline_before", UTCDateTime(), nullable=False),
        sa.Column("deadline_after", UTCDateTime(), nullable=True),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("paper_key", sa.String(length=160), nullable=False),
        sa.Column("paper_sha256", sa.String(length=64), nullable=False),
        sa.Column("issued_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["tender_lot.id"], name="fk_extension_certificate_lot_id"),
        sa.PrimaryKeyConstraint("id", name="pk_extension_certificate"),
        sa.UniqueConstraint("lot_id", "facts_sha256", name="uq_extension_certificate_lot_id"),
    )
    for statement in append_only(op.get_bind().dialect.name, "extension_certificate"):
        op.get_bind().exec_driver_sql(statement)
