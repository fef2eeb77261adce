"""Keep the expert pool."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0050_experts"
down_revision = "0049_consortia"
branch_labels = None
depends_on = None

_ID = sa.String(length=64)


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}")


def upgrade() -> None:
    op.create_table(
        "experts_speciality",
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("zh", sa.String(), nullable=False),
        sa.Column("en", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_experts_speciality"),
    )
    name = "experts_expert"
    op.create_table(
        name,
        sa.Column("id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("employer", sa.String(length=48), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("suspended_at", UTCDateTime(), nullable=True),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("entered_at", UTCDateTime(), nullable=False),
        _key(name, "user_id", "identity_user.id"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sa.UniqueConstraint("user_id", name=f"uq_{name}_user_id"),
    )
    op.create_index(f"ix_{name}_employer", name, ["employer"], unique=False)
    op.create_index(f"ix_{name}_region", name, ["region"], unique=False)
    name = "experts_practice"
    op.create_table(
        name,
        sa.Column("expert_id", _ID, nullable=False),
        sa.Column("speciality", sa.String(length=16), nullable=False),
        _key(name, "expert_id", "experts_expert.id"),
        _key(name, "speciality", "experts_speciality.code"),
        sa.PrimaryKeyConstraint("expert_id", "speciality", name=f"pk_{name}"),
    )
    op.create_index(f"ix_{name}_speciality", name, ["speciality"], unique=False)
    name = "experts_credit_note"
    op.create_table(
        name,
        sa.Column("id", _ID, nullable=False),
        sa.Column("expert_id", _ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("lot_id", _ID, nullable=True),
        sa.Column("grade", sa.Integer(), nullable=True),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("noted_by", _ID, nullable=False),
        sa.Column("noted_at", UTCDateTime(), nullable=False),
        _key(name, "expert_id", "experts_expert.id"),
        _key(name, "lot_id", "tender_lot.id"),
        _key(name, "noted_by", "identity_user.id"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
    )
    op.create_index(f"ix_{name}_expert_id", name, ["expert_id"], unique=False)
    name = "experts_pending_import"
    op.create_table(
        name,
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("sent_at", UTCDateTime(), nullable=False),
        _key(name, "user_id", "identity_user.id"),
        sa.PrimaryKeyConstraint("user_id", name=f"pk_{name}"),
    )
