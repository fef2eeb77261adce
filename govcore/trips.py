"""Straight to PostgreSQL's driver, for the few statements that most requests make.

Nothing is compiled anew, and several statements make one trip. Each remains a statement of its own, carried out in
order: a clock read after a lock is read when the lock is held. SQLite has no trips; there they run one by one.
Who listens to the engine's statements hears of these too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row
from sqlalchemy import (
    ARRAY,
    ClauseElement,
    ColumnElement,
    Connection,
    Dialect,
    TypeDecorator,
    any_,
    bindparam,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.selectable import ReturnsRows

from govcore.db import PIPELINE, Tx

Values = Mapping[str, object]
"""Of a statement's parameters, in types that the drivers of both databases know."""

Question = tuple[ClauseElement, Values]
"""A query that is built once, with its values."""


@dataclass(frozen=True, slots=True)
class _Plain:
    """A statement as psycopg takes it, the values that are part of it, and how columns of our own types are read."""

    text: bytes
    fixed: Values
    readers: Mapping[str, Callable[[Any], Any]]

    def with_values(self, given: Values) -> tuple[bytes, Values]:
        return self.text, {**self.fixed, **given} if self.fixed else given

    def rows(self, cursor: psycopg.Cursor[Any]) -> list[Any]:
        found = cursor.fetchall()
        if not self.readers:
            return found
        return [
            row._replace(**{name: read(getattr(row, name)) for name, read in self.readers.items()})
            for row in found
        ]


def ask(tx: Tx, *questions: Question) -> list[list[Any]]:
    """The rows of each query, or of each write that returns some, as named tuples."""
    connection = _connection(tx)
    driver = _psycopg(connection)
    if driver is None:
        return [list(connection.execute(query, values)) for query, values in questions]  # type: ignore[call-overload]
    plain = [(_plain(query, connection.dialect, tuple(values)), values) for query, values in questions]
    cursors: list[psycopg.Cursor[Any]] = []
    with _known_errors(connection), driver.pipeline() if len(questions) > 1 else nullcontext():
        for query, values in plain:
            cursor = driver.cursor(row_factory=namedtuple_row)
            _announce(connection, cursor, query.text)
            cursors.append(cursor.execute(*query.with_values(values)))
    for cursor, (query, _) in zip(cursors, plain, strict=True):
        for hear in connection.dispatch.after_cursor_execute:
            hear(connection, cursor, query.text.decode(), (), None, False)
    return [query.rows(cursor) for cursor, (query, _) in zip(cursors, plain, strict=True)]


def among(dialect: str, column: InstrumentedAttribute[str], name: str) -> ColumnElement[bool]:
    """Whether the column is in the list that is given under this name; the statement is the same for any length."""
    if dialect == "postgresql":
        return column == any_(bindparam(name, type_=ARRAY(column.type)))
    return column.in_(bindparam(name, expanding=True))


def tell(tx: Tx, statement: ClauseElement, *rows: Values) -> None:
    """Carry out a statement that is built once and returns nothing, for each of the rows."""
    connection = _connection(tx)
    driver = _psycopg(connection)
    if driver is None:
        connection.execute(statement, rows)  # type: ignore[call-overload]
        return
    plain = _plain(statement, connection.dialect, tuple(rows[0]))
    cursor = driver.cursor()
    _announce(connection, cursor, plain.text)
    with _known_errors(connection):
        if len(rows) == 1:
            cursor.execute(*plain.with_values(rows[0]))
        else:
            cursor.executemany(plain.text, [plain.with_values(row)[1] for row in rows])


@contextmanager
def _known_errors(connection: Connection) -> Iterator[None]:
    """Raise the driver's errors as SQLAlchemy would; after a lost connection the pool's others are not trusted."""
    try:
        yield
    except psycopg.Error as error:
        driver = _psycopg(connection)
        lost = driver is None or driver.broken
        if lost:
            connection.invalidate(error)
            connection.engine.dispose()
        raise DBAPIError.instance(None, None, error, psycopg.Error, True, lost, connection.dialect) from error


def _announce(connection: Connection, cursor: psycopg.Cursor[Any], text: bytes) -> None:
    """Tell a statement, but none of its values, to who listens to the engine."""
    for hear in connection.dispatch.before_cursor_execute:
        hear(connection, cursor, text.decode(), (), None, False)


@lru_cache(maxsize=256)
def _plain(statement: ClauseElement, dialect: Dialect, names: tuple[str, ...]) -> _Plain:
    compiled = statement.compile(dialect=dialect, column_keys=names)
    fixed = {name: value for name, value in compiled.params.items() if name not in names}
    columns = statement.exported_columns if isinstance(statement, ReturnsRows) else ()
    own = {one.name: one.type for one in columns if isinstance(one.type, TypeDecorator)}
    readers = {name: kind.result_processor(dialect, None) for name, kind in own.items()}
    return _Plain(str(compiled).encode(), fixed, {name: read for name, read in readers.items() if read})


def join_commit(tx: Tx) -> None:
    """From here to the commit only write, with statements that return nothing: they travel together with it.

    A constraint that one of them breaks is raised by the commit, as the same `IntegrityError`.
    """
    connection = _connection(tx)
    driver = _psycopg(connection)
    if driver is not None:
        pipeline = driver.pipeline()
        pipeline.__enter__()
        connection.info[PIPELINE] = pipeline


_CONNECTION = "trips_connection"


def _connection(tx: Tx) -> Connection:
    """The transaction's connection, asked for once: the session goes through all its states each time."""
    found: Connection | None = tx.info.get(_CONNECTION)
    if found is None:
        found = tx.info[_CONNECTION] = tx.connection()
    return found


def _psycopg(connection: Connection) -> psycopg.Connection[Any] | None:
    driver = connection.connection.driver_connection
    return driver if isinstance(driver, psycopg.Connection) else None
