"""What a committee must be, and how points are written."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.evaluation.policy import committee_is_lawful, points_text


@pytest.mark.parametrize(
    ("size", "lawful"), [(0, False), (3, False), (4, False), (5, True), (6, False), (7, True)]
)
def test_a_committee_is_odd_and_has_at_least_five_members(size: int, lawful: bool) -> None:
    assert committee_is_lawful([f"expert-{n}" for n in range(size)]) is lawful


def test_the_same_expert_cannot_sit_twice() -> None:
    assert not committee_is_lawful(["a", "b", "c", "d", "d"])


@given(st.integers(0, 99_999))
def test_points_in_hundredths_are_written_with_two_decimals(value: int) -> None:
    assert points_text(value) == f"{Decimal(value) / 100:.2f}"
