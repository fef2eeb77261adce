"""Take and cancel document numbers (发文字号), in the transaction that signs the document."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from govcore.audit.service import record
from govcore.clock import BEIJING
from govcore.db import Tx, upsert
from govcore.errors import NotFound, Problem
from govcore.identifiers import DocumentNumber
from govcore.identity import queries as identity
from govcore.numbering.models import NumberSeries, Office, TakenNumber


class NumberCancelled(Problem):
    """The document's number was cancelled; it is never used again."""

    code = "E_NUMBER_CANCELLED"
    text = "The number {number} was cancelled and cannot be used again."


class ReasonMissing(Problem):
    code = "E_CANCEL_REASON"
    status = 422
    text = "Say why the number is cancelled."


class OfficeUnnamed(Problem):
    code = "E_OFFICE"
    text = "This organisation has no short name for its paper numbers yet."


def name_office(tx: Tx, *, org_id: str, short_name: str, actor: str, at: datetime) -> None:
    """Fix the short name (机关代字) under which an organisation's papers are numbered."""
    tx.add(Office(org_id=identity.organisation(tx, org_id).id, short_name=short_name))
    tx.flush()
    data = {"short_name": short_name}
    record(tx, "numbering.office_named", subject=org_id, actor=actor, at=at, data=data)


def take_number(
    tx: Tx, *, org_id: str, series: str, document_id: str, title: str, at: datetime
) -> DocumentNumber:
    """The document's number: the next of the organ's year in Beijing, or the one that the document has already.

    `series` names the kind of paper (函, 通). The series stays locked until the transaction ends, so a rollback
    leaves no gap. Raises `OfficeUnnamed`, and `NumberCancelled` for a document whose number was cancelled.
    """
    short_name = tx.scalar(select(Office.short_name).where(Office.org_id == org_id))
    if short_name is None:
        raise OfficeUnnamed
    organ, year = short_name + series, at.astimezone(BEIJING).year
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
            org_id=org_id,
            organ=organ,
            year=year,
            serial=number.serial,
            title=title,
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
    statement = upsert(tx, NumberSeries).values(organ=organ, year=year, last=0)
    key = [NumberSeries.organ, NumberSeries.year]
    statement = statement.on_conflict_do_update(index_elements=key, set_={"last": NumberSeries.last})
    return tx.execute(statement.returning(NumberSeries.last)).scalar_one()


def _number(taken: TakenNumber) -> DocumentNumber:
    return DocumentNumber(organ=taken.organ, year=taken.year, serial=taken.serial)
