"""When an outage before a deadline calls for an extension, and until when at least."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from govcore.calendar.business_hours import add_business_hours
from govcore.calendar.working_days import Calendar, CalendarNotPublished
from govcore.outages.policy import Span, common, overlap, union

HOURS = ((time(9), time(12)), (time(13, 30), time(17)))
"""When offices are open, in Beijing: default, not verified."""

STEP = timedelta(minutes=15)
"""A proposed deadline is a quarter of an hour that people can remember."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The rules `outage.*` of a round: how far back outages count, how long they must have lasted, what is given back.

    Three minutes of restored service are not enough to bid (TAR Campania 7202/2022): so an outage of any length in the
    last `close` counts, and after the last one `after` of office hours are left.
    """

    lookback: timedelta
    least: timedelta
    close: timedelta
    after: timedelta


@dataclass(frozen=True, slots=True)
class Assessment:
    """What outages took of the time before a deadline; `proposed` only where that calls for an extension."""

    outages: tuple[Span, ...]
    total: timedelta
    restored_at: datetime | None
    proposed: datetime | None


def assess(deadline: datetime, outages: Sequence[Span], terms: Terms, *, calendar: Calendar) -> Assessment:
    """Add up the outages within `lookback` of a deadline, and propose a later one where they call for it.

    Proposed is the later of: the deadline and all that was lost, and the end of the last outage and `after` office
    hours; rounded up to a quarter of an hour.
    """
    window = Span(deadline - terms.lookback, deadline)
    counted = [one for one in union(outages) if common([one], [window])]
    if not counted:
        return Assessment((), timedelta(0), None, None)
    total, restored = overlap(window, counted), counted[-1].end
    in_the_end = common(counted, [Span(deadline - terms.close, deadline)])
    proposed = None
    if total > terms.least or in_the_end:
        lost = deadline + sum((one.length for one in counted), timedelta(0))
        proposed = _rounded(max(lost, _worked(restored, terms.after, calendar)))
    return Assessment(tuple(counted), total, restored, proposed)


def _worked(since: datetime, length: timedelta, calendar: Calendar) -> datetime:
    """So many office hours later; in days whose holiday notice is not out, plain hours: nothing is blocked by it."""
    try:
        return add_business_hours(calendar, since, length, hours=HOURS)
    except CalendarNotPublished:
        return since + length


def _rounded(moment: datetime) -> datetime:
    step = STEP.total_seconds()
    return datetime.fromtimestamp(-(-moment.timestamp() // step) * step, tz=moment.tzinfo)
