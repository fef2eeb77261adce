"""Give committees tables of their own: seats, votes, the windows of their session and who was in them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0056_committees"
down_revision = "0055_debarments"
branch_labels = None
depends_on = None

WHEN = sa.DateTime(timezone=True)
ID = sa.String(length=64)


def upgrade() -> None:
    """Committees that sit already were appointed; they sign in anew."""
    _rooms_and_promises()
    _committees()
    _session()
    op.execute(
        "INSERT INTO committee_committee (lot_id, round, state, cause, reason, seated_by, seated_at) "
        "SELECT lot_id, round, 'seated', 'appointed', '', appointed_by, appointed_at FROM evaluation_evaluation"
    )
    op.execute(
        "INSERT INTO committee_seat (lot_id, number, user_id, kind, since, left_reason) "
        "SELECT m.lot_id, m.seat, m.user_id, 'expert', e.appointed_at, '' FROM evaluation_member m "
        "JOIN evaluation_evaluation e ON e.lot_id = m.lot_id"
    )
    with op.batch_alter_table("evaluation_technical_result") as table:
        table.drop_constraint("fk_evaluation_technical_result_lot_id", type_="foreignkey")
        table.create_foreign_key("fk_evaluation_technical_result_lot_id", "tender_lot", ["lot_id"], ["id"])
    op.drop_table("evaluation_member")
    op.drop_table("evaluation_evaluation")


def _rooms_and_promises() -> None:
    op.create_table(
        "committee_room",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("networks", sa.JSON(), nullable=False),
        sa.Column("set_by", ID, nullable=False),
        sa.Column("set_at", WHEN, nullable=False),
        sa.ForeignKeyConstraint(["set_by"], ["identity_user.id"], name="fk_committee_room_set_by"),
        sa.PrimaryKeyConstraint("id", name="pk_committee_room"),
        sa.UniqueConstraint("name", name="uq_committee_room_name"),
    )
    op.create_table(
        "committee_promise",
        sa.Column("sha256", ID, nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_committee_promise"),
    )


def _committees() -> None:
    op.create_table(
        "committee_committee",
        sa.Column("lot_id", ID, nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("cause", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("seated_by", ID, nullable=False),
        sa.Column("seated_at", WHEN, nullable=False),
        sa.Column("leader", sa.Integer()),
        sa.Column("leader_at", WHEN),
        sa.ForeignKeyConstraint(["lot_id"], ["tender_lot.id"], name="fk_committee_committee_lot_id"),
        sa.ForeignKeyConstraint(["seated_by"], ["identity_user.id"], name="fk_committee_committee_seated_by"),
        sa.PrimaryKeyConstraint("lot_id", name="pk_committee_committee"),
    )
    op.create_table(
        "committee_seat",
        sa.Column("lot_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("since", WHEN, nullable=False),
        sa.Column("room_id", ID),
        sa.Column("signed_in_at", WHEN),
        sa.Column("promised_at", WHEN),
        sa.Column("promise_sha256", ID),
        sa.Column("left_at", WHEN),
        sa.Column("left_ground", sa.String(length=16)),
        sa.Column("left_reason", sa.Text(), nullable=False),
        sa.Column("replaced_by", sa.Integer()),
        sa.ForeignKeyConstraint(["lot_id"], ["committee_committee.lot_id"], name="fk_committee_seat_lot_id"),
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], name="fk_committee_seat_user_id"),
        sa.ForeignKeyConstraint(["room_id"], ["committee_room.id"], name="fk_committee_seat_room_id"),
        sa.ForeignKeyConstraint(
            ["promise_sha256"], ["committee_promise.sha256"], name="fk_committee_seat_promise_sha256"
        ),
        sa.PrimaryKeyConstraint("lot_id", "number", name="pk_committee_seat"),
        sa.UniqueConstraint("lot_id", "user_id", name="uq_committee_seat_lot_id_user_id"),
    )
    op.create_index("ix_committee_seat_user_id", "committee_seat", ["user_id"])


def _session() -> None:
    op.create_table(
        "committee_vote",
        sa.Column("lot_id", ID, nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("choice", sa.Integer(), nullable=False),
        _of_seat("fk_committee_vote_lot_id"),
        sa.PrimaryKeyConstraint("lot_id", "seat", name="pk_committee_vote"),
    )
    op.create_table(
        "committee_window",
        sa.Column("lot_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("room_id", ID),
        sa.Column("opened_by", ID, nullable=False),
        sa.Column("opened_at", WHEN, nullable=False),
        sa.Column("closed_by", ID),
        sa.Column("closed_at", WHEN),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["committee_committee.lot_id"], name="fk_committee_window_lot_id"
        ),
        sa.ForeignKeyConstraint(["room_id"], ["committee_room.id"], name="fk_committee_window_room_id"),
        sa.ForeignKeyConstraint(["opened_by"], ["identity_user.id"], name="fk_committee_window_opened_by"),
        sa.ForeignKeyConstraint(["closed_by"], ["identity_user.id"], name="fk_committee_window_closed_by"),
        sa.PrimaryKeyConstraint("lot_id", "number", name="pk_committee_window"),
    )
    op.create_table(
        "committee_presence",
        sa.Column("lot_id", ID, nullable=False),
        sa.Column("window", sa.Integer(), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("came_at", WHEN, nullable=False),
        sa.Column("left_at", WHEN),
        sa.Column("address", ID, nullable=False),
        _of_seat("fk_committee_presence_seat"),
        sa.ForeignKeyConstraint(
            ["lot_id", "window"],
            ["committee_window.lot_id", "committee_window.number"],
            name="fk_committee_presence_window",
        ),
        sa.PrimaryKeyConstraint("lot_id", "window", "seat", "came_at", name="pk_committee_presence"),
    )


def _of_seat(name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["lot_id", "seat"], ["committee_seat.lot_id", "committee_seat.number"], name=name
    )
