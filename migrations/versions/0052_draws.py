"""Draws: what was announced, contributions and their escrow, custodians' keys for them, who gave way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.audit.models import append_only
from govcore.db import UTCDateTime

revision = "0052_draws"
down_revision = "0051_prolonged_windows"
branch_labels = None
depends_on = None

_ID = sa.String(length=64)
_HASH = sa.String(length=64)
_NAME = sa.String(length=32)
_RECIPIENT = sa.String(length=80)


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}")


def upgrade() -> None:
    name = "draws_escrow_key"
    op.create_table(
        name,
        sa.Column("org_id", _ID, nullable=False),
        sa.Column("recipient", _RECIPIENT, nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("given_at", UTCDateTime(), nullable=False),
        _key(name, "org_id", "identity_organisation.id"),
        sa.PrimaryKeyConstraint("org_id", name=f"pk_{name}"),
    )
    _draws()
    _contributions()
    name = "draws_decline"
    op.create_table(
        name,
        sa.Column("draw_id", _ID, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        _key(name, "draw_id", "draws_draw.id"),
        sa.PrimaryKeyConstraint("draw_id", "n", name=f"pk_{name}"),
    )
    for statement in append_only(op.get_bind().dialect.name, name):
        op.execute(statement)


def _draws() -> None:
    name = "draws_draw"
    op.create_table(
        name,
        sa.Column("id", _ID, nullable=False),
        sa.Column("lot_id", _ID, nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("about", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("regime", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("pool", sa.JSON(), nullable=False),
        sa.Column("exclusions", sa.JSON(), nullable=False),
        sa.Column("quotas", sa.JSON(), nullable=False),
        sa.Column("pool_hash", _HASH, nullable=False),
        sa.Column("exclusions_hash", _HASH, nullable=False),
        sa.Column("quotas_hash", _HASH, nullable=False),
        sa.Column("k", sa.Integer(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("announced_at", UTCDateTime(), nullable=False),
        sa.Column("commit_until", UTCDateTime(), nullable=False),
        sa.Column("reveal_seconds", sa.Integer(), nullable=False),
        sa.Column("reveal_until", UTCDateTime(), nullable=True),
        sa.Column("seed", _HASH, nullable=True),
        sa.Column("drawn_at", UTCDateTime(), nullable=True),
        sa.Column("published_at", UTCDateTime(), nullable=True),
        sa.Column("void_cause", sa.String(length=16), nullable=True),
        sa.Column("void_by", _NAME, nullable=True),
        _key(name, "lot_id", "tender_lot.id"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sa.UniqueConstraint("lot_id", "purpose", "about", "number", name=f"uq_{name}_lot_id_purpose"),
    )
    op.create_index("ix_draws_draw_state", name, ["state"], unique=False)


def _contributions() -> None:
    name = "draws_contributor"
    op.create_table(
        name,
        sa.Column("draw_id", _ID, nullable=False),
        sa.Column("name", _NAME, nullable=False),
        sa.Column("org_id", _ID, nullable=True),
        sa.Column("commitment", _HASH, nullable=True),
        sa.Column("committed_by", _ID, nullable=True),
        sa.Column("committed_at", UTCDateTime(), nullable=True),
        sa.Column("own", sa.LargeBinary(), nullable=True),
        sa.Column("reveal", _HASH, nullable=True),
        sa.Column("opened", sa.String(length=8), nullable=True),
        sa.Column("revealed_at", UTCDateTime(), nullable=True),
        _key(name, "draw_id", "draws_draw.id"),
        _key(name, "org_id", "identity_organisation.id"),
        sa.PrimaryKeyConstraint("draw_id", "name", name=f"pk_{name}"),
    )
    op.create_index("ix_draws_contributor_org_id", name, ["org_id"], unique=False)
    name = "draws_escrow"
    op.create_table(
        name,
        sa.Column("draw_id", _ID, nullable=False),
        sa.Column("custodian", sa.Integer(), nullable=False),
        sa.Column("org_id", _ID, nullable=False),
        sa.Column("recipient", _RECIPIENT, nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        _key(name, "draw_id", "draws_draw.id"),
        _key(name, "org_id", "identity_organisation.id"),
        sa.PrimaryKeyConstraint("draw_id", "custodian", name=f"pk_{name}"),
    )
    op.create_index("ix_draws_escrow_org_id", name, ["org_id"], unique=False)
    name = "draws_capsule"
    op.create_table(
        name,
        sa.Column("draw_id", _ID, nullable=False),
        sa.Column("name", _NAME, nullable=False),
        sa.Column("custodian", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("proof", sa.LargeBinary(), nullable=True),
        sa.Column("opened_at", UTCDateTime(), nullable=True),
        _key(name, "draw_id", "draws_draw.id"),
        sa.PrimaryKeyConstraint("draw_id", "name", "custodian", name=f"pk_{name}"),
    )
