"""The calendar that counts now, and the notices it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from govcore.calendar.models import LoadedNotice
from govcore.calendar.notices import YearNotice, calendar_from, read_notice, shipped, vendored
from govcore.calendar.working_days import Calendar
from govcore.db import Tx

_MADE: dict[tuple[str, ...], Calendar] = {}
"""Calendars of this process by the notices they were made of, which never change."""

_KEPT = 8


@dataclass(frozen=True, slots=True)
class NoticeShown:
    """A notice, when it was loaded (nothing: it came with the platform), and whether it counts."""

    notice: YearNotice
    loaded_at: datetime | None
    superseded: bool


def calendar_of(tx: Tx) -> Calendar:
    """The working days of all loaded notices as this transaction sees them, so a new one counts at once everywhere."""
    loaded = tuple(tx.scalars(select(LoadedNotice.sha256).order_by(LoadedNotice.n)))
    if not loaded:
        return vendored()
    made = _MADE.get(loaded)
    if made is None:
        if len(_MADE) >= _KEPT:
            _MADE.clear()
        made = _MADE[loaded] = calendar_from(list(in_force(tx).values()))
    return made


def in_force(tx: Tx) -> dict[int, YearNotice]:
    """The notice that counts for each year."""
    found = dict(shipped())
    for content in tx.scalars(select(LoadedNotice.content).order_by(LoadedNotice.n)):
        notice = read_notice(content)
        found[notice.year] = notice
    return found


def notices(tx: Tx) -> list[NoticeShown]:
    """Every notice, the newest year first; superseded ones after what replaced them."""
    rows = [(one, None) for one in shipped().values()]
    loaded = tx.execute(select(LoadedNotice.content, LoadedNotice.loaded_at).order_by(LoadedNotice.n))
    every = [*rows, *((read_notice(content), at) for content, at in loaded)]
    counts = {notice.year: notice.sha256 for notice, _ in every}
    shown = [NoticeShown(notice, at, counts[notice.year] != notice.sha256) for notice, at in every]
    shown.reverse()
    return sorted(shown, key=lambda one: -one.notice.year)
