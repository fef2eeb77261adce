"""One row of any table with the least that it asks for, so that a test can hold every kind of object there is."""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime

from sqlalchemy import JSON, Boolean, Column, Date, DateTime, Integer, LargeBinary, Table, insert, select

from govcore.db import Base, Tx, UTCDateTime
from govcore.identity.models import Words

MARKUP = """\"><script>alert(1)</script>'{{7*7}}<img src=x onerror=alert(1)>"""
"""What somebody may write who hopes that a page takes it for its own."""

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)

PLAIN = (
    (Words, frozenset()),
    ((UTCDateTime, DateTime), LONG_AGO),
    (Date, date(2026, 1, 1)),
    (Boolean, False),
    (Integer, 1),
    (LargeBinary, b"[]"),
    (JSON, {}),
)


def a_row(tx: Tx, table: Table, **given: object) -> str:
    """Insert a row, and first the rows that it refers to where their tables are empty; the value of its key."""
    values = given | {
        column.name: _value(tx, column)
        for column in table.columns
        if column.name not in given and _needed(column)
    }
    key = next(iter(table.primary_key.columns))
    return str(tx.execute(insert(table).values(**values).returning(key)).scalar_one())


def first_or_new(tx: Tx, column: Column[object]) -> object:
    """A value of this column in some row of its table."""
    found = tx.scalar(select(column).limit(1))
    if found is None:
        a_row(tx, Base.metadata.tables[column.table.name])
        found = tx.scalar(select(column).limit(1))
    return found


def _needed(column: Column[object]) -> bool:
    numbered = column.primary_key and isinstance(column.type, Integer) and not column.foreign_keys
    return not (
        column.nullable or column.default is not None or column.server_default is not None or numbered
    )


def _value(tx: Tx, column: Column[object]) -> object:
    if column.foreign_keys:
        return first_or_new(tx, next(iter(column.foreign_keys)).column)
    for kinds, value in PLAIN:
        if isinstance(column.type, kinds):
            return value
    return secrets.token_hex(32)[: getattr(column.type, "length", None) or 16]
