"""Keep contracts with their signatures, bonds, additions and acceptance."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0041_contracts"
down_revision = "0040_rounds"
branch_labels = None
depends_on = None

_ID = sa.String(length=64)


def upgrade() -> None:
    _contract()
    _signature()
    _bond()
    _supplement()
    _acceptance()


def _user(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["identity_user.id"], name=f"fk_{table}_{column}")


def _of(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["contract_id"], ["contract_contract.id"], name=f"fk_{table}_contract_id")


def _contract() -> None:
    op.create_table(
        "contract_contract",
        sa.Column("id", _ID, nullable=False),
        sa.Column("lot_id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("award_n", sa.Integer(), nullable=False),
        sa.Column("number", _ID, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("supplier_id", _ID, nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("bond_fen", sa.BigInteger(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", _ID, nullable=False),
        sa.Column("store_key", sa.String(length=200), nullable=False),
        sa.Column("pdf_sha256", _ID, nullable=False),
        sa.Column("pdf_size", sa.BigInteger(), nullable=False),
        sa.Column("late_reason", sa.String(), nullable=False),
        sa.Column("drawn_by", _ID, nullable=False),
        sa.Column("drawn_at", UTCDateTime(), nullable=False),
        sa.Column("signed_at", UTCDateTime(), nullable=True),
        sa.Column("notice_id", _ID, nullable=True),
        sa.Column("published_at", UTCDateTime(), nullable=True),
        sa.Column("filed_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["lot_id"], ["tender_lot.id"], name="fk_contract_contract_lot_id"),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["identity_organisation.id"], name="fk_contract_contract_supplier_id"
        ),
        _user("contract_contract", "drawn_by"),
        sa.PrimaryKeyConstraint("id", name="pk_contract_contract"),
        sa.UniqueConstraint("lot_id", "version", name="uq_contract_contract_lot_id_version"),
    )
    op.create_index("ix_contract_contract_supplier_id", "contract_contract", ["supplier_id"], unique=False)


def _signature() -> None:
    op.create_table(
        "contract_signature",
        sa.Column("contract_id", _ID, nullable=False),
        sa.Column("side", sa.String(length=16), nullable=False),
        sa.Column("keyid", _ID, nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("signed_by", _ID, nullable=False),
        sa.Column("signed_at", UTCDateTime(), nullable=False),
        _of("contract_signature"),
        _user("contract_signature", "signed_by"),
        sa.PrimaryKeyConstraint("contract_id", "side", name="pk_contract_signature"),
    )


def _bond() -> None:
    op.create_table(
        "contract_bond",
        sa.Column("contract_id", _ID, nullable=False),
        sa.Column("form", sa.String(length=16), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("recorded_by", _ID, nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        _of("contract_bond"),
        _user("contract_bond", "recorded_by"),
        sa.PrimaryKeyConstraint("contract_id", name="pk_contract_bond"),
    )


def _supplement() -> None:
    op.create_table(
        "contract_supplement",
        sa.Column("id", _ID, nullable=False),
        sa.Column("contract_id", _ID, nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("recorded_by", _ID, nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        _of("contract_supplement"),
        _user("contract_supplement", "recorded_by"),
        sa.PrimaryKeyConstraint("id", name="pk_contract_supplement"),
    )
    op.create_index(
        "ix_contract_supplement_contract_id", "contract_supplement", ["contract_id"], unique=False
    )


def _acceptance() -> None:
    op.create_table(
        "contract_acceptance",
        sa.Column("contract_id", _ID, nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("accepted_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", _ID, nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("notice_id", _ID, nullable=True),
        _of("contract_acceptance"),
        _user("contract_acceptance", "recorded_by"),
        sa.PrimaryKeyConstraint("contract_id", name="pk_contract_acceptance"),
    )
