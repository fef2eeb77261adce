"""Bring a database to the present: schema, keys, registration CA."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import make_url

from govcore import clock, vault
from govcore.certificates.service import create_authority
from govcore.db import Database
from govcore.keys import create_first_kek, open_wrapper
from govcore.module import discover
from govcore.settings import Settings

AUTHORITY_NAME = "Trading centre registration CA"


def migrate(settings: Settings) -> None:
    """Safe to run again: what exists stays as it is."""
    settings.data.mkdir(parents=True, exist_ok=True)
    create_first_kek(settings)
    wrapper = open_wrapper(settings)
    database = Database(settings.database_url, info={"registry": discover(settings.modules)})
    upgrade(database)
    with database.transaction() as tx:
        vault.create_missing(tx, wrapper)
        create_authority(tx, wrapper, name=AUTHORITY_NAME, at=clock.now(tx))
    database.dispose()
    wrapper.close()


def upgrade(database: Database, revision: str = "head") -> None:
    """Run the migrations on this database's engine."""
    config = _config()
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()


def is_current(settings: Settings) -> bool:
    """Whether every migration has run on this database; creates nothing."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return False
    database = Database(settings.database_url)
    try:
        with database.read() as tx:
            done = MigrationContext.configure(tx.connection()).get_current_heads()
    finally:
        database.dispose()
    return set(done) == set(ScriptDirectory.from_config(_config()).get_heads())


def _config() -> Config:
    import migrations

    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    return config
