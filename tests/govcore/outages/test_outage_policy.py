"""What measurements mean, and windows that stand still: held against counting every second by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govcore.outages import policy as p
from govcore.outages.policy import Run, Span

T0 = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
PAUSE = timedelta(seconds=20)


def at(seconds: int) -> datetime:
    return T0 + timedelta(seconds=seconds)


def span(start: int, end: int) -> Span:
    return Span(at(start), at(end))


def run(up: bool, first: int, last: int, count: int) -> Run:
    return Run(up, at(first), at(last), count, PAUSE)


spans = st.lists(
    st.tuples(st.integers(-60, 240), st.integers(1, 90)).map(lambda one: span(one[0], one[0] + one[1])),
    max_size=6,
)


def end_by_counting(length: int, outages: list[Span]) -> datetime:
    """Second after second: one in which the platform was out does not count."""
    left, second = length, 0
    while left:
        left -= not any(one.start <= at(second) < one.end for one in outages)
        second += 1
    return at(second)


@given(st.integers(0, 300), spans)
def test_a_window_ends_when_its_seconds_without_outage_are_counted(length: int, outages: list[Span]) -> None:
    assert p.window_end(T0, timedelta(seconds=length), outages) == end_by_counting(length, outages)


@given(st.integers(0, 300), spans)
def test_the_end_is_start_and_length_and_the_outages_inside(length: int, outages: list[Span]) -> None:
    end = p.window_end(T0, timedelta(seconds=length), outages)

    assert end == at(length) + p.overlap(Span(T0, end), outages)


@given(st.integers(0, 300), spans, spans)
def test_an_outage_learned_of_later_never_ends_a_window_earlier(
    length: int, outages: list[Span], later: list[Span]
) -> None:
    window = timedelta(seconds=length)
    assert p.window_end(T0, window, outages) <= p.window_end(T0, window, outages + later)


@pytest.mark.parametrize(
    ("outages", "end"),
    [
        ([], 600),
        ([(-100, 0)], 600),
        ([(600, 700)], 600),
        ([(599, 700)], 701),
        ([(-100, 30)], 630),
        ([(100, 400)], 900),
        ([(100, 400), (300, 500)], 1000),
        ([(100, 400), (650, 700)], 950),
        ([(0, 600), (1200, 1300)], 1200),
    ],
    ids=[
        "none",
        "before",
        "begins as the window ends",
        "in its last second",
        "reaches into it",
        "inside",
        "two that overlap count once",
        "the second falls into what the first added",
        "the second begins as the prolonged window ends",
    ],
)
def test_windows_with_known_ends(outages: list[tuple[int, int]], end: int) -> None:
    assert p.window_end(T0, timedelta(minutes=10), [span(*one) for one in outages]) == at(end)


@pytest.mark.parametrize(
    ("runs", "outages", "unknown"),
    [
        ([run(True, 0, 60, 13), run(False, 65, 75, 3), run(True, 80, 200, 25)], [(65, 80)], []),
        ([run(True, 0, 60, 13), run(False, 65, 70, 2), run(True, 75, 200, 26)], [], []),
        ([run(True, 0, 60, 13), run(False, 65, 200, 28)], [(65, 200)], []),
        ([run(False, 0, 60, 13), run(True, 81, 100, 4)], [(0, 60)], [(60, 81)]),
        ([run(True, 0, 60, 13), run(True, 81, 100, 4)], [], [(60, 81)]),
        (
            [run(False, 0, 10, 3), run(False, 60, 70, 3), run(True, 75, 80, 2)],
            [(0, 10), (60, 75)],
            [(10, 60)],
        ),
        ([], [], []),
    ],
    ids=[
        "three failures until the first answer",
        "two are none",
        "still out",
        "broke off: ends with the last failure seen",
        "a gap is no outage",
        "out, unknown, out",
        "nothing measured",
    ],
)
def test_what_one_prober_saw(
    runs: list[Run], outages: list[tuple[int, int]], unknown: list[tuple[int, int]]
) -> None:
    assert p.outages_of(runs) == [span(*one) for one in outages]
    assert p.unknown_of(runs) == [span(*one) for one in unknown]


def test_what_another_prober_saw_answer_is_no_outage() -> None:
    out = [span(100, 200), span(300, 320)]

    assert p.agreed(out, [span(0, 150), span(310, 312)]) == [span(150, 200), span(300, 310), span(312, 320)]
    assert p.agreed(out, [span(0, 400)]) == []


@given(spans, spans)
def test_cutting_out_and_meeting_share_the_time_between_them(one: list[Span], other: list[Span]) -> None:
    a, b = p.union(one), p.union(other)
    seconds = range(-60, 331)

    def inside(spans: list[Span], second: int) -> bool:
        return any(s.start <= at(second) < s.end for s in spans)

    left, met = p.without(a, b), p.common(a, b)
    assert [inside(left, s) for s in seconds] == [inside(a, s) and not inside(b, s) for s in seconds]
    assert [inside(met, s) for s in seconds] == [inside(a, s) and inside(b, s) for s in seconds]
