"""Keep versions of tender documents, and drafts that are being written."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0030_documents"
down_revision = "0029_outages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "documents_version",
        sa.Column("tender_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("terms_sha256", sa.String(length=64), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("prepared_by", sa.String(length=64), nullable=False),
        sa.Column("prepared_at", UTCDateTime(), nullable=False),
        sa.Column("released_by", sa.String(length=64), nullable=True),
        sa.Column("released_at", UTCDateTime(), nullable=True),
        sa.Column("published_at", UTCDateTime(), nullable=True),
        sa.Column("manifest_sha256", sa.String(length=64), nullable=True),
        sa.Column("envelope", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["tender_id"], ["tender_tender.id"], name="fk_documents_version_tender_id"),
        sa.ForeignKeyConstraint(
            ["prepared_by"], ["identity_user.id"], name="fk_documents_version_prepared_by"
        ),
        sa.ForeignKeyConstraint(
            ["released_by"], ["identity_user.id"], name="fk_documents_version_released_by"
        ),
        sa.PrimaryKeyConstraint("tender_id", "number", name="pk_documents_version"),
    )
    op.create_index(
        "ix_documents_version_manifest_sha256", "documents_version", ["manifest_sha256"], unique=False
    )
    op.create_table(
        "documents_draft",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("project_id", sa.String(length=64), nullable=False),
        sa.Column("template", sa.String(length=32), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("edited_by", sa.String(length=64), nullable=False),
        sa.Column("edited_at", UTCDateTime(), nullable=False),
        sa.Column("tender_id", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["project_project.id"], name="fk_documents_draft_project_id"),
        sa.ForeignKeyConstraint(["edited_by"], ["identity_user.id"], name="fk_documents_draft_edited_by"),
        sa.ForeignKeyConstraint(["tender_id"], ["tender_tender.id"], name="fk_documents_draft_tender_id"),
        sa.PrimaryKeyConstraint("id", name="pk_documents_draft"),
    )
    op.create_index("ix_documents_draft_project_id", "documents_draft", ["project_id"], unique=False)
