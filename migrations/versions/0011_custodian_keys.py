"""Keep custodians' keys under their passphrases, and the rehearsals of these keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0011_custodian_keys"
down_revision = "0010_gate"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tender_custodian", sa.Column("client", sa.String(length=16), nullable=True))
    op.create_table(
        "tender_custodian_key",
        sa.Column("lot_id", sa.String(length=64), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("custodian", sa.Integer(), nullable=False),
        sa.Column("opens", sa.String(length=32), nullable=False),
        sa.Column("blob", sa.LargeBinary(), nullable=True),
        sa.Column("capsule", sa.LargeBinary(), nullable=True),
        sa.Column("check_sha256", sa.String(length=64), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("destroyed_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["lot_id"], ["tender_lot.id"], name="fk_tender_custodian_key_lot_id"),
        sa.PrimaryKeyConstraint("lot_id", "round", "custodian", "opens", name="pk_tender_custodian_key"),
    )
