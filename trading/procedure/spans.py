"""Spans of time that do not count: suspensions and outages, [start, end)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

Span = tuple[datetime, datetime]


def union(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same time as spans that neither touch nor overlap, in order; empty ones are left out."""
    joined: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return tuple(joined)


def moved(end: datetime, *, start: datetime, frozen: Sequence[Span]) -> datetime:
    """The end of a window from `start`, moved by all that falls into it, also into what it was moved by.

    `frozen` is a `union`.
    """
    for begins, ends in frozen:
        if begins < end and ends > start:
            end += ends - max(begins, start)
    return end
