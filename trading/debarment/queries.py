"""Reads of debarments: the list is public, so no query takes an actor but the one for the department's own."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from govcore.clock import BEIJING
from govcore.db import Tx
from govcore.errors import NotFound, Problem
from govcore.identity.models import Organisation
from trading.debarment.models import Debarment
from trading.debarment.policy import bars, shown_until


class Debarred(Problem):
    """政府采购法 art. 77; 招标投标法实施条例 art. 67, 68."""

    code = "E_DEBARRED"
    text = (
        "{name} may not take part until {last_day}, by decision {decision} of {authority} (政府采购法 art. 77). "
        "Record the cause against this candidate; then the next one can be chosen."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One decision; `in_force` on the day that was asked for."""

    id: str
    uscc: str
    name: str
    conduct: str
    basis: str
    decision: str
    authority_id: str
    authority: str
    decided_on: date
    first_day: date
    last_day: date
    lifted_on: date | None
    lift_reason: str | None
    in_force: bool


def public_list(tx: Tx, *, at: datetime) -> list[Shown]:
    """The decisions that are still to be published, the newest first."""
    day = _day(at)
    return [one for one in _shown(tx, day) if day <= shown_until(one.decided_on, one.last_day)]


def one(tx: Tx, debarment_id: str, *, at: datetime) -> Shown:
    """A decision of the public list; `NotFound` once it is shown no more."""
    found = [one for one in public_list(tx, at=at) if one.id == debarment_id]
    if not found:
        raise NotFound
    return found[0]


def in_force(tx: Tx, usccs: Collection[str], *, at: datetime) -> list[Shown]:
    """What bars any of these organisations today."""
    return [one for one in _shown(tx, _day(at), usccs) if one.in_force]


def check(tx: Tx, usccs: Collection[str], *, at: datetime) -> None:
    """Raise `Debarred` when a decision bars one of them today; every member of a consortium counts."""
    for one in in_force(tx, usccs, at=at):
        raise Debarred(
            name=one.name, last_day=str(one.last_day), decision=one.decision, authority=one.authority
        )


def _shown(tx: Tx, day: date, usccs: Collection[str] | None = None) -> list[Shown]:
    query = select(Debarment, Organisation.name).join(Organisation, Organisation.id == Debarment.authority_id)
    if usccs is not None:
        query = query.where(Debarment.uscc.in_(usccs))
    rows = tx.execute(query.order_by(Debarment.decided_on.desc(), Debarment.id))
    return [
        Shown(
            id=row.id,
            uscc=row.uscc,
            name=row.name,
            conduct=row.conduct,
            basis=row.basis,
            decision=row.decision,
            authority_id=row.authority_id,
            authority=authority,
            decided_on=row.decided_on,
            first_day=row.first_day,
            last_day=row.last_day,
            lifted_on=row.lifted_on,
            lift_reason=row.lift_reason,
            in_force=bars(row.first_day, row.last_day, lifted_on=row.lifted_on, day=day),
        )
        for row, authority in rows
    ]


def _day(at: datetime) -> date:
    return at.astimezone(BEIJING).date()
