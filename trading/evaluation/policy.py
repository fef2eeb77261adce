"""What an evaluation asks of somebody, and who sees what of it."""

from __future__ import annotations

from enum import StrEnum

REPORT_TYPE = "application/vnd.bidseal.report-signature+json"
"""What a member signs of the report."""


class Stage(StrEnum):
    """What a lot's evaluation asks of somebody next."""

    QUALIFY = "qualify"
    APPOINT = "appoint"
    SCORE = "score"
    LOCKED = "locked"
    SETTLE = "settle"
    PRICES = "prices"
    SCORING = "scoring"
    COMPLETED = "completed"


class View(StrEnum):
    """How much of a completed evaluation somebody sees: 招标投标法 art. 44 keeps the review itself closed."""

    TOTALS = "totals"
    SHEETS = "sheets"


def points_text(value: int | None) -> str:
    """Hundredths as a person writes them: 1250 is `12.50`."""
    return "" if value is None else f"{value // 100}.{value % 100:02d}"


def signed_key(lot_id: str, number: int, sha256: str, ending: str) -> str:
    """Where a report or bundle with its signatures lies: by its hash, for the last to sign is known only then."""
    return f"evaluation/{lot_id}/{number}/signed-{sha256}.{ending}"
