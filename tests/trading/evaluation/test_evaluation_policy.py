"""What a committee and a written score must be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.evaluation.policy import committee_is_lawful, hundredths, points_text


@pytest.mark.parametrize(
    ("size", "lawful"), [(0, False), (3, False), (4, False), (5, True), (6, False), (7, True)]
)
def test_a_committee_is_odd_and_has_at_least_five_members(size: int, lawful: bool) -> None:
    assert committee_is_lawful([f"expert-{n}" for n in range(size)]) is lawful


def test_the_same_expert_cannot_sit_twice() -> None:
    assert not committee_is_lawful(["a", "b", "c", "d", "d"])


@pytest.mark.parametrize(
    ("text", "value"),
    [("12.50", 1250), ("12.5", 1250), ("0", 0), (" 7 ", 700), ("012.05", 1205)],
)
def test_points_are_read_as_hundredths(text: str, value: int) -> None:
    assert hundredths(text) == value


@pytest.mark.parametrize("text", ["", "12.505", "-1", "+1", "1e2", ".5", "5.", "１２", "12,5", "NaN", "1000"])
def test_what_is_no_number_in_steps_of_a_hundredth_is_refused(text: str) -> None:
    assert hundredths(text) is None


@given(st.integers(0, 99_999))
def test_points_survive_writing_and_reading(value: int) -> None:
    assert hundredths(points_text(value)) == value
