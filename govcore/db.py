"""One synchronous path to the database, on SQLite and PostgreSQL."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Engine, Integer, MetaData, create_engine, event
from sqlalchemy.dialects import postgresql, registry, sqlite
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection
from sqlalchemy.types import TypeDecorator

Tx = Session
"""A transaction: what every service and query takes first."""

BigId = BigInteger().with_variant(Integer, "sqlite")
"""An ascending integer key (SQLite numbers rows only for the type INTEGER)."""


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UTCDateTime(TypeDecorator[datetime]):
    """An aware datetime in UTC; naive values are refused, SQLite's lost zone is put back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime must not reach the database")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def new_id() -> str:
    """A random identifier of 128 bits that counts nothing."""
    return secrets.token_hex(16)


def upsert(tx: Tx, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """The INSERT of this database that can name what to do with a row that is there already."""
    return insert_for(tx.get_bind().dialect.name, table)


def insert_for(dialect: str, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """The same for statements that are built once."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


class Database:
    """The engine and the two ways into it; `info` reaches every transaction as `tx.info`."""

    def __init__(self, url: str, *, info: Mapping[str, Any] | None = None, pool_size: int = 16) -> None:
        self.info = dict(info or {})
        self.before_writing: Callable[[], None] = lambda: None
        self.engine = _engine(url, pool_size)
        self._reader = self.engine if self.dialect == "sqlite" else _reader(url, pool_size)

    @property
    def dialect(self) -> str:
        return self.engine.dialect.name

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        """Write: commits when the block ends, rolls back when it raises; `before_writing` may refuse it."""
        self.before_writing()
        with Session(self.engine, expire_on_commit=False, info=self.info) as tx, tx.begin():
            yield tx

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """Read: takes no write lock and never commits.

        SQLite shows one view for the whole block; PostgreSQL one for each statement, as in every READ COMMITTED
        transaction, on connections that refuse to write and are spared BEGIN and ROLLBACK.
        """
        with self._reading({}) as tx:
            yield tx

    @contextmanager
    def snapshot(self) -> Iterator[Tx]:
        """Read one consistent view of everything on both databases, for exports; rows may be streamed."""
        with self._reading({} if self.dialect == "sqlite" else {"isolation_level": "REPEATABLE READ"}) as tx:
            yield tx

    @contextmanager
    def _reading(self, options: dict[str, str]) -> Iterator[Tx]:
        with Session(self._reader, expire_on_commit=False, autoflush=False, info=self.info) as tx:
            tx.connection(execution_options={"sqlite_begin": "DEFERRED", **options})
            yield tx
            tx.expunge_all()  # what was read stays readable: closing rolls back, which would expire it

    def dispose(self) -> None:
        self.engine.dispose()
        self._reader.dispose()


_POSTGRESQL = "-c lock_timeout=10s -c statement_timeout=60s -c timezone=UTC"


def _postgresql(url: str, pool_size: int, options: str, **more: Any) -> Engine:
    engine = create_engine(
        url.replace("postgresql://", "postgresql+psycopg_joined://", 1),
        pool_size=pool_size,
        max_overflow=4,
        hide_parameters=True,
        connect_args={"options": options},
        **more,
    )
    event.listen(engine, "reset", _leave_pipeline)
    return engine


PIPELINE = "open_pipeline"
"""Under this name a connection keeps the pipeline that `trips.join_commit` opened."""


class JoinedCommit(PGDialect_psycopg):
    """psycopg, where a COMMIT travels with the writes that wait in the connection's open pipeline."""

    supports_statement_cache = True

    def do_commit(self, dbapi_connection: PoolProxiedConnection) -> None:
        pipeline = dbapi_connection.info.pop(PIPELINE, None)
        if pipeline is None:
            dbapi_connection.commit()
            return
        dbapi_connection.cursor().execute("COMMIT")
        pipeline.__exit__(None, None, None)  # sends all, waits for all, raises the first error


registry.register("postgresql.psycopg_joined", __name__, JoinedCommit.__name__)


def _leave_pipeline(_connection: DBAPIConnection, record: ConnectionPoolEntry, _state: object) -> None:
    """A connection goes back to its pool without a pipeline, whatever became of its transaction."""
    pipeline = record.info.pop(PIPELINE, None)
    if pipeline is not None:
        pipeline.__exit__(None, None, None)


def _reader(url: str, pool_size: int) -> Engine:
    options = f"{_POSTGRESQL} -c default_transaction_read_only=on"
    return _postgresql(url, pool_size, options, isolation_level="AUTOCOMMIT")


def _engine(url: str, pool_size: int) -> Engine:
    if not url.startswith("sqlite"):
        return _postgresql(url, pool_size, _POSTGRESQL)
    engine = create_engine(
        url, pool_size=pool_size, max_overflow=4, hide_parameters=True, connect_args={"timeout": 30}
    )
    event.listen(engine, "connect", _tune_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _tune_sqlite(connection: DBAPIConnection, _record: object) -> None:
    assert isinstance(connection, sqlite3.Connection)
    connection.isolation_level = None  # the driver must not begin on its own: `_begin_sqlite` does
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:
    mode = connection.get_execution_options().get("sqlite_begin", "IMMEDIATE")
    connection.exec_driver_sql(f"BEGIN {mode}")
