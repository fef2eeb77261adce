"""The bank's demand rates that a deposit bears interest at: a default, not verified, until the real bank's are in."""

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
    raw = Path(__file__).with_name("rates.json").read_bytes()
    lines = msgspec.json.decode(raw, type=list[_Line])
    return tuple(Rate(one.start, one.percent) for one in sorted(lines, key=lambda one: one.start))
