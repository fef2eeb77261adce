"""Keep every entry of a sheet, its locks and reopenings, and evaluate in rounds that are never overwritten."""

from __future__ import annotations

from fractions import Fraction

import sqlalchemy as sa
from alembic import op

from govcore.audit.models import append_only
from govcore.db import UTCDateTime

revision = "0053_score_sheets"
down_revision = "0052_draws"
branch_labels = None
depends_on = None

_ID = sa.String(length=64)
_SHEET = ("lot_id", "number", "user_id")


def upgrade() -> None:
    """What was scored before is the first round, and every field has one entry."""
    _rounds()
    _sheets()
    _copy()
    op.drop_table("evaluation_points")
    with op.batch_alter_table("evaluation_member") as table:
        table.drop_column("saved_at")
        table.drop_column("locked_at")
    op.drop_index("ix_evaluation_evaluation_completed_at", "evaluation_evaluation")
    with op.batch_alter_table("evaluation_evaluation") as table:
        for name in ("completed_at", "report_key", "report_sha256", "benchmark_fen"):
            table.drop_column(name)
    with op.batch_alter_table("evaluation_outcome") as table:
        table.add_column(sa.Column("number", sa.Integer(), nullable=False, server_default="1"))
        table.add_column(sa.Column("article", sa.String(), nullable=False, server_default=""))
        table.add_column(sa.Column("reason", sa.String(), nullable=False, server_default=""))
        table.drop_constraint("fk_evaluation_outcome_lot_id", type_="foreignkey")
        table.drop_constraint("pk_evaluation_outcome", type_="primary")
        table.create_primary_key("pk_evaluation_outcome", ["lot_id", "number", "bid_id"])
        table.create_foreign_key(
            "fk_evaluation_outcome_round", "evaluation_round", ["lot_id", "number"], ["lot_id", "number"]
        )


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}")


def _of_sheet(table: str) -> sa.ForeignKeyConstraint:
    targets = [f"evaluation_sheet.{one}" for one in _SHEET]
    return sa.ForeignKeyConstraint(_SHEET, targets, name=f"fk_evaluation_{table}_sheet")


def _whose() -> list[sa.Column[object]]:
    return [
        sa.Column("lot_id", _ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("user_id", _ID, nullable=False),
    ]


def _rounds() -> None:
    name = "evaluation_round"
    op.create_table(
        name,
        sa.Column("lot_id", _ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("proposed_by", _ID, nullable=True),
        sa.Column("confirmed_by", _ID, nullable=True),
        sa.Column("began_at", UTCDateTime(), nullable=False),
        sa.Column("criteria_sha256", _ID, nullable=False, server_default=""),
        sa.Column("completed_at", UTCDateTime(), nullable=True),
        sa.Column("report_key", sa.String(length=160), nullable=True),
        sa.Column("report_sha256", _ID, nullable=True),
        sa.Column("benchmark", sa.String(length=200), nullable=True),
        sa.Column("documents", sa.JSON(), nullable=True),
        _key(name, "lot_id", "tender_lot.id"),
        _key(name, "proposed_by", "identity_user.id"),
        _key(name, "confirmed_by", "identity_user.id"),
        sa.PrimaryKeyConstraint("lot_id", "number", name=f"pk_{name}"),
    )
    op.create_index("ix_evaluation_round_completed_at", name, ["completed_at"], unique=False)


def _sheets() -> None:
    name = "evaluation_sheet"
    op.create_table(
        name,
        *_whose(),
        sa.Column("saved_at", UTCDateTime(), nullable=True),
        sa.Column("locked_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["lot_id", "number"],
            ["evaluation_round.lot_id", "evaluation_round.number"],
            name="fk_evaluation_sheet_round",
        ),
        _key(name, "user_id", "identity_user.id"),
        sa.PrimaryKeyConstraint(*_SHEET, name=f"pk_{name}"),
    )
    name = "evaluation_entry"
    op.create_table(
        name,
        *_whose(),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("bid_id", _ID, nullable=False),
        sa.Column("node_id", _ID, nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        _of_sheet("entry"),
        _key(name, "bid_id", "opening_bid.bid_id"),
        sa.PrimaryKeyConstraint(*_SHEET, "seq", name=f"pk_{name}"),
    )
    _locks()
    name = "evaluation_explanation"
    op.create_table(
        name,
        *_whose(),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            (*_SHEET, "seq"),
            [f"evaluation_entry.{one}" for one in (*_SHEET, "seq")],
            name="fk_evaluation_explanation_entry",
        ),
        sa.PrimaryKeyConstraint(*_SHEET, "seq", name=f"pk_{name}"),
    )
    for table in ("evaluation_entry", "evaluation_lock", "evaluation_explanation"):
        for statement in append_only(op.get_bind().dialect.name, table):
            op.get_bind().exec_driver_sql(statement)


def _locks() -> None:
    name = "evaluation_lock"
    op.create_table(
        name,
        *_whose(),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sha256", _ID, nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=True),
        sa.Column("locked_at", UTCDateTime(), nullable=False),
        _of_sheet("lock"),
        sa.PrimaryKeyConstraint(*_SHEET, "n", name=f"pk_{name}"),
    )
    name = "evaluation_reopening"
    op.create_table(
        name,
        sa.Column("id", _ID, nullable=False),
        *_whose(),
        sa.Column("bid_id", _ID, nullable=False),
        sa.Column("node_id", _ID, nullable=False),
        sa.Column("cause", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("proposed_by", _ID, nullable=False),
        sa.Column("confirmed_by", _ID, nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        _of_sheet("reopening"),
        _key(name, "bid_id", "opening_bid.bid_id"),
        _key(name, "proposed_by", "identity_user.id"),
        _key(name, "confirmed_by", "identity_user.id"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
    )
    op.create_index("ix_evaluation_reopening_sheet", name, list(_SHEET), unique=False)


def _copy() -> None:
    """Benchmarks were in fen."""
    run = op.get_bind().exec_driver_sql
    run(
        "INSERT INTO evaluation_round (lot_id, number, cause, reason, began_at, completed_at, report_key,"
        " report_sha256) SELECT lot_id, 1, '', '', appointed_at, completed_at, report_key, report_sha256"
        " FROM evaluation_evaluation"
    )
    run(
        "INSERT INTO evaluation_sheet (lot_id, number, user_id, saved_at, locked_at)"
        " SELECT lot_id, 1, user_id, saved_at, locked_at FROM evaluation_member"
    )
    entries = sa.table(
        "evaluation_entry",
        *(sa.column(one) for one in (*_SHEET, "seq", "bid_id", "node_id")),
        sa.column("value", sa.JSON()),
        sa.column("why"),
        sa.column("at", UTCDateTime()),
    )
    points = sa.text(
        "SELECT p.lot_id, p.user_id, p.bid_id, p.item_id, p.hundredths, m.saved_at FROM evaluation_points AS p"
        " JOIN evaluation_member AS m ON m.lot_id = p.lot_id AND m.user_id = p.user_id ORDER BY 1, 2, 3, 4"
    ).columns(saved_at=UTCDateTime())
    seqs: dict[tuple[str, str], int] = {}
    for lot_id, user_id, bid_id, item_id, hundredths, at in op.get_bind().execute(points).all():
        seqs[lot_id, user_id] = seqs.get((lot_id, user_id), 0) + 1
        value, seq = f"{hundredths // 100}.{hundredths % 100:02d}", seqs[lot_id, user_id]
        whose = {"lot_id": lot_id, "number": 1, "user_id": user_id, "seq": seq}
        row = {"bid_id": bid_id, "node_id": item_id, "value": value, "why": "", "at": at}
        op.get_bind().execute(entries.insert().values(whose | row))
    _copy_benchmarks()


def _copy_benchmarks() -> None:
    rows = op.get_bind().exec_driver_sql(
        "SELECT lot_id, benchmark_fen FROM evaluation_evaluation WHERE benchmark_fen IS NOT NULL"
    )
    for lot_id, benchmark in rows.all():
        top, _, bottom = benchmark.partition("/")
        yuan = Fraction(int(top), int(bottom or 1)) / 100
        statement = sa.text("UPDATE evaluation_round SET benchmark = :b WHERE lot_id = :l")
        op.get_bind().execute(statement, {"b": f"{yuan.numerator}/{yuan.denominator}", "l": lot_id})
