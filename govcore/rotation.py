"""Move every wrapped secret to the newest key-encryption key, while the site runs, in steps that may stop anywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import inspect, select, tuple_, update

from govcore.db import Database, Tx
from govcore.keys import KeyWrapper, kek_of
from govcore.module import WrappedColumn

BATCH = 100


def status(database: Database, columns: Sequence[WrappedColumn]) -> dict[str, Counter[str]]:
    """Count the blobs by table and by the key that they name."""
    found: dict[str, Counter[str]] = {}
    for column in columns:
        counts = found.setdefault(column.table, Counter())
        for _, rows in _pages(database.read, column):
            counts.update(kek_of(_blob(column, row)) for row in rows)
    return found


def in_use(database: Database, columns: Sequence[WrappedColumn]) -> set[str]:
    """The keys that some blob names."""
    return {name for counts in status(database, columns).values() for name in counts}


def move(database: Database, columns: Sequence[WrappedColumn], wrapper: KeyWrapper) -> int:
    """Wrap with the newest key what names another one, and return how many moved."""
    newest, moved = wrapper.newest(), 0
    for column in columns:
        for tx, rows in _pages(database.transaction, column):
            old = [row for row in rows if kek_of(_blob(column, row)) != newest]
            moved += sum(_rewrap(tx, column, row, wrapper) for row in old)
    return moved


def _rewrap(tx: Tx, column: WrappedColumn, row: Any, wrapper: KeyWrapper) -> bool:
    """Re-wrap one secret where its row still holds what was read: a key destroyed meanwhile stays destroyed."""
    blob, context = _blob(column, row), column.context(tx, row)
    fresh = wrapper.wrap(column.purpose, context, wrapper.unwrap(column.purpose, context, blob))
    attribute = column.attribute
    query = update(attribute.class_).where(tuple_(*column.primary_key) == _key(row), attribute == blob)
    # Rows in memory are left as they are: nobody reads them again.
    done = tx.execute(query.values({attribute: fresh}).execution_options(synchronize_session=False))
    return bool(getattr(done, "rowcount", 0))


def _pages(
    opened: Callable[[], AbstractContextManager[Tx]], column: WrappedColumn
) -> Iterator[tuple[Tx, list[Any]]]:
    """The rows that hold a blob, by primary key, each page in a transaction of its own."""
    attribute, key = column.attribute, column.primary_key
    query = select(attribute.class_).where(attribute.is_not(None)).order_by(*key).limit(BATCH)
    page = query
    while True:
        with opened() as tx:
            rows = list(tx.scalars(page))
            yield tx, rows
        if len(rows) < BATCH:
            return
        page = query.where(tuple_(*key) > _key(rows[-1]))


def _key(row: Any) -> tuple[Any, ...]:
    return tuple(inspect(row).identity)


def _blob(column: WrappedColumn, row: Any) -> bytes:
    blob: bytes = getattr(row, column.attribute.key)
    return blob
