"""Create the trust list of outside authorities, people's outside certificates, and the questions answered once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0023_trust_list"
down_revision = "0022_log_search"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "certificates_trusted",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.Column("may_sign_in", sa.Boolean(), nullable=False),
        sa.Column("may_seal", sa.Boolean(), nullable=False),
        sa.Column("code_field", sa.String(length=32), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=False),
        sa.Column("added_at", UTCDateTime(), nullable=False),
        sa.Column("removed_at", UTCDateTime(), nullable=True),
        sa.Column("crl", sa.LargeBinary(), nullable=True),
        sa.Column("crl_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("sha256", name="pk_certificates_trusted"),
    )
    op.create_table(
        "certificates_outside",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("org_id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("trusted_sha256", sa.String(length=64), nullable=False),
        sa.Column("key_sha256", sa.String(length=64), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.Column("not_after", UTCDateTime(), nullable=False),
        sa.Column("bound_at", UTCDateTime(), nullable=False),
        sa.Column("revoked_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["org_id"], ["identity_organisation.id"], name="fk_certificates_outside_org_id"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], name="fk_certificates_outside_user_id"),
        sa.ForeignKeyConstraint(
            ["trusted_sha256"], ["certificates_trusted.sha256"], name="fk_certificates_outside_trusted_sha256"
        ),
        sa.PrimaryKeyConstraint("sha256", name="pk_certificates_outside"),
        sa.UniqueConstraint("key_sha256", name="uq_certificates_outside_key_sha256"),
    )
    for column in ("org_id", "user_id"):
        op.create_index(f"ix_certificates_outside_{column}", "certificates_outside", [column])
    # Both databases take this; Alembic would add the constraint apart, which SQLite cannot.
    op.execute(
        "ALTER TABLE certificates_certificate ADD COLUMN outside_sha256 VARCHAR(64)"
        " CONSTRAINT fk_certificates_certificate_outside_sha256 REFERENCES certificates_outside (sha256)"
    )
    op.create_table(
        "challenge_spent",
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("nonce", name="pk_challenge_spent"),
    )
    op.create_index("ix_challenge_spent_until", "challenge_spent", ["until"])
