"""Straight to PostgreSQL's driver, for the few statements that most requests make.

Nothing is compiled anew, and several statements make one trip. Each remains a statement of its own, carried out in
order: a clock read after a lock is read when the lock is held. SQLite has no trips; there they run one by one.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from functools import lru_cache
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row
from sqlalchemy import ClauseElement, Connection, Dialect

from govcore.db import PIPELINE, Tx

Values = Mapping[str, object]
"""Of a statement's parameters, in types that the drivers of both databases know."""

Question = tuple[ClauseElement, Values]
"""A query that is built once, with its values."""


def ask(tx: Tx, *questions: Question) -> list[list[Any]]:
    """The rows of each query, as named tuples of the database's own types."""
    connection = tx.connection()
    driver = _psycopg(connection)
    if driver is None:
        return [list(connection.execute(query, values)) for query, values in questions]  # type: ignore[call-overload]
    with driver.pipeline() if len(questions) > 1 else nullcontext():
        cursors = [
            driver.cursor(row_factory=namedtuple_row).execute(*_plain(query, connection.dialect, values))
            for query, values in questions
        ]
    return [cursor.fetchall() for cursor in cursors]


def tell(tx: Tx, statement: ClauseElement, *rows: Values) -> None:
    """Carry out a statement that is built once and returns nothing, for each of the rows."""
    connection = tx.connection()
    driver = _psycopg(connection)
    if driver is None:
        connection.execute(statement, rows)  # type: ignore[call-overload]
    elif len(rows) == 1:
        driver.cursor().execute(*_plain(statement, connection.dialect, rows[0]))
    else:
        plain = [_plain(statement, connection.dialect, row) for row in rows]
        driver.cursor().executemany(plain[0][0], [values for _, values in plain])


def _plain(statement: ClauseElement, dialect: Dialect, values: Values) -> tuple[bytes, Values]:
    """A statement as psycopg takes it."""
    text, fixed = _compiled(statement, dialect, tuple(values))
    return text, {**fixed, **values} if fixed else values


@lru_cache(maxsize=256)
def _compiled(statement: ClauseElement, dialect: Dialect, names: tuple[str, ...]) -> tuple[bytes, Values]:
    """The text, and the values that are part of the statement already."""
    compiled = statement.compile(dialect=dialect, column_keys=names)
    return str(compiled).encode(), {k: v for k, v in compiled.params.items() if k not in names}


def join_commit(tx: Tx) -> None:
    """From here to the commit only write, with statements that return nothing: they travel together with it.

    A constraint that one of them breaks is raised by the commit, as the same `IntegrityError`.
    """
    connection = tx.connection()
    driver = _psycopg(connection)
    if driver is not None:
        pipeline = driver.pipeline()
        pipeline.__enter__()
        connection.info[PIPELINE] = pipeline


def _psycopg(connection: Connection) -> psycopg.Connection[Any] | None:
    driver = connection.connection.driver_connection
    return driver if isinstance(driver, psycopg.Connection) else None
