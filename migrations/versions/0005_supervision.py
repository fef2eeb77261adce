"""Create patrols, misconduct records and letters."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0005_supervision"
down_revision = "0004_openings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "supervision_office",
        sa.Column("org_id", sa.String(length=64), nullable=False),
        sa.Column("short_name", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id"], ["identity_organisation.id"], name="fk_supervision_office_org_id"
        ),
        sa.PrimaryKeyConstraint("org_id", name="pk_supervision_office"),
        sa.UniqueConstraint("short_name", name="uq_supervision_office_short_name"),
    )
    op.create_table(
        "supervision_patrol",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("org_id", sa.String(length=64), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("session", sa.String(length=2), nullable=False),
        sa.Column("first_id", sa.String(length=64), nullable=False),
        sa.Column("second_id", sa.String(length=64), nullable=False),
        sa.Column("checks", sa.JSON(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["first_id"], ["identity_user.id"], name="fk_supervision_patrol_first_id"),
        sa.ForeignKeyConstraint(
            ["org_id"], ["identity_organisation.id"], name="fk_supervision_patrol_org_id"
        ),
        sa.ForeignKeyConstraint(["second_id"], ["identity_user.id"], name="fk_supervision_patrol_second_id"),
        sa.PrimaryKeyConstraint("id", name="pk_supervision_patrol"),
    )
    op.create_table(
        "supervision_misconduct",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("org_id", sa.String(length=64), nullable=False),
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("patrol_id", sa.String(length=64), nullable=True),
        sa.Column("subject_id", sa.String(length=64), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("grade", sa.String(length=16), nullable=False),
        sa.Column("occurred_at", UTCDateTime(), nullable=False),
        sa.Column("facts", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("reply_until", UTCDateTime(), nullable=False),
        sa.Column("statement", sa.String(), nullable=True),
        sa.Column("statement_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["lot_id"], ["tender_lot.id"], name="fk_supervision_misconduct_lot_id"),
        sa.ForeignKeyConstraint(
            ["org_id"], ["identity_organisation.id"], name="fk_supervision_misconduct_org_id"
        ),
        sa.ForeignKeyConstraint(
            ["patrol_id"], ["supervision_patrol.id"], name="fk_supervision_misconduct_patrol_id"
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["identity_user.id"], name="fk_supervision_misconduct_recorded_by"
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["identity_organisation.id"], name="fk_supervision_misconduct_subject_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_supervision_misconduct"),
    )
    op.create_index("ix_supervision_misconduct_state", "supervision_misconduct", ["state"], unique=False)
    op.create_index(
        "ix_supervision_misconduct_subject_id", "supervision_misconduct", ["subject_id"], unique=False
    )
    op.create_table(
        "supervision_letter",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("misconduct_id", sa.String(length=64), nullable=False),
        sa.Column("addressee_id", sa.String(length=64), nullable=False),
        sa.Column("suggestion", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=True),
        sa.Column("drafted_by", sa.String(length=64), nullable=False),
        sa.Column("drafted_at", UTCDateTime(), nullable=False),
        sa.Column("signed_by", sa.String(length=64), nullable=True),
        sa.Column("signed_at", UTCDateTime(), nullable=True),
        sa.Column("sent_at", UTCDateTime(), nullable=True),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=True),
        sa.Column("acknowledged_by", sa.String(length=64), nullable=True),
        sa.Column("acknowledged_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["acknowledged_by"], ["identity_user.id"], name="fk_supervision_letter_acknowledged_by"
        ),
        sa.ForeignKeyConstraint(
            ["addressee_id"], ["identity_organisation.id"], name="fk_supervision_letter_addressee_id"
        ),
        sa.ForeignKeyConstraint(
            ["drafted_by"], ["identity_user.id"], name="fk_supervision_letter_drafted_by"
        ),
        sa.ForeignKeyConstraint(
            ["misconduct_id"], ["supervision_misconduct.id"], name="fk_supervision_letter_misconduct_id"
        ),
        sa.ForeignKeyConstraint(["signed_by"], ["identity_user.id"], name="fk_supervision_letter_signed_by"),
        sa.PrimaryKeyConstraint("id", name="pk_supervision_letter"),
        sa.UniqueConstraint("misconduct_id", name="uq_supervision_letter_misconduct_id"),
        sa.UniqueConstraint("number", name="uq_supervision_letter_number"),
    )
    op.create_index(
        "ix_supervision_letter_addressee_id", "supervision_letter", ["addressee_id"], unique=False
    )
    op.create_index("ix_supervision_letter_state", "supervision_letter", ["state"], unique=False)
    op.create_table(
        "supervision_notice",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("misconduct_id", sa.String(length=64), nullable=False),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("handling", sa.String(), nullable=False),
        sa.Column("requirements", sa.String(), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("signed_by", sa.String(length=64), nullable=False),
        sa.Column("signed_at", UTCDateTime(), nullable=False),
        sa.Column("circulated_at", UTCDateTime(), nullable=True),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=True),
        sa.Column("retracted_at", UTCDateTime(), nullable=True),
        sa.Column("retract_reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["misconduct_id"], ["supervision_misconduct.id"], name="fk_supervision_notice_misconduct_id"
        ),
        sa.ForeignKeyConstraint(["signed_by"], ["identity_user.id"], name="fk_supervision_notice_signed_by"),
        sa.PrimaryKeyConstraint("id", name="pk_supervision_notice"),
        sa.UniqueConstraint("misconduct_id", name="uq_supervision_notice_misconduct_id"),
        sa.UniqueConstraint("number", name="uq_supervision_notice_number"),
    )
