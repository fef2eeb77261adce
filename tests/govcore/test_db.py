"""Transactions: all or nothing, one writer at a time on SQLite, readers that change nothing, aware times."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import MetaData, Table, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from govcore.db import Base, BigId, Database, UTCDateTime, new_id

NOON = datetime(2026, 12, 1, 4, 0, 0, 123456, tzinfo=UTC)


class _Base(DeclarativeBase):
    """Tables of this test alone."""

    metadata = MetaData()


class Note(_Base):
    __tablename__ = "test_note"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    text: Mapped[str]
    at: Mapped[datetime | None] = mapped_column(UTCDateTime)


NOTES = _Base.metadata.tables["test_note"]


@pytest.fixture
def database(empty_database_url: str) -> Iterator[Database]:
    database = Database(empty_database_url, info={"greeting": "hello"})
    _Base.metadata.create_all(database.engine)
    yield database
    database.dispose()


ON_SQLITE = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("backend", ["postgresql"], indirect=True)


def _texts(database: Database) -> list[str]:
    with database.read() as tx:
        return list(tx.scalars(select(Note.text).order_by(Note.id)))


def _count(table: Table = NOTES) -> object:
    return select(func.count()).select_from(table)


def _write_and_fail(database: Database) -> None:
    with database.transaction() as tx:
        tx.add(Note(text="lost"))
        tx.flush()
        raise ZeroDivisionError


def test_a_block_that_ends_is_kept(database: Database) -> None:
    with database.transaction() as tx:
        tx.add(Note(text="kept"))

    assert _texts(database) == ["kept"]


def test_a_block_that_raises_leaves_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        _write_and_fail(database)

    assert _texts(database) == []


def test_every_transaction_knows_the_platform(database: Database) -> None:
    with database.transaction() as writing:
        assert writing.info["greeting"] == "hello"
    with database.read() as reading:
        assert reading.info["greeting"] == "hello"


def test_rows_can_be_read_after_the_commit(database: Database) -> None:
    with database.transaction() as tx:
        note = Note(text="kept", at=NOON)
        tx.add(note)

    assert (note.text, note.at) == ("kept", NOON)


def test_what_a_reader_writes_is_never_kept(database: Database) -> None:
    with database.read() as tx:
        tx.add(Note(text="by add"))
    # PostgreSQL refuses on its reading connections, SQLite forgets at the end of the block.
    with suppress(DBAPIError), database.read() as tx:
        tx.execute(insert(Note).values(text="by statement"))

    assert _texts(database) == []


@ON_SQLITE
def test_a_reader_sees_one_state_while_a_writer_commits_on_sqlite(database: Database) -> None:
    with database.read() as tx:
        before = tx.scalar(_count())
        with database.transaction() as writing:
            writing.add(Note(text="meanwhile"))
        after = tx.scalar(_count())

    assert (before, after, _texts(database)) == (0, 0, ["meanwhile"])


@ON_SQLITE
def test_writers_on_sqlite_take_turns_from_the_first_statement(database: Database) -> None:
    """`BEGIN IMMEDIATE`: a writer that read first can never fail half-way with "database is locked"."""
    with database.transaction() as tx:
        tx.add(Note(text="0"))
    together = threading.Barrier(4)
    failures: list[Exception] = []

    def count_up() -> None:
        together.wait(10)
        try:
            for _ in range(10):
                with database.transaction() as tx:
                    number = int(tx.scalars(select(Note.text)).one())
                    tx.execute(update(Note).values(text=str(number + 1)))
        except DBAPIError as error:
            failures.append(error)

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert failures == []
    assert _texts(database) == ["40"]


@ON_SQLITE
def test_a_reader_waits_for_no_writer(database: Database) -> None:
    with database.transaction() as writing:
        writing.add(Note(text="unfinished"))
        writing.flush()

        assert _texts(database) == []


@ON_SQLITE
@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)]
)
def test_sqlite_keeps_what_it_has_committed(database: Database, pragma: str, value: object) -> None:
    with database.read() as tx:
        assert tx.scalar(text(f"PRAGMA {pragma}")) == value


def test_naive_times_are_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="naive datetime"), database.transaction() as tx:
        tx.add(Note(text="naive", at=NOON.replace(tzinfo=None)))

    assert _texts(database) == []


@pytest.mark.parametrize("hours", [-11, 0, 8])
def test_times_of_any_zone_come_back_as_the_same_instant_in_utc(database: Database, hours: int) -> None:
    with database.transaction() as tx:
        tx.add(Note(text="zoned", at=NOON.astimezone(timezone(timedelta(hours=hours)))))
    with database.read() as tx:
        at = tx.scalar(select(Note.at))
        earlier = tx.scalar(select(Note.id).where(Note.at < NOON))

    assert (at, at.tzinfo if at else None, earlier) == (NOON, UTC, None)


def test_no_time_stays_no_time(database: Database) -> None:
    with database.transaction() as tx:
        tx.add(Note(text="timeless", at=None))
    with database.read() as tx:
        assert tx.scalar(select(Note.at)) is None


@ON_POSTGRESQL
def test_postgresql_works_in_utc_and_never_waits_for_ever(database: Database) -> None:
    with database.read() as tx:
        shown = [
            tx.scalar(text(f"SHOW {name}")) for name in ("timezone", "lock_timeout", "statement_timeout")
        ]

    assert shown == ["UTC", "10s", "1min"]


def test_identifiers_do_not_count() -> None:
    made = [new_id() for _ in range(100)]

    assert len(set(made)) == 100
    assert {len(one) for one in made} == {32}
    assert made != sorted(made)


def test_constraints_have_names_that_migrations_can_use() -> None:
    unnamed = [
        (table.name, constraint)
        for table in Base.metadata.tables.values()
        for constraint in table.constraints
        if constraint.name is None
    ]

    assert unnamed == []
