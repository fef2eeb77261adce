"""Several statements in one trip to PostgreSQL, for the few paths where trips are what time is spent on.

Each remains a statement of its own, carried out in order: a clock read after a lock is read when the lock is held.
SQLite has no trips; there the same statements run one by one.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row
from sqlalchemy import ClauseElement, Connection, Dialect

from govcore.db import PIPELINE, Tx

Question = tuple[ClauseElement, Mapping[str, str]]
"""A query that is built once, with the texts for its parameters."""


def ask(tx: Tx, *questions: Question) -> list[list[Any]]:
    """The rows of each query, as named tuples of the database's own types."""
    connection = tx.connection()
    driver = _psycopg(connection)
    if driver is None:
        return [list(connection.execute(query, values)) for query, values in questions]  # type: ignore[call-overload]
    with driver.pipeline():
        cursors = [
            driver.cursor(row_factory=namedtuple_row).execute(_compiled(query, connection.dialect), values)
            for query, values in questions
        ]
    return [cursor.fetchall() for cursor in cursors]


@lru_cache(maxsize=256)
def _compiled(query: ClauseElement, dialect: Dialect) -> bytes:
    return str(query.compile(dialect=dialect)).encode()


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
