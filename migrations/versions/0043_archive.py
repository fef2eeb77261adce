"""Keep packages of the archive with their files, and holds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0043_archive"
down_revision = "0042_attributions"
branch_labels = None
depends_on = None

_ID = sa.String(length=64)


def upgrade() -> None:
    op.create_table(
        "archive_package",
        sa.Column("id", _ID, nullable=False),
        sa.Column("tender_id", _ID, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("ordered_by", _ID, nullable=False),
        sa.Column("ordered_at", UTCDateTime(), nullable=False),
        sa.Column("manifest", sa.LargeBinary(), nullable=True),
        sa.Column("manifest_sha256", _ID, nullable=True),
        sa.Column("leaf", _ID, nullable=True),
        sa.Column("sealed_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["tender_id"], ["tender_tender.id"], name="fk_archive_package_tender_id"),
        sa.ForeignKeyConstraint(["ordered_by"], ["identity_user.id"], name="fk_archive_package_ordered_by"),
        sa.PrimaryKeyConstraint("id", name="pk_archive_package"),
    )
    op.create_index("ix_archive_package_tender_id", "archive_package", ["tender_id"], unique=False)
    op.create_index("ix_archive_package_state", "archive_package", ["state"], unique=False)
    op.create_table(
        "archive_file",
        sa.Column("package_id", _ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=300), nullable=False),
        sa.Column("store_key", sa.String(length=200), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("expected_sha256", _ID, nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("sha256", _ID, nullable=True),
        sa.Column("crc", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["package_id"], ["archive_package.id"], name="fk_archive_file_package_id"),
        sa.PrimaryKeyConstraint("package_id", "position", name="pk_archive_file"),
    )
    op.create_table(
        "archive_hold",
        sa.Column("id", _ID, nullable=False),
        sa.Column("tender_id", _ID, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("placed_by", _ID, nullable=False),
        sa.Column("placed_second", _ID, nullable=False),
        sa.Column("placed_at", UTCDateTime(), nullable=False),
        sa.Column("lifted_by", _ID, nullable=True),
        sa.Column("lifted_second", _ID, nullable=True),
        sa.Column("lifted_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["tender_id"], ["tender_tender.id"], name="fk_archive_hold_tender_id"),
        *(
            sa.ForeignKeyConstraint([column], ["identity_user.id"], name=f"fk_archive_hold_{column}")
            for column in ("placed_by", "placed_second", "lifted_by", "lifted_second")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_archive_hold"),
    )
    op.create_index("ix_archive_hold_tender_id", "archive_hold", ["tender_id"], unique=False)
