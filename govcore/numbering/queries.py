"""The register of document numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, false, func, select

from govcore.db import Tx
from govcore.identifiers import DocumentNumber
from govcore.identity.models import Organisation
from govcore.identity.policy import Actor
from govcore.numbering.models import TakenNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberShown:
    """A number of the register; `reason` says why it was cancelled."""

    number: str
    organ: str
    year: int
    serial: int
    office: str
    title: str
    taken_at: datetime
    cancelled_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesShown:
    """A series of one organ and year: gap-free when as many numbers are `taken` as the `last` one says."""

    organ: str
    year: int
    last: int
    taken: int
    cancelled: int

    @property
    def key(self) -> str:
        """How an address names the series."""
        return f"{self.organ}-{self.year}"

    @property
    def whole(self) -> bool:
        return self.taken == self.last


def register(tx: Tx, *, actor: Actor, year: int | None = None, organ: str = "") -> list[NumberShown]:
    """The numbers that the actor may see, newest first: its organisation's, or all for who audits them."""
    query = (
        select(TakenNumber, Organisation.name)
        .join(Organisation, Organisation.id == TakenNumber.org_id, isouter=True)
        .where(*_seen(actor))
        .order_by(TakenNumber.year.desc(), TakenNumber.organ, TakenNumber.serial.desc())
    )
    if year is not None:
        # A year that no number can have would not fit the column either.
        query = query.where(TakenNumber.year == year if 1000 <= year <= 9999 else false())
    if organ:
        query = query.where(TakenNumber.organ == organ)
    return [_shown(row, office or "") for row, office in tx.execute(query)]


def series_seen(tx: Tx, *, actor: Actor) -> list[SeriesShown]:
    """The series in which the actor may see numbers, newest year first."""
    query = (
        select(
            TakenNumber.organ,
            TakenNumber.year,
            func.max(TakenNumber.serial),
            func.count(),
            func.count(TakenNumber.cancelled_at),
        )
        .where(*_seen(actor))
        .group_by(TakenNumber.organ, TakenNumber.year)
        .order_by(TakenNumber.year.desc(), TakenNumber.organ)
    )
    return [
        SeriesShown(organ=organ, year=year, last=last, taken=taken, cancelled=cancelled)
        for organ, year, last, taken, cancelled in tx.execute(query)
    ]


def _seen(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return () if actor.may("numbering.read_all") else (TakenNumber.org_id == actor.org_id,)


def _shown(row: TakenNumber, office: str) -> NumberShown:
    return NumberShown(
        number=str(DocumentNumber(organ=row.organ, year=row.year, serial=row.serial)),
        organ=row.organ,
        year=row.year,
        serial=row.serial,
        office=office,
        title=row.title,
        taken_at=row.taken_at,
        cancelled_at=row.cancelled_at,
        reason=row.cancel_reason or "",
    )
