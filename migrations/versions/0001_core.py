"""Create identity, keys, the log, messages and document numbers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.audit.models import TRIGGERS
from govcore.db import UTCDateTime

revision = "0001_core"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "identity_authority",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_identity_authority"),
    )
    op.create_table(
        "identity_organisation",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("basic_account", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_identity_organisation"),
        sa.UniqueConstraint("uscc", name="uq_identity_organisation_uscc"),
    )
    op.create_table(
        "log_bundle",
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("n", name="pk_log_bundle"),
    )
    op.create_table(
        "log_checkpoint",
        sa.Column(
            "size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("instant", UTCDateTime(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("cosigned_note", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("size", name="pk_log_checkpoint"),
    )
    op.create_table(
        "log_event",
        sa.Column(
            "idx", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("event", sa.LargeBinary(), nullable=True),
        sa.Column("nonce", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("idx", name="pk_log_event"),
        sa.UniqueConstraint("leaf", name="uq_log_event_leaf"),
    )
    op.create_index("ix_log_event_subject", "log_event", ["subject"], unique=False)
    op.create_index("ix_log_event_type", "log_event", ["type"], unique=False)
    op.create_table(
        "log_outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("event", sa.LargeBinary(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_log_outbox"),
    )
    op.create_table(
        "log_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("instant", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_log_state"),
    )
    op.create_table(
        "log_tile",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "n", name="pk_log_tile"),
    )
    op.create_table(
        "numbering_number",
        sa.Column("document_id", sa.String(length=64), nullable=False),
        sa.Column("organ", sa.String(length=32), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("taken_at", UTCDateTime(), nullable=False),
        sa.Column("cancelled_at", UTCDateTime(), nullable=True),
        sa.Column("cancel_reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("document_id", name="pk_numbering_number"),
        sa.UniqueConstraint("organ", "year", "serial", name="uq_numbering_number_serial"),
    )
    op.create_table(
        "numbering_series",
        sa.Column("organ", sa.String(length=32), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("organ", "year", name="pk_numbering_series"),
    )
    op.create_table(
        "outbox_delivery",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("leased_until", UTCDateTime(), nullable=True),
        sa.Column("done_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_outbox_delivery"),
    )
    op.create_index(
        "ix_outbox_delivery_due",
        "outbox_delivery",
        ["id"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL"),
        sqlite_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "vault_key",
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("purpose", name="pk_vault_key"),
    )
    op.create_table(
        "identity_user",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("org_id", sa.String(length=64), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["identity_organisation.id"], name="fk_identity_user_org_id"),
        sa.PrimaryKeyConstraint("id", name="pk_identity_user"),
        sa.UniqueConstraint("username", name="uq_identity_user_username"),
    )
    op.create_table(
        "identity_certificate",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("org_id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.Column("not_after", UTCDateTime(), nullable=False),
        sa.Column("revoked_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["org_id"], ["identity_organisation.id"], name="fk_identity_certificate_org_id"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], name="fk_identity_certificate_user_id"),
        sa.PrimaryKeyConstraint("sha256", name="pk_identity_certificate"),
    )
    op.create_index("ix_identity_certificate_org_id", "identity_certificate", ["org_id"], unique=False)
    op.create_table(
        "identity_session",
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], name="fk_identity_session_user_id"),
        sa.PrimaryKeyConstraint("token_sha256", name="pk_identity_session"),
    )
    op.create_index("ix_identity_session_user_id", "identity_session", ["user_id"], unique=False)
    op.create_table(
        "identity_user_role",
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], name="fk_identity_user_role_user_id"),
        sa.PrimaryKeyConstraint("user_id", "role", name="pk_identity_user_role"),
    )
    op.create_table(
        "notify_message",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("about", sa.String(length=160), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("href", sa.String(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("read_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], name="fk_notify_message_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_notify_message"),
        sa.UniqueConstraint("user_id", "about", name="uq_notify_message_user_id_about"),
    )

    for statement in TRIGGERS[op.get_bind().dialect.name]:
        op.get_bind().exec_driver_sql(statement)
