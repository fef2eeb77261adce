"""The legal clock is the database's, at the moment of asking."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from clocks import move_clock
from sqlalchemy import text

from govcore import clock
from govcore.ahead import put_ahead
from govcore.db import Database


@pytest.fixture
def database(empty_database_url: str) -> Iterator[Database]:
    database = Database(empty_database_url)
    yield database
    database.dispose()


def test_it_tells_the_present_in_utc(database: Database) -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)  # SQLite counts milliseconds
    with database.read() as tx:
        told = clock.now(tx)

    assert before <= told <= datetime.now(UTC)
    assert told.tzinfo is UTC


def test_it_goes_on_while_a_transaction_lasts(database: Database) -> None:
    """A deadline is held against this clock: `now()` of PostgreSQL would still show the transaction's start."""
    with database.transaction() as tx:
        first = clock.now(tx)
        while (second := clock.now(tx)) == first:
            continue
        start = tx.scalar(text("SELECT now()")) if database.dialect == "postgresql" else first

    assert second > first
    assert second > start


def test_it_never_goes_back(database: Database) -> None:
    with database.transaction() as tx:
        told = [clock.now(tx) for _ in range(50)]

    assert told == sorted(told)


def test_tests_and_the_demo_may_set_it_forward(database: Database) -> None:
    with database.read() as tx:
        before = clock.now(tx)
    move_clock(database, days=20)
    with database.read() as tx:
        after = clock.now(tx)

    assert timedelta(days=20) <= after - before < timedelta(days=20, minutes=1)


def test_beijing_is_eight_hours_ahead_all_year() -> None:
    offsets = {datetime(2026, month, 1, tzinfo=clock.BEIJING).utcoffset() for month in range(1, 13)}

    assert offsets == {timedelta(hours=8)}


def test_a_demo_s_file_moves_it_ahead_at_once_for_all_who_read_it(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "ahead"
    database.info["clock_file"] = file
    with database.read() as tx:
        before = clock.now(tx)
        put_ahead(file, timedelta(days=20))
        after = clock.now(tx)

    assert timedelta(days=20) <= after - before < timedelta(days=20, minutes=1)
