"""Take and cancel document numbers (发文字号), in the transaction that signs the document."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite

from govcore.db import Tx
from govcore.errors import NotFound, Problem
from govcore.identifiers import DocumentNumber
from govcore.numbering.models import NumberSeries, TakenNumber


class NumberCancelled(Problem):
    """The document's number was cancelled; it is never used again."""

    code = "E_NUMBER_CANCELLED"
    text = "The number {number} was cancelled and cannot be used again."


class ReasonMissing(Problem):
    code = "E_CANCEL_REASON"
    status = 422
    text = "Say why the number is cancelled."


def take_number(tx: Tx, *, organ: str, year: int, document_id: str, at: datetime) -> DocumentNumber:
    """The document's number: the next of the organ's year, or the one that the document has already.

    The series stays locked until the transaction ends, so a rollback leaves no gap. Raises
    `NumberCancelled` for a document whose number was cancelled.
    """
    last = _lock_series(tx, organ=organ, year=year)
    taken = tx.get(TakenNumber, document_id, populate_existing=True)
    if taken is not None:
        number = _number(taken)
        if taken.cancelled_at is not None:
            raise NumberCancelled(number=str(number))
        return number
    number = DocumentNumber(organ=organ, year=year, serial=last + 1)
    tx.execute(
        update(NumberSeries)
        .where(NumberSeries.organ == organ, NumberSeries.year == year)
        .values(last=number.serial)
    )
    tx.add(
        TakenNumber(
            document_id=document_id,
            organ=organ,
            year=year,
            serial=number.serial,
            taken_at=at,
            cancelled_at=None,
            cancel_reason=None,
        )
    )
    tx.flush()
    return number


def cancel_number(tx: Tx, *, document_id: str, reason: str, at: datetime) -> DocumentNumber:
    """Cancel a document's number; it stays in the series with its reason and is never given again."""
    reason = reason.strip()
    if not reason:
        raise ReasonMissing
    taken = tx.get(TakenNumber, document_id, populate_existing=True)
    if taken is None:
        raise NotFound
    number = _number(taken)
    cancelled = tx.execute(
        update(TakenNumber)
        .where(TakenNumber.document_id == document_id, TakenNumber.cancelled_at.is_(None))
        .values(cancelled_at=at, cancel_reason=reason)
        .returning(TakenNumber.serial)
    ).one_or_none()
    if cancelled is None:
        raise NumberCancelled(number=str(number))
    return number


def _lock_series(tx: Tx, *, organ: str, year: int) -> int:
    """The last serial given, from a row that nobody else can read for update until we end."""
    insert = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(NumberSeries).values(organ=organ, year=year, last=0)
    key = [NumberSeries.organ, NumberSeries.year]
    statement = statement.on_conflict_do_update(index_elements=key, set_={"last": NumberSeries.last})
    return tx.execute(statement.returning(NumberSeries.last)).scalar_one()


def _number(taken: TakenNumber) -> DocumentNumber:
    return DocumentNumber(organ=taken.organ, year=taken.year, serial=taken.serial)
