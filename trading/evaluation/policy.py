"""What a committee and a sheet must be."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

COMMITTEE_MIN = 5
"""A committee has five or more members, an odd number (招标投标法 art. 37)."""


EVALUABLE = ("opened", "evaluated", "publicity", "awarded", "contracted")
"""The states of a lot whose bids were opened."""


class Stage(StrEnum):
    """What a lot's evaluation asks of somebody next."""

    QUALIFY = "qualify"
    APPOINT = "appoint"
    SCORE = "score"
    LOCKED = "locked"
    SCORING = "scoring"
    COMPLETED = "completed"


class View(StrEnum):
    """How much of a completed evaluation somebody sees: 招标投标法 art. 44 keeps the review itself closed."""

    TOTALS = "totals"
    SHEETS = "sheets"


def committee_is_lawful(user_ids: Collection[str]) -> bool:
    """Five or more different members, an odd number."""
    size = len(set(user_ids))
    return size == len(user_ids) and size >= COMMITTEE_MIN and size % 2 == 1


def points_text(value: int | None) -> str:
    """Hundredths as a person writes them: 1250 is `12.50`."""
    return "" if value is None else f"{value // 100}.{value % 100:02d}"
