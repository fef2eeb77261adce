"""Keep second factors, passkeys, one-time secrets, counted tries, known places and API tokens."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0028_sign_in"
down_revision = "0027_roles"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("identity_user", sa.Column("password_changed_at", UTCDateTime(), nullable=True))
    op.create_table(
        "identity_ticket",
        sa.Column("secret_sha256", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=24), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=True),
        sa.Column("number", sa.String(length=12), nullable=True),
        sa.Column("network", sa.String(length=64), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], name="fk_identity_ticket_user_id"),
        sa.PrimaryKeyConstraint("secret_sha256", name="pk_identity_ticket"),
        sa.UniqueConstraint("number", name="uq_identity_ticket_number"),
    )
    op.create_index("ix_identity_ticket_user_id", "identity_ticket", ["user_id"], unique=False)
    op.create_table(
        "identity_totp",
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], name="fk_identity_totp_user_id"),
        sa.PrimaryKeyConstraint("user_id", name="pk_identity_totp"),
    )
    op.create_table(
        "identity_recovery_code",
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("code_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], name="fk_identity_recovery_code_user_id"),
        sa.PrimaryKeyConstraint("user_id", "code_sha256", name="pk_identity_recovery_code"),
    )
    op.create_table(
        "identity_passkey",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("credential_sha256", sa.String(length=64), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("added_at", UTCDateTime(), nullable=False),
        sa.Column("used_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], name="fk_identity_passkey_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_identity_passkey"),
        sa.UniqueConstraint("credential_sha256", name="uq_identity_passkey_credential_sha256"),
    )
    op.create_index("ix_identity_passkey_user_id", "identity_passkey", ["user_id"], unique=False)
    op.create_table(
        "identity_tries",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_identity_tries"),
    )
    op.create_table(
        "identity_known_place",
        sa.Column("account_tag", sa.String(length=64), nullable=False),
        sa.Column("place_tag", sa.String(length=64), nullable=False),
        sa.Column("seen_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("account_tag", "place_tag", name="pk_identity_known_place"),
    )
    op.create_table(
        "identity_api_token",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], name="fk_identity_api_token_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_identity_api_token"),
        sa.UniqueConstraint("token_sha256", name="uq_identity_api_token_token_sha256"),
    )
    op.create_index("ix_identity_api_token_user_id", "identity_api_token", ["user_id"], unique=False)
