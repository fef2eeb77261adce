"""Reads of what outages took of the time before a deadline; all of it is public."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import select

from govcore.calendar.queries import calendar_of
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.outages.queries import Measured, measured
from trading.extension.models import Certificate
from trading.extension.policy import Assessment, Terms, assess
from trading.tender import queries as tenders
from trading.tender.models import Lot, Schedule
from trading.tender.policy import LotState
from trading.tender.queries import LotContext
from trading.tender.suspensions import HeldFor, holds_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A lot's deadline that outages touched, the later one where it was moved since, and what was measured."""

    lot: LotContext
    before: datetime
    after: datetime | None
    schedules: list[bytes]
    measured: Measured
    assessment: Assessment
    terms: Terms

    @property
    def sha256(self) -> str:
        """What makes these facts other ones."""
        said = [self.before, self.after, *((one.start, one.end) for one in self.assessment.outages)]
        return hashlib.sha256(msgspec.json.encode(said)).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class PutOff:
    """An opening that a fault of the platform put off until a time that two people set."""

    lot: LotContext
    held: HeldFor
    before: datetime
    until: datetime
    notice: str
    measured: Measured

    @property
    def sha256(self) -> str:
        return hashlib.sha256(msgspec.json.encode([self.held.ref, self.until])).hexdigest()


def put_off(tx: Tx, lot_id: str, ref: str, *, at: datetime) -> PutOff | None:
    """What is certified about a fault whose end was set; nothing when that is certified already."""
    lot = tenders.lot_context(tx, lot_id)
    held = next((one for one in holds_of(tx, lot_id) if one.ref == ref), None)
    if held is None or held.ended_at is None or lot.opening_at is None:
        return None
    found = PutOff(
        lot=lot,
        held=held,
        before=lot.opening_at,
        until=held.ended_at,
        notice=held.notice,
        measured=measured(tx, since=min(held.began_at, lot.opening_at), until=at),
    )
    same = Certificate.lot_id == lot_id, Certificate.facts_sha256 == found.sha256
    return None if tx.scalar(select(Certificate.id).where(*same)) is not None else found


def facts(tx: Tx, lot_id: str, *, at: datetime) -> Facts:
    """What outages took of the time before the deadline of a published lot.

    Where the last move of the deadline followed an outage that called for it, it is the deadline before.
    """
    lot = tenders.published_lot(tx, lot_id)
    rows = list(tx.scalars(select(Schedule).where(Schedule.lot_id == lot_id).order_by(Schedule.n)))
    if not rows:
        raise NotFound
    if len(rows) > 1:
        moved = _facts(tx, lot, rows[-2], rows[-1], at=at)
        if moved.assessment.proposed is not None:
            return moved
    return _facts(tx, lot, rows[-1], None, at=at)


def _facts(tx: Tx, lot: LotContext, before: Schedule, after: Schedule | None, *, at: datetime) -> Facts:
    terms = terms_of(lot)
    deadline = before.deadline_at
    found = measured(
        tx, since=deadline - terms.lookback, until=max(min(at, deadline), deadline - terms.lookback)
    )
    return Facts(
        lot=lot,
        before=deadline,
        after=after.deadline_at if after else None,
        schedules=[before.envelope, *([after.envelope] if after else [])],
        measured=found,
        assessment=assess(deadline, found.spans, terms, calendar=calendar_of(tx)),
        terms=terms,
    )


def terms_of(lot: LotContext) -> Terms:
    """The rules `outage.*` that the round is pinned to."""
    seconds = lot.rule_set.seconds
    names = ("outage.lookback", "outage.least", "outage.close", "outage.office_hours_after")
    return Terms(*(timedelta(seconds=seconds(name)) for name in names))


def certificates(tx: Tx, lot_id: str) -> list[Certificate]:
    """The certificates of a published lot, newest first."""
    tenders.published_lot(tx, lot_id)
    query = select(Certificate).where(Certificate.lot_id == lot_id)
    return list(tx.scalars(query.order_by(Certificate.issued_at.desc())))


def certificate(tx: Tx, certificate_id: str) -> Certificate:
    """A certificate by its number; everybody may see it."""
    found = tx.get(Certificate, certificate_id)
    if found is None:
        raise NotFound
    return found


def certified(tx: Tx, facts_: Facts) -> bool:
    """Whether these facts are certified already."""
    same = Certificate.lot_id == facts_.lot.lot_id, Certificate.facts_sha256 == facts_.sha256
    return tx.scalar(select(Certificate.id).where(*same)) is not None


def near_deadlines(tx: Tx, *, at: datetime) -> list[str]:
    """Open lots whose deadline is within two days, before or after: what the sweep looks at."""
    near = Lot.deadline_at.between(at - timedelta(days=2), at + timedelta(days=2))
    return list(tx.scalars(select(Lot.id).where(near, Lot.state != LotState.DRAFT).order_by(Lot.deadline_at)))
