"""Trips: on both databases the same rows, in the types of the columns, and nothing is left of a failure."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import MetaData, bindparam, insert, literal, select, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from govcore.db import Database, UTCDateTime
from govcore.trips import ask, join_commit, tell

NOON = datetime(2026, 12, 1, 4, 0, 0, 123456, tzinfo=UTC)


class _Base(DeclarativeBase):
    """Tables of this test alone."""

    metadata = MetaData()


class Mark(_Base):
    __tablename__ = "test_mark"

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)


MARKS = _Base.metadata.tables["test_mark"]
BY_NAME = (
    select(MARKS.c.name, MARKS.c.at, literal(7).label("seven"))
    .where(MARKS.c.name >= bindparam("name"))
    .order_by(MARKS.c.name)
)
INSERT = insert(MARKS).inline()
FIRST, SECOND = {"name": "a", "at": NOON}, {"name": "b", "at": NOON + timedelta(hours=1)}


@pytest.fixture
def database(empty_database_url: str) -> Iterator[Database]:
    database = Database(empty_database_url)
    _Base.metadata.create_all(database.engine)
    yield database
    database.dispose()


def _found(database: Database, name: str = "") -> list[tuple[object, ...]]:
    with database.read() as tx:
        (rows,) = ask(tx, (BY_NAME, {"name": name}))
        return [(row.name, row.at, row.seven) for row in rows]


def _write_together(database: Database, *rows: dict[str, object]) -> None:
    with database.transaction() as tx:
        join_commit(tx)
        for row in rows:
            tell(tx, INSERT, row)


def test_answers_have_the_types_of_their_columns(database: Database) -> None:
    beijing = timezone(timedelta(hours=8))
    with database.transaction() as tx:
        tell(tx, INSERT, {"name": "a", "at": NOON.astimezone(beijing)})

    assert _found(database) == [("a", NOON, 7)]
    with database.read() as tx:
        ((row,),) = ask(tx, (BY_NAME, {"name": ""}))
        assert row.at.tzinfo is UTC


def test_one_trip_answers_every_question_in_order(database: Database) -> None:
    with database.transaction() as tx:
        tell(tx, INSERT, FIRST, SECOND)

        all_rows, last, none = ask(tx, *((BY_NAME, {"name": name}) for name in ("a", "b", "c")))

    assert [[row.name for row in rows] for rows in (all_rows, last, none)] == [["a", "b"], ["b"], []]


def test_what_breaks_a_rule_is_told_by_the_commit_and_leaves_nothing(database: Database) -> None:
    with pytest.raises(IntegrityError):
        _write_together(database, SECOND, FIRST, FIRST)

    assert _found(database) == []


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_lost_connection_fails_one_question_only(database: Database) -> None:
    _found(database)
    with database.transaction() as tx:
        mine = "datname = current_database() AND pid <> pg_backend_pid()"
        tx.execute(text(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {mine}"))
        tell(tx, INSERT, FIRST)

    with pytest.raises(DBAPIError):
        _found(database)

    assert _found(database) == [("a", NOON, 7)]


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_after_a_lost_connection_no_other_of_the_pool_is_trusted(database: Database) -> None:
    with ExitStack() as stack:
        for _ in range(3):
            ask(stack.enter_context(database.read()), (BY_NAME, {"name": ""}))
    with database.transaction() as tx:
        mine = "datname = current_database() AND pid <> pg_backend_pid()"
        tx.execute(text(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {mine}"))

    with pytest.raises(OperationalError) as told:
        _found(database)

    assert told.value.connection_invalidated
    assert [_found(database) for _ in range(3)] == [[], [], []]


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_what_the_driver_refuses_is_told_as_by_the_engine(database: Database) -> None:
    with pytest.raises(DataError):
        _found(database, "a\x00")

    assert _found(database) == []
