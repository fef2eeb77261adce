"""What a committee must be, and how points are written."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from trading.evaluation.policy import points_text


@given(st.integers(0, 99_999))
def test_points_in_hundredths_are_written_with_two_decimals(value: int) -> None:
    assert points_text(value) == f"{Decimal(value) / 100:.2f}"
