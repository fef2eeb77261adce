"""Members' history, invitations, claims, units of a body, and acting by delegation."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0025_organisations"
down_revision = "0024_ratings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _members()
    _claims()
    _units()
    _delegations()


def _members() -> None:
    op.create_table(
        "organisations_membership",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("org_id", sa.String(length=64), nullable=False),
        sa.Column("joined_at", UTCDateTime(), nullable=True),
        sa.Column("joined_by", sa.String(length=64), nullable=True),
        sa.Column("left_at", UTCDateTime(), nullable=True),
        sa.Column("left_by", sa.String(length=64), nullable=True),
        sa.Column("ending", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(
            ["org_id"], ["identity_organisation.id"], name="fk_organisations_membership_org_id"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["identity_user.id"], name="fk_organisations_membership_user_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_organisations_membership"),
    )
    op.create_index(
        "ix_organisations_membership_org_id", "organisations_membership", ["org_id"], unique=False
    )
    op.create_index(
        "ix_organisations_membership_user_id", "organisations_membership", ["user_id"], unique=False
    )
    op.create_index(
        "uq_organisations_membership_current",
        "organisations_membership",
        ["user_id"],
        unique=True,
        sqlite_where=sa.text("left_at IS NULL"),
        postgresql_where=sa.text("left_at IS NULL"),
    )
    op.create_table(
        "organisations_invitation",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("org_id", sa.String(length=64), nullable=False),
        sa.Column("code_sha256", sa.String(length=64), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("duties", sa.String(length=60), nullable=False),
        sa.Column("roles", sa.String(length=80), nullable=False),
        sa.Column("invited_by", sa.String(length=64), nullable=False),
        sa.Column("invited_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("used_by", sa.String(length=64), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invited_by"], ["identity_user.id"], name="fk_organisations_invitation_invited_by"
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["identity_organisation.id"], name="fk_organisations_invitation_org_id"
        ),
        sa.ForeignKeyConstraint(
            ["used_by"], ["identity_user.id"], name="fk_organisations_invitation_used_by"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_organisations_invitation"),
        sa.UniqueConstraint("code_sha256", name="uq_organisations_invitation_code_sha256"),
    )
    op.create_index(
        "ix_organisations_invitation_org_id", "organisations_invitation", ["org_id"], unique=False
    )
    op.create_index(
        "ix_organisations_invitation_state_due_at",
        "organisations_invitation",
        ["state", "due_at"],
        unique=False,
    )


def _claims() -> None:
    op.create_table(
        "organisations_claim",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("contested_by", sa.String(length=64), nullable=True),
        sa.Column("contested_at", UTCDateTime(), nullable=True),
        sa.Column("proof", sa.String(length=96), nullable=True),
        sa.Column("reason", sa.String(length=16), nullable=True),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contested_by"], ["identity_user.id"], name="fk_organisations_claim_contested_by"
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["identity_user.id"], name="fk_organisations_claim_decided_by"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], name="fk_organisations_claim_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_organisations_claim"),
    )
    op.create_index("ix_organisations_claim_state", "organisations_claim", ["state"], unique=False)
    op.create_index("ix_organisations_claim_uscc", "organisations_claim", ["uscc"], unique=False)
    op.create_index("ix_organisations_claim_user_id", "organisations_claim", ["user_id"], unique=False)


def _units() -> None:
    op.create_table(
        "organisations_unit",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("org_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id"], ["identity_organisation.id"], name="fk_organisations_unit_org_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_organisations_unit"),
    )
    op.create_index("ix_organisations_unit_org_id", "organisations_unit", ["org_id"], unique=False)
    op.create_table(
        "organisations_unit_form",
        sa.Column("unit_id", sa.String(length=64), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("parent_id", sa.String(length=64), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("ending", sa.String(length=16), nullable=True),
        sa.Column("merged_into", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["merged_into"], ["organisations_unit.id"], name="fk_organisations_unit_form_merged_into"
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["organisations_unit.id"], name="fk_organisations_unit_form_parent_id"
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["organisations_unit.id"], name="fk_organisations_unit_form_unit_id"
        ),
        sa.PrimaryKeyConstraint("unit_id", "valid_from", name="pk_organisations_unit_form"),
    )
    op.create_table(
        "organisations_placement",
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("unit_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["organisations_unit.id"], name="fk_organisations_placement_unit_id"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], name="fk_organisations_placement_user_id"),
        sa.PrimaryKeyConstraint("user_id", "valid_from", name="pk_organisations_placement"),
    )
    op.create_index(
        "ix_organisations_placement_unit_id", "organisations_placement", ["unit_id"], unique=False
    )


def _delegations() -> None:
    op.create_table(
        "identity_delegation",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("org_id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("roles", sa.String(length=80), nullable=False),
        sa.Column("duties", sa.String(length=60), nullable=False),
        sa.Column("objects", sa.String(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("granted_by", sa.String(length=64), nullable=False),
        sa.Column("granted_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.Column("revoked_by", sa.String(length=64), nullable=True),
        sa.Column("revoked_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["granted_by"], ["identity_user.id"], name="fk_identity_delegation_granted_by"
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["identity_organisation.id"], name="fk_identity_delegation_org_id"
        ),
        sa.ForeignKeyConstraint(
            ["revoked_by"], ["identity_user.id"], name="fk_identity_delegation_revoked_by"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], name="fk_identity_delegation_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_identity_delegation"),
    )
    op.create_index("ix_identity_delegation_org_id", "identity_delegation", ["org_id"], unique=False)
    op.create_index("ix_identity_delegation_user_id", "identity_delegation", ["user_id"], unique=False)
    op.add_column("identity_session", sa.Column("delegation_id", sa.String(length=64), nullable=True))
