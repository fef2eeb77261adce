"""Document numbers: their form (GB/T 9704-2012) and series without gaps."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from govcore.db import Base, Database, Tx
from govcore.errors import NotFound, Problem
from govcore.identifiers import DocumentNumber
from govcore.numbering.models import NumberSeries, TakenNumber
from govcore.numbering.service import NumberCancelled, ReasonMissing, cancel_number, take_number


def test_a_document_number_has_hexagonal_brackets_and_no_leading_zero() -> None:
    assert str(DocumentNumber(organ="临川公资函", year=2026, serial=1)) == "临川公资函〔2026〕1号"


@pytest.mark.parametrize(
    ("organ", "year", "serial"), [("", 2026, 1), ("临川公资函", 26, 1), ("临川公资函", 2026, 0)]
)
def test_impossible_numbers_are_refused(organ: str, year: int, serial: int) -> None:
    with pytest.raises(ValueError, match="document number"):
        DocumentNumber(organ=organ, year=year, serial=serial)


AT = datetime(2026, 12, 1, 1, tzinfo=UTC)
ORGAN = "临川公资函"


@pytest.fixture
def numbered(database_url: str) -> Iterator[Database]:
    """A database that holds nothing but the series."""
    database = Database(database_url)
    Base.metadata.create_all(database.engine, tables=[NumberSeries.__table__, TakenNumber.__table__])
    yield database
    database.dispose()


def _take(tx: Tx, document_id: str, *, organ: str = ORGAN, year: int = 2026) -> str:
    return str(take_number(tx, organ=organ, year=year, document_id=document_id, at=AT))


def _fail_after_taking(database: Database, document_id: str) -> None:
    with database.transaction() as tx:
        _take(tx, document_id)
        raise ZeroDivisionError


def test_each_organ_and_year_has_a_series_of_its_own(numbered: Database) -> None:
    with numbered.transaction() as tx:
        taken = [
            _take(tx, "a"),
            _take(tx, "b"),
            _take(tx, "c", year=2027),
            _take(tx, "d", organ="临川公资通"),
            _take(tx, "e"),
        ]

    assert taken == [
        "临川公资函〔2026〕1号",
        "临川公资函〔2026〕2号",
        "临川公资函〔2027〕1号",
        "临川公资通〔2026〕1号",
        "临川公资函〔2026〕3号",
    ]


def test_a_document_asked_about_twice_keeps_its_number(numbered: Database) -> None:
    with numbered.transaction() as tx:
        first = _take(tx, "a")
        _take(tx, "b")
    with numbered.transaction() as tx:
        again = [_take(tx, "a"), _take(tx, "a", year=2027)]

    assert again == [first, first]


def test_a_rolled_back_signing_leaves_no_gap(numbered: Database) -> None:
    with numbered.transaction() as tx:
        _take(tx, "a")
    with pytest.raises(ZeroDivisionError):
        _fail_after_taking(numbered, "lost")

    with numbered.transaction() as tx:
        assert _take(tx, "b") == "临川公资函〔2026〕2号"


def test_a_cancelled_number_stays_with_its_reason_and_is_never_given_again(numbered: Database) -> None:
    with numbered.transaction() as tx:
        _take(tx, "a")
        cancel_number(tx, document_id="a", reason=" signed twice ", at=AT)

    with numbered.transaction() as tx:
        kept = tx.get_one(TakenNumber, "a")
        assert (kept.serial, kept.cancelled_at, kept.cancel_reason) == (1, AT, "signed twice")
        assert _take(tx, "b") == "临川公资函〔2026〕2号"
    for refused in (
        lambda tx: _take(tx, "a"),
        lambda tx: cancel_number(tx, document_id="a", reason="x", at=AT),
    ):
        with pytest.raises(NumberCancelled), numbered.transaction() as tx:
            refused(tx)


@pytest.mark.parametrize(
    ("document_id", "reason", "refusal"), [("a", "  ", ReasonMissing), ("unknown", "why", NotFound)]
)
def test_cancelling_needs_a_reason_and_a_number(
    numbered: Database, document_id: str, reason: str, refusal: type[Problem]
) -> None:
    with numbered.transaction() as tx:
        _take(tx, "a")

    with pytest.raises(refusal), numbered.transaction() as tx:
        cancel_number(tx, document_id=document_id, reason=reason, at=AT)


def test_eight_threads_that_also_fail_leave_a_series_without_gaps(numbered: Database) -> None:
    def sign(n: int) -> None:
        if n % 5:
            with numbered.transaction() as tx:
                _take(tx, f"document-{n}")
        else:
            with suppress(ZeroDivisionError):
                _fail_after_taking(numbered, f"document-{n}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(sign, range(40)))

    with numbered.read() as tx:
        serials = sorted(tx.scalars(select(TakenNumber.serial)))
        documents = set(tx.scalars(select(TakenNumber.document_id)))
    assert serials == list(range(1, 33))
    assert documents == {f"document-{n}" for n in range(40) if n % 5}


def test_eight_threads_with_one_document_share_one_number(numbered: Database) -> None:
    def sign(_: int) -> str:
        with numbered.transaction() as tx:
            return _take(tx, "one")

    with ThreadPoolExecutor(8) as pool:
        numbers = set(pool.map(sign, range(16)))

    assert numbers == {"临川公资函〔2026〕1号"}
