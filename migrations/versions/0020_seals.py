"""Register seals and their uses; let every organ's numbers be read in a register of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import BigId, UTCDateTime

revision = "0020_seals"
down_revision = "0019_sessions"
branch_labels = None
depends_on = None

_ID = sa.String(length=64)


def upgrade() -> None:
    _offices()
    _numbers()
    _register()
    _uses()


def _offices() -> None:
    """The organs' short names move from supervision to numbering."""
    op.create_table(
        "numbering_office",
        sa.Column("org_id", _ID, nullable=False),
        sa.Column("short_name", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["identity_organisation.id"], name="fk_numbering_office_org_id"),
        sa.PrimaryKeyConstraint("org_id", name="pk_numbering_office"),
        sa.UniqueConstraint("short_name", name="uq_numbering_office_short_name"),
    )
    op.execute("INSERT INTO numbering_office SELECT org_id, short_name FROM supervision_office")
    op.drop_table("supervision_office")


def _numbers() -> None:
    """A number tells whose it is and what bears it; earlier ones are told by their organ's short name."""
    with op.batch_alter_table("numbering_number") as batch:
        batch.add_column(sa.Column("org_id", _ID, nullable=True))
        batch.add_column(sa.Column("title", sa.String(), nullable=False, server_default=""))
        batch.create_foreign_key("fk_numbering_number_org_id", "identity_organisation", ["org_id"], ["id"])
        batch.create_index("ix_numbering_number_org_id", ["org_id"])
    op.execute(
        "UPDATE numbering_number SET org_id = (SELECT org_id FROM numbering_office AS office"
        " WHERE numbering_number.organ IN (office.short_name || '函', office.short_name || '通'))"
    )


def _register() -> None:
    op.create_table(
        "seals_authority",
        sa.Column("sha256", _ID, nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_seals_authority"),
    )
    op.create_table(
        "seals_seal",
        sa.Column("id", _ID, nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("organ", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("org_id", _ID, nullable=True),
        sa.Column("picture_sha256", _ID, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["identity_organisation.id"], name="fk_seals_seal_org_id"),
        sa.PrimaryKeyConstraint("id", name="pk_seals_seal"),
        sa.UniqueConstraint("code", name="uq_seals_seal_code"),
    )
    op.create_index("ix_seals_seal_org_id", "seals_seal", ["org_id"])
    op.create_index("ix_seals_seal_state", "seals_seal", ["state"])
    op.create_table(
        "seals_change",
        sa.Column("id", BigId, nullable=False),
        sa.Column("seal_id", _ID, nullable=False),
        sa.Column("move", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("witness", sa.String(), nullable=False),
        sa.Column("recorded_by", _ID, nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["seal_id"], ["seals_seal.id"], name="fk_seals_change_seal_id"),
        sa.ForeignKeyConstraint(["recorded_by"], ["identity_user.id"], name="fk_seals_change_recorded_by"),
        sa.PrimaryKeyConstraint("id", name="pk_seals_change"),
    )
    op.create_index("ix_seals_change_seal_id", "seals_change", ["seal_id"])
    op.create_table(
        "seals_keeper",
        sa.Column("id", _ID, nullable=False),
        sa.Column("seal_id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("named_by", _ID, nullable=False),
        sa.Column("named_at", UTCDateTime(), nullable=False),
        sa.Column("ended_by", _ID, nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["seal_id"], ["seals_seal.id"], name="fk_seals_keeper_seal_id"),
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], name="fk_seals_keeper_user_id"),
        sa.ForeignKeyConstraint(["named_by"], ["identity_user.id"], name="fk_seals_keeper_named_by"),
        sa.ForeignKeyConstraint(["ended_by"], ["identity_user.id"], name="fk_seals_keeper_ended_by"),
        sa.PrimaryKeyConstraint("id", name="pk_seals_keeper"),
    )
    op.create_index("ix_seals_keeper_seal_id", "seals_keeper", ["seal_id"])
    op.create_table(
        "seals_order",
        sa.Column("org_id", _ID, nullable=False),
        sa.Column("purpose", _ID, nullable=False),
        sa.Column("seal_id", _ID, nullable=False),
        sa.Column("ordered_by", _ID, nullable=False),
        sa.Column("ordered_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["identity_organisation.id"], name="fk_seals_order_org_id"),
        sa.ForeignKeyConstraint(["seal_id"], ["seals_seal.id"], name="fk_seals_order_seal_id"),
        sa.ForeignKeyConstraint(["ordered_by"], ["identity_user.id"], name="fk_seals_order_ordered_by"),
        sa.PrimaryKeyConstraint("org_id", "purpose", name="pk_seals_order"),
    )


def _uses() -> None:
    op.create_table(
        "seals_certificate",
        sa.Column("sha256", _ID, nullable=False),
        sa.Column("seal_id", _ID, nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("issued_at", UTCDateTime(), nullable=False),
        sa.Column("not_after", UTCDateTime(), nullable=False),
        sa.Column("revoked_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["seal_id"], ["seals_seal.id"], name="fk_seals_certificate_seal_id"),
        sa.PrimaryKeyConstraint("sha256", name="pk_seals_certificate"),
    )
    op.create_index("ix_seals_certificate_seal_id", "seals_certificate", ["seal_id"])
    op.create_table(
        "seals_use",
        sa.Column("id", _ID, nullable=False),
        sa.Column("seal_id", _ID, nullable=False),
        sa.Column("certificate_sha256", _ID, nullable=False),
        sa.Column("number", _ID, nullable=False),
        sa.Column("purpose", _ID, nullable=False),
        sa.Column("subject", sa.String(length=128), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("document_sha256", _ID, nullable=False),
        sa.Column("code_sha256", _ID, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("requested_by", _ID, nullable=True),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("sealed_sha256", _ID, nullable=True),
        sa.Column("sealed_size", sa.BigInteger(), nullable=True),
        sa.Column("sealed_at", UTCDateTime(), nullable=True),
        sa.Column("stamp", sa.String(length=16), nullable=True),
        sa.Column("stamp_fault", sa.String(), nullable=True),
        sa.Column("void_reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["seal_id"], ["seals_seal.id"], name="fk_seals_use_seal_id"),
        sa.ForeignKeyConstraint(
            ["certificate_sha256"], ["seals_certificate.sha256"], name="fk_seals_use_certificate_sha256"
        ),
        sa.ForeignKeyConstraint(["requested_by"], ["identity_user.id"], name="fk_seals_use_requested_by"),
        sa.PrimaryKeyConstraint("id", name="pk_seals_use"),
        sa.UniqueConstraint("number", name="uq_seals_use_number"),
        sa.UniqueConstraint("sealed_sha256", name="uq_seals_use_sealed_sha256"),
    )
    for column in ("seal_id", "document_sha256", "code_sha256", "state"):
        op.create_index(f"ix_seals_use_{column}", "seals_use", [column])
