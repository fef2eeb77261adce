"""Load a holiday notice: what it changes is shown first, and nothing that was published moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from govcore.audit.entries import time_text
from govcore.audit.service import record
from govcore.calendar import queries
from govcore.calendar.dues import MovedDue
from govcore.calendar.models import LoadedNotice
from govcore.calendar.notices import UnusableNotice, YearNotice, calendar_from
from govcore.calendar.working_days import SATURDAY, Calendar
from govcore.db import Tx
from govcore.errors import Detail
from govcore.identity.policy import Actor, require
from govcore.module import Registry


@dataclass(frozen=True, slots=True)
class ChangedDay:
    """A day that becomes a working day, or ceases to be one."""

    day: date
    working: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What loading a notice would do."""

    notice: YearNotice
    calendar: Calendar
    replaces: YearNotice | None
    days: tuple[ChangedDay, ...]
    dues: tuple[MovedDue, ...]


def preview(tx: Tx, notice: YearNotice, *, actor: Actor, at: datetime) -> Preview:
    """What changes: days and unmet stored dues. Raise `UnusableNotice` for a year that cannot come next."""
    require(actor, "calendar.load")
    present = queries.in_force(tx)
    if not min(present) <= notice.year <= max(present) + 1:
        raise UnusableNotice(detail=Detail("the year after {last} comes next", last=max(present)))
    replaced = present.get(notice.year)
    if replaced == notice:
        raise UnusableNotice(detail=Detail("it is loaded already"))
    before = queries.calendar_of(tx)
    after = calendar_from(list({**present, notice.year: notice}.values()))
    registry: Registry = tx.info["registry"]
    moved = [due for module in registry.modules for recount in module.dues for due in recount(tx, after, at)]
    return Preview(notice, after, replaced, tuple(_changed(before, after, notice)), tuple(moved))


def load(tx: Tx, notice: YearNotice, *, actor: Actor, at: datetime) -> Preview:
    """Load the notice; unmet dues move with it, each with an entry in the log. The one it replaces stays readable."""
    found = preview(tx, notice, actor=actor, at=at)
    tx.add(
        LoadedNotice(
            year=notice.year,
            sha256=notice.sha256,
            content=notice.content,
            loaded_by=actor.user_id,
            loaded_at=at,
        )
    )
    tx.flush()
    data = {"year": notice.year, "sha256": notice.sha256, "calendar": found.calendar.version}
    record(tx, "calendar.loaded", subject=str(notice.year), actor=actor.user_id, at=at, data=data)
    for due in found.dues:
        due.move()
        moved = {"before": time_text(due.before), "after": time_text(due.after), "what": due.text}
        record(tx, "calendar.due_moved", subject=due.subject, actor=actor.user_id, at=at, data=moved)
    return found


def _changed(before: Calendar, after: Calendar, notice: YearNotice) -> Iterator[ChangedDay]:
    """Days whose kind differs; for a year that had no notice, those that differ from its weekdays."""
    day = date(notice.year - 1, 12, 1)
    while day.year <= notice.year:
        known = before.first <= day <= before.last
        worked = before.is_working_day(day) if known else day.weekday() < SATURDAY
        if after.is_working_day(day) != worked:
            yield ChangedDay(day, not worked)
        day += timedelta(days=1)
