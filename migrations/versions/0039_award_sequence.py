"""Make an award a sequence, keep why candidates are out and reports; review qualification in purchases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0039_award_sequence"
down_revision = "0038_extension"
branch_labels = None
depends_on = None

_ID = sa.String(length=64)


_CANDIDATES = "award_candidate"
_AWARDS = "award_award"
_PAPERS = "award_paper"


def upgrade() -> None:
    _sequence()
    op.add_column("award_publicity", sa.Column("due_at", UTCDateTime(), nullable=True))
    _causes()
    _reports()
    _qualification()


def _sequence() -> None:
    """Make three tables anew with their rows: their keys change, which SQLite cannot do in place."""
    op.execute("CREATE TABLE award_old_candidate AS SELECT * FROM award_candidate")
    op.execute("CREATE TABLE award_old_award AS SELECT * FROM award_award")
    op.execute("CREATE TABLE award_old_paper AS SELECT * FROM award_paper")
    for table, make in ((_CANDIDATES, _candidates), (_AWARDS, _awards), (_PAPERS, _papers)):
        op.drop_table(table)
        make()
    op.execute(
        "INSERT INTO award_candidate SELECT lot_id, bid_id, position, rank, org_id, bidder_name, uscc, price_fen,"
        " total, duration_days, quality, manager, manager_certificate FROM award_old_candidate"
    )
    op.execute(
        "INSERT INTO award_award SELECT lot_id, 1, bid_id, 'first', '', decided_by, decided_at, decided_at, decided_at"
        " FROM award_old_award"
    )
    op.execute(
        "INSERT INTO award_paper SELECT id, lot_id, kind, CASE kind WHEN 'candidates' THEN 0 ELSE 1 END, store_key,"
        " sha256, size, published_at FROM award_old_paper"
    )
    for table in ("award_old_candidate", "award_old_award", "award_old_paper"):
        op.drop_table(table)


def _lot(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["lot_id"], ["tender_lot.id"], name=f"fk_{table}_lot_id")


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}")


def _candidates() -> None:
    op.create_table(
        "award_candidate",
        sa.Column("lot_id", _ID, nullable=False),
        sa.Column("bid_id", _ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("org_id", _ID, nullable=False),
        sa.Column("bidder_name", sa.String(), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("duration_days", sa.Integer(), nullable=False),
        sa.Column("quality", sa.String(), nullable=False),
        sa.Column("manager", sa.String(), nullable=False),
        sa.Column("manager_certificate", sa.String(), nullable=False),
        _lot("award_candidate"),
        _to("award_candidate", "bid_id", "opening_bid.bid_id"),
        _to("award_candidate", "org_id", "identity_organisation.id"),
        sa.PrimaryKeyConstraint("lot_id", "bid_id", name="pk_award_candidate"),
    )


def _awards() -> None:
    op.create_table(
        "award_award",
        sa.Column("lot_id", _ID, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("bid_id", _ID, nullable=False),
        sa.Column("basis", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_by", _ID, nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("announced_at", UTCDateTime(), nullable=True),
        _lot("award_award"),
        _to("award_award", "bid_id", "opening_bid.bid_id"),
        _to("award_award", "decided_by", "identity_user.id"),
        sa.PrimaryKeyConstraint("lot_id", "n", name="pk_award_award"),
    )


def _papers() -> None:
    op.create_table(
        "award_paper",
        sa.Column("id", _ID, nullable=False),
        sa.Column("lot_id", _ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("store_key", sa.String(length=200), nullable=False),
        sa.Column("sha256", _ID, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("published_at", UTCDateTime(), nullable=False),
        _lot("award_paper"),
        sa.PrimaryKeyConstraint("id", name="pk_award_paper"),
        sa.UniqueConstraint("lot_id", "kind", "n", name="uq_award_paper_lot_id_kind_n"),
    )
    op.create_index("ix_award_paper_published_at", "award_paper", ["published_at"], unique=False)


def _causes() -> None:
    op.create_table(
        "award_evidence",
        sa.Column("id", _ID, nullable=False),
        sa.Column("lot_id", _ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sha256", _ID, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("store_key", sa.String(length=200), nullable=False),
        sa.Column("added_by", _ID, nullable=False),
        sa.Column("added_at", UTCDateTime(), nullable=False),
        _lot("award_evidence"),
        _to("award_evidence", "added_by", "identity_user.id"),
        sa.PrimaryKeyConstraint("id", name="pk_award_evidence"),
    )
    op.create_index("ix_award_evidence_lot_id", "award_evidence", ["lot_id"], unique=False)
    op.create_table(
        "award_exclusion",
        sa.Column("lot_id", _ID, nullable=False),
        sa.Column("bid_id", _ID, nullable=False),
        sa.Column("cause", sa.String(length=16), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("evidence_id", _ID, nullable=True),
        sa.Column("by", _ID, nullable=False),
        sa.Column("second", _ID, nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        _lot("award_exclusion"),
        _to("award_exclusion", "bid_id", "opening_bid.bid_id"),
        _to("award_exclusion", "evidence_id", "award_evidence.id"),
        _to("award_exclusion", "by", "identity_user.id"),
        _to("award_exclusion", "second", "identity_user.id"),
        sa.PrimaryKeyConstraint("lot_id", "bid_id", name="pk_award_exclusion"),
    )
    op.create_table(
        "award_failure",
        sa.Column("lot_id", _ID, nullable=False),
        sa.Column("cause", sa.String(length=16), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("by", _ID, nullable=False),
        sa.Column("second", _ID, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        _lot("award_failure"),
        _to("award_failure", "by", "identity_user.id"),
        _to("award_failure", "second", "identity_user.id"),
        sa.PrimaryKeyConstraint("lot_id", name="pk_award_failure"),
    )


def _reports() -> None:
    op.create_table(
        "award_handover",
        sa.Column("lot_id", _ID, nullable=False),
        sa.Column("by", _ID, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        _lot("award_handover"),
        _to("award_handover", "by", "identity_user.id"),
        sa.PrimaryKeyConstraint("lot_id", name="pk_award_handover"),
    )
    op.create_table(
        "award_report",
        sa.Column("lot_id", _ID, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("sent_by", _ID, nullable=False),
        sa.Column("sent_at", UTCDateTime(), nullable=False),
        sa.Column("acknowledged_by", _ID, nullable=True),
        sa.Column("acknowledged_at", UTCDateTime(), nullable=True),
        _lot("award_report"),
        _to("award_report", "sent_by", "identity_user.id"),
        _to("award_report", "acknowledged_by", "identity_user.id"),
        sa.PrimaryKeyConstraint("lot_id", "n", name="pk_award_report"),
    )


def _qualification() -> None:
    op.create_table(
        "evaluation_qualification",
        sa.Column("lot_id", _ID, nullable=False),
        sa.Column("bid_id", _ID, nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("judged_by", _ID, nullable=False),
        sa.Column("judged_at", UTCDateTime(), nullable=False),
        _lot("evaluation_qualification"),
        _to("evaluation_qualification", "bid_id", "opening_bid.bid_id"),
        _to("evaluation_qualification", "judged_by", "identity_user.id"),
        sa.PrimaryKeyConstraint("lot_id", "bid_id", name="pk_evaluation_qualification"),
    )
    op.create_table(
        "evaluation_qualification_review",
        sa.Column("lot_id", _ID, nullable=False),
        sa.Column("closed_by", _ID, nullable=False),
        sa.Column("closed_at", UTCDateTime(), nullable=False),
        _lot("evaluation_qualification_review"),
        _to("evaluation_qualification_review", "closed_by", "identity_user.id"),
        sa.PrimaryKeyConstraint("lot_id", name="pk_evaluation_qualification_review"),
    )
