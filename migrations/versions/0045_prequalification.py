"""Keep verdicts on applications, the end of a review, the round that follows, and invitations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0045_prequalification"
down_revision = "0044_projects"
branch_labels = None
depends_on = None

_ID = sa.String(length=64)


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}")


def upgrade() -> None:
    name = "prequalification_verdict"
    op.create_table(
        name,
        sa.Column("lot_id", _ID, nullable=False),
        sa.Column("bid_id", _ID, nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("ground", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("judged_by", _ID, nullable=False),
        sa.Column("judged_at", UTCDateTime(), nullable=False),
        _key(name, "lot_id", "tender_lot.id"),
        _key(name, "bid_id", "opening_bid.bid_id"),
        _key(name, "judged_by", "identity_user.id"),
        sa.PrimaryKeyConstraint("lot_id", "bid_id", name=f"pk_{name}"),
    )
    name = "prequalification_review"
    op.create_table(
        name,
        sa.Column("lot_id", _ID, nullable=False),
        sa.Column("members", sa.JSON(), nullable=False),
        sa.Column("closed_by", _ID, nullable=False),
        sa.Column("closed_at", UTCDateTime(), nullable=False),
        _key(name, "lot_id", "tender_lot.id"),
        _key(name, "closed_by", "identity_user.id"),
        sa.PrimaryKeyConstraint("lot_id", name=f"pk_{name}"),
    )
    name = "prequalification_following"
    op.create_table(
        name,
        sa.Column("tender_id", _ID, nullable=False),
        sa.Column("lot_id", _ID, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        _key(name, "tender_id", "tender_tender.id"),
        _key(name, "lot_id", "tender_lot.id"),
        sa.PrimaryKeyConstraint("tender_id", name=f"pk_{name}"),
    )
    op.create_index("ix_prequalification_following_lot_id", name, ["lot_id"], unique=False)
    name = "prequalification_invitation"
    op.create_table(
        name,
        sa.Column("tender_id", _ID, nullable=False),
        sa.Column("org_id", _ID, nullable=False),
        sa.Column("invited_at", UTCDateTime(), nullable=False),
        sa.Column("answer", sa.String(length=16), nullable=True),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        _key(name, "tender_id", "tender_tender.id"),
        _key(name, "org_id", "identity_organisation.id"),
        sa.PrimaryKeyConstraint("tender_id", "org_id", name=f"pk_{name}"),
    )
