"""Public figures: what this system counted, and beside it what sources of earlier years printed; never added up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, func, select

from bureau.ratings.models import BadRating, Rating, Reported, Service
from bureau.ratings.policy import BAD, CONFIRMED, FEWEST, Channel, Level, Outcome, State, day_of, percent
from bureau.ratings.schemas import ChannelFigures, Figures, ReportedShown
from govcore.clock import BEIJING
from govcore.db import Tx
from govcore.identity.models import Organisation

ASKED = frozenset({Outcome.SATISFIED, Outcome.UNSATISFIED})


@dataclass(frozen=True, slots=True)
class Filter:
    """A year or one month of it, in Beijing's days; empty means all organs, all channels."""

    year: int
    month: int | None = None
    org_id: str = ""
    channel: str = ""

    @property
    def first_day(self) -> date:
        return date(self.year, self.month or 1, 1)

    @property
    def last_day(self) -> date:
        if self.month in (None, 12):
            return date(self.year, 12, 31)
        return date(self.year, self.month + 1, 1) - timedelta(days=1)

    def times(self) -> tuple[datetime, datetime]:
        """From the first moment of the period until before the first one after it."""
        after = self.last_day + timedelta(days=1)
        return _midnight(self.first_day), _midnight(after)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=BEIJING).astimezone(UTC)


def figures(tx: Tx, wanted: Filter) -> Figures:
    """The figures of a period; ratings that were found not to count are left out, and their number is told."""
    few = bool(wanted.org_id) and 0 < _received(tx, wanted) < FEWEST
    loops = {} if few else _loops(tx, wanted)
    dismissed = sum(n for (state, *_), n in loops.items() if state == State.DISMISSED)
    by_channel = _by_channel(wanted, {} if few else _counts(tx, wanted))
    levels = [sum(row.levels[place] for row in by_channel) for place in range(len(Level))]
    total, bad = sum(levels), sum(n for level, n in zip(Level, levels, strict=True) if level in BAD)
    confirmed = sum(n for (state, *_), n in loops.items() if state in CONFIRMED)
    rectified = sum(n for (state, *_), n in loops.items() if state in (State.RECTIFIED, State.CLOSED))
    revisited = sum(n for (_, _, outcome), n in loops.items() if outcome in ASKED)
    content = sum(n for (_, _, outcome), n in loops.items() if outcome == Outcome.SATISFIED)
    named = Counter(
        {outcome: n for (state, has_name, outcome), n in loops.items() if has_name and state in CONFIRMED}
    )
    return Figures(
        first_day=wanted.first_day,
        last_day=wanted.last_day,
        total=total,
        levels=levels,
        by_channel=by_channel,
        satisfied=total - bad,
        satisfied_percent=percent(total - bad, total),
        bad=bad,
        bad_percent=percent(bad, total),
        not_counted=dismissed,
        confirmed=confirmed,
        rectified=rectified,
        rectified_percent=percent(rectified, confirmed),
        revisited=revisited,
        revisit_satisfied=content,
        revisit_satisfaction_percent=percent(content, revisited),
        named=sum(named.values()),
        named_revisited=sum(n for outcome, n in named.items() if outcome in ASKED),
        reported=_reported(tx, wanted),
        few=few,
    )


def organs(tx: Tx) -> list[tuple[str, str]]:
    """The organs that there are figures of: id and name."""
    ids = select(Service.org_id).union(select(Reported.org_id)).subquery()
    query = select(Organisation.id, Organisation.name).join(ids, ids.c.org_id == Organisation.id)
    return [(id, name) for id, name in tx.execute(query.order_by(Organisation.name))]


def years(tx: Tx, *, at: datetime) -> list[int]:
    """The years that there may be figures of, the newest first: the present one, and all with a rating or a source."""
    found = {day_of(at).year}
    first = tx.scalar(select(func.min(Rating.rated_at)))
    if first is not None:
        found |= set(range(day_of(first).year, day_of(at).year))
    for first_day, last_day in tx.execute(select(Reported.first_day, Reported.last_day)):
        found |= set(range(first_day.year, last_day.year + 1))
    return sorted(found, reverse=True)


def _within(wanted: Filter) -> list[ColumnElement[bool]]:
    start, end = wanted.times()
    conditions = [Rating.rated_at >= start, Rating.rated_at < end]
    if wanted.org_id:
        conditions.append(Service.org_id == wanted.org_id)
    if wanted.channel:
        conditions.append(Rating.channel == wanted.channel)
    return conditions


def _received(tx: Tx, wanted: Filter) -> int:
    """How many ratings came, whatever became of them."""
    query = select(func.count()).select_from(Rating).join(Service, Service.id == Rating.service_id)
    return tx.scalar(query.where(*_within(wanted))) or 0


def _counts(tx: Tx, wanted: Filter) -> dict[tuple[str, int], int]:
    """What counts, by channel and level."""
    query = (
        select(Rating.channel, Rating.level, func.count())
        .join(Service, Service.id == Rating.service_id)
        .outerjoin(BadRating, BadRating.rating_id == Rating.id)
        .where(*_within(wanted), func.coalesce(BadRating.state, "") != State.DISMISSED)
        .group_by(Rating.channel, Rating.level)
    )
    return {(channel, level): n for channel, level, n in tx.execute(query)}


def _by_channel(wanted: Filter, counts: Mapping[tuple[str, int], int]) -> list[ChannelFigures]:
    channels = [channel for channel in Channel if wanted.channel in ("", channel)]
    return [
        ChannelFigures(channel, [counts.get((channel, level), 0) for level in Level]) for channel in channels
    ]


def _loops(tx: Tx, wanted: Filter) -> dict[tuple[str, bool, str | None], int]:
    query = (
        select(BadRating.state, BadRating.named, BadRating.outcome, func.count())
        .join(Rating, Rating.id == BadRating.rating_id)
        .join(Service, Service.id == Rating.service_id)
        .where(*_within(wanted))
        .group_by(BadRating.state, BadRating.named, BadRating.outcome)
    )
    return {(state, named, outcome): n for state, named, outcome, n in tx.execute(query)}


def _reported(tx: Tx, wanted: Filter) -> list[ReportedShown]:
    """What sources say of whole periods that touch this one; they know no channels' and no months' figures."""
    if wanted.channel or wanted.month:
        return []
    query = (
        select(Reported, Organisation.name)
        .join(Organisation, Organisation.id == Reported.org_id)
        .where(Reported.first_day <= wanted.last_day, Reported.last_day >= wanted.first_day)
    )
    if wanted.org_id:
        query = query.where(Reported.org_id == wanted.org_id)
    rows = tx.execute(query.order_by(Reported.first_day, Organisation.name)).all()
    return [
        ReportedShown(
            organ=organ,
            first_day=row.first_day,
            last_day=row.last_day,
            source=row.source,
            total=row.total,
            satisfied=row.total - row.bad,
            satisfied_percent=percent(row.total - row.bad, row.total),
            bad=row.bad,
            bad_percent=percent(row.bad, row.total),
            rectified=row.rectified,
            rectified_percent=percent(row.rectified, row.bad),
            revisit_satisfaction_percent=row.revisit_percent,
            channels=list(row.channels),
        )
        for row, organ in rows
    ]
