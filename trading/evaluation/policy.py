"""What a committee and a sheet must be."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum

from trading.evaluation.points import Criterion, CriterionKind, Item

COMMITTEE_MIN = 5
"""A committee has five or more members, an odd number (招标投标法 art. 37)."""

_POINTS = re.compile(r"(\d{1,3})(?:\.(\d{1,2}))?", re.ASCII)


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


def hundredths(text: str) -> int | None:
    """Points written by a person, in hundredths; nothing when it is no number in steps of 0.01."""
    found = _POINTS.fullmatch(text.strip())
    if found is None:
        return None
    whole, part = found.groups()
    return int(whole) * 100 + int((part or "").ljust(2, "0"))


def points_text(value: int | None) -> str:
    """Hundredths as a person writes them: 1250 is `12.50`."""
    return "" if value is None else f"{value // 100}.{value % 100:02d}"


def scored_items(criteria: Sequence[Criterion]) -> list[Item]:
    """What members score, in the documents' order."""
    return [item for c in criteria if c.kind is CriterionKind.MANUAL for item in c.items]


def missing_items(
    criteria: Sequence[Criterion], bid_ids: Sequence[str], points: Mapping[str, Mapping[str, int]]
) -> int:
    """How many fields of a sheet are still empty."""
    items = scored_items(criteria)
    return sum(1 for bid in bid_ids for item in items if item.id not in points.get(bid, {}))


def sheet_digest(points: Mapping[str, Mapping[str, int]]) -> str:
    """SHA-256 of a sheet as JSON with sorted members and no spaces."""
    return hashlib.sha256(json.dumps(points, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
