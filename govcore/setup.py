"""Bring a database to the present: schema, keys, registration CA; take an external module's tables out again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, Table, delete, inspect, make_url

from govcore import clock, vault
from govcore.audit.models import OutboxDelivery
from govcore.audit.service import record
from govcore.certificates.service import create_authority
from govcore.db import Base, Database, Tx
from govcore.keys import create_first_kek, open_wrapper
from govcore.module import Module, ModuleError, Registry, Undisturbed, discover
from govcore.settings import Settings

AUTHORITY_NAME = "Trading centre registration CA"


UPGRADED = "module.upgraded_at_risk"


@dataclass(frozen=True, slots=True)
class Insisted:
    """What an upgrade disturbs, why it cannot wait, and which two operators signed for that."""

    at_risk: Sequence[Undisturbed]
    reason: str
    operators: Sequence[str]


def migrate(settings: Settings, *, insisted: Insisted | None = None) -> None:
    """Safe to run again: what exists stays as it is. What was put at risk, why and by whom, is logged."""
    settings.data.mkdir(parents=True, exist_ok=True)
    create_first_kek(settings)
    wrapper = open_wrapper(settings)
    registry = discover(settings.modules)
    database = Database(settings.database_url, info={"registry": registry})
    upgrade(database)
    for module in external(registry):
        upgrade(database, module=module)
    with database.transaction() as tx:
        vault.create_missing(tx, wrapper)
        create_authority(tx, wrapper, name=AUTHORITY_NAME, at=clock.now(tx))
        if insisted is not None:
            data = {
                "objects": sorted(one.subject for one in insisted.at_risk),
                "reason": insisted.reason,
                "operators": list(insisted.operators),
            }
            record(tx, UPGRADED, subject="platform", actor="system", at=clock.now(tx), data=data)
    database.dispose()
    wrapper.close()


def at_risk(settings: Settings) -> list[Undisturbed]:
    """What an upgrade would disturb now; nothing for a new database, and where there is nothing to upgrade."""
    registry = discover(settings.modules)
    info = {"clock_offset": settings.clock_offset, "clock_file": settings.clock_file}
    if is_current(settings) or not _has_tables(settings):
        return []
    database = Database(settings.database_url, info=info)
    try:
        with database.read() as tx:
            at = clock.now(tx)
            asked = [module.undisturbed for module in registry.modules if module.undisturbed is not None]
            return [one for ask in asked for one in ask(tx, at)]
    finally:
        database.dispose()


def _has_tables(settings: Settings) -> bool:
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return False
    database = Database(settings.database_url)
    try:
        return bool(inspect(database.engine).get_table_names())
    finally:
        database.dispose()


def external(registry: Registry) -> list[Module]:
    """The enabled modules that bring a history of their own."""
    return [module for module in registry.modules if module.migrations is not None]


def upgrade(database: Database, revision: str = "head", *, module: Module | None = None) -> None:
    """Run the platform's migrations, or an external module's, on this database's engine."""
    config = _config(module)
    with database.engine.connect() as connection, _recreating(connection):
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()


@contextmanager
def _recreating(connection: Connection) -> Iterator[None]:
    """SQLite changes a column by making its table anew, which rows that refer to it would forbid.

    A connection leaves the checks out only between transactions, so this is no migration's to say.
    """
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        yield
        return
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        connection.rollback()
        driver.execute("PRAGMA foreign_keys=ON")


def is_current(settings: Settings) -> bool:
    """Whether every migration of the platform and of the enabled modules has run; creates nothing."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return False
    registry = discover(settings.modules)
    database = Database(settings.database_url)
    try:
        with database.read() as tx:
            return applied(tx, registry) == wanted(registry)
    finally:
        database.dispose()


def applied(tx: Tx, registry: Registry) -> dict[str, list[str]]:
    """The migrations that this database has come to, the platform's and each external module's."""
    return {name: sorted(_done(tx, module)) for name, module in _histories(registry).items()}


def wanted(registry: Registry) -> dict[str, list[str]]:
    """The migrations that this release and its modules need."""
    return {name: sorted(_heads(module)) for name, module in _histories(registry).items()}


def _histories(registry: Registry) -> dict[str, Module | None]:
    return {"platform": None, **{module.name: module for module in external(registry)}}


def tables_of(module: Module, registry: Registry) -> list[Table]:
    """The tables of an external module: those that begin with its name, and not with a longer module's."""
    names = sorted((one.name for one in registry.modules), key=len, reverse=True)
    owner = {
        table: next((name for name in names if table.startswith(f"{name}_")), None)
        for table in Base.metadata.tables
    }
    return [table for name, table in Base.metadata.tables.items() if owner[name] == module.name]


def drop(database: Database, name: str) -> list[str]:
    """Remove an external module's tables, version and owed tasks for good, and log that; return the tables' names.

    Its entries stay in the log. Raise `ModuleError` for a module that is not enabled or belongs to the platform.
    """
    registry: Registry = database.info["registry"]
    module = next((one for one in external(registry) if one.name == name), None)
    if module is None:
        raise ModuleError(f"no enabled module {name} brings tables of its own")
    tables = tables_of(module, registry)
    version = Table(_version_table(module), MetaData())
    dropped = sorted(table.name for table in tables)
    with database.transaction() as tx:
        Base.metadata.drop_all(tx.connection(), tables=tables)
        version.drop(tx.connection(), checkfirst=True)
        tx.execute(delete(OutboxDelivery).where(OutboxDelivery.task.in_(module.subscriptions.values())))
        data = {"tables": dropped}
        record(tx, "module.dropped", subject=name, actor="system", at=clock.now(tx), data=data)
    return dropped


def _done(tx: Tx, module: Module | None) -> set[str]:
    opts = {"version_table": _version_table(module)}
    return set(MigrationContext.configure(tx.connection(), opts=opts).get_current_heads())


def _heads(module: Module | None) -> set[str]:
    return set(ScriptDirectory.from_config(_config(module)).get_heads())


def _version_table(module: Module | None) -> str:
    return f"{module.name}_version" if module else "alembic_version"


def _config(module: Module | None) -> Config:
    """The platform's Alembic environment, over its own revisions or over those in the module's folder."""
    import migrations

    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    if module is not None:
        config.set_main_option("path_separator", "newline")
        config.set_main_option("version_locations", str(module.migrations).replace("%", "%%"))
    config.attributes["version_table"] = _version_table(module)
    return config
