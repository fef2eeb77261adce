"""Keep reviews: gates, votes and their changes; the purchaser's qualification review becomes a gate."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.audit.models import append_only
from govcore.db import UTCDateTime

revision = "0047_reviews"
down_revision = "0046_identifier_kinds"
branch_labels = None
depends_on = None

_ID = sa.String(length=64)


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}")


def upgrade() -> None:
    _gates()
    _votes()
    _changes()
    _bring()
    op.drop_table("evaluation_qualification")
    op.drop_table("evaluation_qualification_review")


def _gates() -> None:
    name = "review_gate"
    op.create_table(
        name,
        sa.Column("lot_id", _ID, nullable=False),
        sa.Column("node", _ID, nullable=False),
        sa.Column("side", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("bid_id", _ID, nullable=True),
        sa.Column("cause", sa.String(length=32), nullable=True),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("raised_by", _ID, nullable=True),
        sa.Column("raised_at", UTCDateTime(), nullable=True),
        sa.Column("closed_by", _ID, nullable=True),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        _key(name, "lot_id", "tender_lot.id"),
        _key(name, "bid_id", "opening_bid.bid_id"),
        _key(name, "raised_by", "identity_user.id"),
        _key(name, "closed_by", "identity_user.id"),
        sa.PrimaryKeyConstraint("lot_id", "node", name=f"pk_{name}"),
    )


def _votes() -> None:
    name = "review_vote"
    op.create_table(
        name,
        sa.Column("lot_id", _ID, nullable=False),
        sa.Column("node", _ID, nullable=False),
        sa.Column("bid_id", _ID, nullable=False),
        sa.Column("voter", _ID, nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by", _ID, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lot_id", "node"], ["review_gate.lot_id", "review_gate.node"], name=f"fk_{name}_lot_id"
        ),
        _key(name, "by", "identity_user.id"),
        sa.PrimaryKeyConstraint("lot_id", "node", "bid_id", "voter", name=f"pk_{name}"),
    )


def _changes() -> None:
    name = "review_change"
    op.create_table(
        name,
        sa.Column("id", _ID, nullable=False),
        sa.Column("lot_id", _ID, nullable=False),
        sa.Column("bid_id", _ID, nullable=False),
        sa.Column("about", sa.String(length=80), nullable=False),
        sa.Column("old", sa.String(), nullable=False),
        sa.Column("new", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("by", _ID, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        _key(name, "lot_id", "tender_lot.id"),
        _key(name, "by", "identity_user.id"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
    )
    op.create_index("ix_review_change_lot_id", name, ["lot_id"], unique=False)
    for statement in append_only(op.get_bind().dialect.name, name):
        op.execute(statement)


def _bring() -> None:
    """Every qualification review so far, with its verdicts and its end."""
    op.execute(
        "INSERT INTO review_gate (lot_id, node, side, state, closed_by, closed_at) "
        "SELECT lots.lot_id, 'qualification', 'purchaser', "
        "CASE WHEN ended.lot_id IS NULL THEN 'open' ELSE 'closed' END, ended.closed_by, ended.closed_at "
        "FROM (SELECT lot_id FROM evaluation_qualification "
        "UNION SELECT lot_id FROM evaluation_qualification_review) AS lots "
        "LEFT JOIN evaluation_qualification_review AS ended ON ended.lot_id = lots.lot_id"
    )
    op.execute(
        'INSERT INTO review_vote (lot_id, node, bid_id, voter, passed, reason, "by", at) '
        "SELECT lot_id, 'qualification', bid_id, 'purchaser', passed, reason, judged_by, judged_at "
        "FROM evaluation_qualification"
    )
