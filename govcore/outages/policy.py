"""What a prober's measurements mean, and by how much a window ends later because the platform was out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise, zip_longest
from typing import Literal

Surface = Literal["site", "upload", "submit"]

SURFACES: dict[Surface, str] = {
    "site": "/healthz",
    "upload": "/healthz/upload",
    "submit": "/healthz/submit",
}
"""The parts of the platform that are asked, each with its public address."""

IN_A_ROW = 3
"""So many failed measurements one after the other are an outage; fewer may be the prober's own line."""

PAUSE = 4
"""After so many intervals without a measurement nothing is known any more."""

AHEAD = timedelta(seconds=10)
"""By how much a prober's clock may be ahead of the platform's."""

SHOWN = timedelta(days=90)
"""For how long back outages are listed."""

LONGEST_EVERY = 60
"""Seconds between two measurements, at most."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The half-open time [start, end)."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Run:
    """Measurements of one surface in a row with the same result, none further apart than `pause`."""

    up: bool
    first: datetime
    last: datetime
    count: int
    pause: timedelta


def pause_of(every: int) -> timedelta:
    """The longest time between two measurements (`every` seconds apart) between which all counts as measured."""
    return timedelta(seconds=PAUSE * every)


def continues(last: datetime, first: datetime, *, pause: timedelta) -> bool:
    """Whether a measurement at `first` still belongs to those that ended at `last`."""
    return first - last <= pause


def outages_of(runs: Sequence[Run]) -> list[Span]:
    """One prober's outages of one surface: from the first failure until the first success after it.

    Where the measurements break off, an outage ends with the last failure that was seen: what came after is unknown.
    """
    found = []
    for run, after in zip_longest(runs, runs[1:]):
        if run.up or run.count < IN_A_ROW:
            continue
        seen = after is not None and continues(run.last, after.first, pause=run.pause)
        found.append(Span(run.first, after.first if seen else run.last))
    return found


def unknown_of(runs: Sequence[Run]) -> list[Span]:
    """Between these runs of one prober: when it measured nothing."""
    return [
        Span(run.last, after.first)
        for run, after in pairwise(runs)
        if not continues(run.last, after.first, pause=run.pause)
    ]


def up_of(runs: Sequence[Run]) -> list[Span]:
    """When one prober saw the surface answer without a break."""
    return [Span(run.first, run.last) for run in runs if run.up]


def agreed(out: Iterable[Span], up: Iterable[Span]) -> list[Span]:
    """Outages that no other prober contradicts: what one saw answer was out for another one's line only."""
    return without(union(out), union(up))


def union(spans: Iterable[Span]) -> list[Span]:
    """The same time in spans that do not touch, in order."""
    joined: list[Span] = []
    for span in sorted(one for one in spans if one.start < one.end):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined


def without(spans: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """What is left of spans when others (both as `union` gives them) are cut out."""
    left = []
    for span in spans:
        start = span.start
        for other in others:
            if other.end <= start or other.start >= span.end:
                continue
            left.append(Span(start, other.start))
            start = other.end
        left.append(Span(start, span.end))
    return [one for one in left if one.start < one.end]


def common(spans: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """The time that lies in both (as `union` gives them)."""
    met = [Span(max(a.start, b.start), min(a.end, b.end)) for a in spans for b in others]
    return [one for one in met if one.start < one.end]


def overlap(window: Span, outages: Iterable[Span]) -> timedelta:
    """How much of a window the outages take."""
    return sum((one.length for one in common([window], union(outages))), timedelta(0))


def window_end(start: datetime, length: timedelta, outages: Iterable[Span]) -> datetime:
    """When a window of this length is over: its start, its length, and every outage inside, also of what that adds.

    This is the earliest end with `end = start + length + overlap([start, end), outages)`.
    """
    left, here = length, start
    for outage in union(outages):
        if outage.end <= here:
            continue
        if here + left <= outage.start:
            break
        left -= max(outage.start - here, timedelta(0))
        here = outage.end
    return here + left
