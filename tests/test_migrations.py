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
