"""The bank's demand rates and the loan rate of late refunds: defaults, not verified, until the real tables are in."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import msgspec

from guarantees.policy import Rate


class _Line(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    start: date
    percent: Decimal


@cache
def default_rates() -> tuple[Rate, ...]:
    """The table that comes with the platform, in the order of its days."""
    return _table("rates.json")


@cache
def loan_rates() -> tuple[Rate, ...]:
    """The one-year loan prime rate, which stands for the benchmark that 87号令 art. 38 names."""
    return _table("loan_rates.json")


def _table(name: str) -> tuple[Rate, ...]:
    raw = Path(__file__).with_name(name).read_bytes()
    lines = msgspec.json.decode(raw, type=list[_Line])
    return tuple(Rate(one.start, one.percent) for one in sorted(lines, key=lambda one: one.start))
