"""Spans of time that do not count, and the windows that they move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from trading.procedure.spans import Span, moved, union

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def at(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def span(start: int, end: int) -> Span:
    return at(start), at(end)


@pytest.mark.parametrize(
    ("spans", "joined"),
    [
        ([], []),
        ([(5, 5), (7, 6)], []),
        ([(3, 4), (0, 1)], [(0, 1), (3, 4)]),
        ([(0, 2), (2, 3)], [(0, 3)]),
        ([(0, 9), (1, 2), (8, 12)], [(0, 12)]),
    ],
)
def test_a_union_holds_the_same_time_once(
    spans: list[tuple[int, int]], joined: list[tuple[int, int]]
) -> None:
    assert union(span(*one) for one in spans) == tuple(span(*one) for one in joined)


@pytest.mark.parametrize(
    ("frozen", "end"),
    [
        ([], 30),
        ([(-10, 0)], 30),  # over when the window begins
        ([(-10, 5)], 35),  # it lasts when the window begins: the window begins with its end
        ([(30, 40)], 30),  # it begins when the window is over
        ([(29, 40)], 41),
        ([(10, 20), (39, 50)], 51),  # the second falls into what the first moved the window by
    ],
)
def test_a_window_is_moved_by_what_falls_into_it(frozen: list[tuple[int, int]], end: int) -> None:
    assert moved(at(30), start=at(0), frozen=union(span(*one) for one in frozen)) == at(end)
