"""The migrations build exactly what the models say, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import delete, insert, inspect, select, text
from sqlalchemy.exc import IntegrityError

from govcore.audit.entries import event_bytes
from govcore.audit.models import LogEvent, LogSearch
from govcore.db import Base, Database
from govcore.identity.models import Organisation, User
from govcore.module import discover
from govcore.setup import upgrade
from trading.venue.queries import committee_rooms

VERSIONS = Path(__file__).parent.parent / "migrations" / "versions"


def test_migrations_leave_no_drift(empty_database_url: str) -> None:
    discover()
    database = Database(empty_database_url)

    upgrade(database)

    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)
        tables = set(inspect(connection).get_table_names())
    database.dispose()
    assert differences == []
    assert tables == {*Base.metadata.tables, "alembic_version"}


def test_migrating_twice_changes_nothing(empty_database_url: str) -> None:
    discover()
    database = Database(empty_database_url)

    upgrade(database)
    upgrade(database)

    with database.engine.connect() as connection:
        revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    database.dispose()
    assert revision == max(path.stem for path in VERSIONS.glob("0*.py"))


def test_entries_of_an_older_log_can_be_found_after_the_migration(empty_database_url: str) -> None:
    database = Database(empty_database_url, info={"registry": discover()})
    upgrade(database, "0021_proposals")
    at = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
    event = event_bytes(type="identity.signed_in", subject="u-1", at=at, actor="u-1", data={})
    row = {"idx": 7, "leaf": b"7" * 32, "type": "identity.signed_in", "subject": "u-1", "public": False}
    with database.engine.begin() as connection:
        connection.execute(insert(LogEvent).values(**row, event=event, nonce=b"n" * 32))

    upgrade(database)

    with database.read() as tx:
        found = tx.execute(select(LogSearch.idx, LogSearch.actor, LogSearch.at)).all()
    database.dispose()
    assert [tuple(one) for one in found] == [(7, "u-1", at)]


def test_registered_organisations_have_a_credit_code_after_the_migration(empty_database_url: str) -> None:
    """Also on SQLite, where the table to which people refer is made anew."""
    database = Database(empty_database_url, info={"registry": discover()})
    upgrade(database, "0044_projects")
    with database.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO identity_organisation (id, uscc, name) VALUES ('o-1', '91371500MA00000011', '甲')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO identity_user (id, username, name, org_id, password_hash, active, duties)"
                " VALUES ('u-1', 'u', '乙', 'o-1', '', true, '')"
            )
        )

    upgrade(database)

    with database.read() as tx:
        [kept] = tx.execute(select(Organisation.uscc, Organisation.id_kind, Organisation.id_tag)).all()
        member = tx.get_one(User, "u-1").org_id
    with pytest.raises(IntegrityError), database.transaction() as tx:
        tx.execute(delete(Organisation))
    database.dispose()
    assert (tuple(kept), member) == (("91371500MA00000011", "credit_code", None), "o-1")


def test_rooms_of_committees_are_the_centre_s_rooms_after_the_migration(empty_database_url: str) -> None:
    """Of the same name they become one, with whatever pointed to them; others are carried over with their ids."""
    database = Database(empty_database_url, info={"registry": discover()})
    upgrade(database, "0069_screened_members")
    moment = "'2026-12-01 01:00:00+00:00'"
    with database.engine.begin() as connection:
        for row in (
            "identity_organisation (id, uscc, id_kind, name) VALUES ('o', '91371500MA00000011', 'credit_code', 'c')",
            "identity_user (id, username, name, org_id, password_hash, password_changed_at, active, duties)"
            f" VALUES ('u', 'u', 'u', 'o', '', {moment}, true, '')",
            "venue_room (id, name, place, seats) VALUES ('v-1', '评标一室', '三楼', 9)",
            *(
                f"committee_room (id, name, networks, set_by, set_at) VALUES ('c-{n}', '{name}', '[\"10.{n}.0.0/16\"]',"
                f" 'u', {moment})"
                for n, name in ((1, "评标一室"), (2, "评标二室"))
            ),
        ):
            connection.execute(text(f"INSERT INTO {row}"))

    upgrade(database)

    with database.read() as tx:
        query = text("SELECT id, name, place, seats, centre_id FROM venue_room ORDER BY id")
        rooms = [tuple(row) for row in tx.execute(query)]
        networks = {one.id: one.networks for one in committee_rooms(tx)}
    database.dispose()
    assert rooms == [("c-2", "评标二室", "评标二室", 0, "o"), ("v-1", "评标一室", "三楼", 9, "o")]
    assert networks == {"c-2": ("10.2.0.0/16",), "v-1": ("10.1.0.0/16",)}
