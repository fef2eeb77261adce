"""Keep rooms in one table: those of committees are the centre's rooms of which networks are known."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0072_one_table_of_rooms"
down_revision = "0071_consultations"
branch_labels = None
depends_on = None

_ID = sa.String(length=64)
ROOM = sa.table(
    "venue_room",
    *(sa.column(name) for name in ("id", "name", "place", "seats", "centre_id")),
    sa.column("networks", sa.JSON),
)
OLD = sa.table(
    "committee_room", *(sa.column(name) for name in ("id", "name", "set_by")), sa.column("networks", sa.JSON)
)
USER = sa.table("identity_user", sa.column("id"), sa.column("org_id"))
REQUIREMENT = sa.table(
    "committee_requirement",
    *(sa.column(name) for name in ("lot_id", "number")),
    sa.column("wanted", sa.JSON),
)


def upgrade() -> None:
    """A committee's room of a name that the centre's list has already becomes that one; its seats were never said."""
    with op.batch_alter_table("venue_room") as table:
        table.add_column(sa.Column("networks", sa.JSON(), nullable=False, server_default="[]"))
        table.add_column(sa.Column("centre_id", _ID, nullable=True))
        table.create_foreign_key("fk_venue_room_centre_id", "identity_organisation", ["centre_id"], ["id"])
    for name in ("committee_seat", "committee_window"):
        with op.batch_alter_table(name) as table:
            table.drop_constraint(f"fk_{name}_room_id", type_="foreignkey")
    moved = _carry_over()
    for name in ("committee_seat", "committee_window"):
        rows = sa.table(name, sa.column("room_id"))
        for old, new in moved.items():
            op.execute(rows.update().where(rows.c.room_id == old).values(room_id=new))
        with op.batch_alter_table(name) as table:
            table.create_foreign_key(f"fk_{name}_room_id", "venue_room", ["room_id"], ["id"])
    _rewrite_requirements(moved)
    op.drop_table("committee_room")


def _carry_over() -> dict[str, str]:
    """Copy the rooms; the new ids of those that were in the centre's list under another."""
    connection, moved = op.get_bind(), {}
    query = sa.select(OLD.c.id, OLD.c.name, OLD.c.networks, USER.c.org_id).join(
        USER, USER.c.id == OLD.c.set_by, isouter=True
    )
    for room in connection.execute(query).all():
        said: dict[str, Any] = {"networks": room.networks, "centre_id": room.org_id}
        known = connection.scalar(sa.select(ROOM.c.id).where(ROOM.c.name == room.name))
        if known is None:
            connection.execute(
                ROOM.insert().values(id=room.id, name=room.name, place=room.name, seats=0, **said)
            )
        else:
            connection.execute(ROOM.update().where(ROOM.c.id == known).values(**said))
            moved[room.id] = known
    return moved


def _rewrite_requirements(moved: dict[str, str]) -> None:
    connection = op.get_bind()
    for row in connection.execute(sa.select(REQUIREMENT)).all() if moved else ():
        wanted = [one | {"room_id": moved.get(one["room_id"], one["room_id"])} for one in row.wanted]
        same = REQUIREMENT.c.lot_id == row.lot_id, REQUIREMENT.c.number == row.number
        connection.execute(REQUIREMENT.update().where(*same).values(wanted=wanted))
