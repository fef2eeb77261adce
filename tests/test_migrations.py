"""The migrations build exactly what the models say, on both databases."""

from __future__ import annotations

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from govcore.db import Base, Database
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
