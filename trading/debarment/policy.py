"""How long a debarment bars, and how long it is shown."""

from __future__ import annotations

from datetime import date

SHOWN_MONTHS = 6
"""A decision stays published for so many months, or while it bars where that is longer (default, not verified)."""


def bars(first: date, last: date, *, lifted_on: date | None, day: date) -> bool:
    """Both days included; a lifted one bars no more from the day on which it was lifted."""
    return first <= day <= last and (lifted_on is None or day < lifted_on)


def shown_until(decided_on: date, last: date) -> date:
    """The last day on which the public list shows a decision; a removed record must not be used any more."""
    years, month = divmod(decided_on.month - 1 + SHOWN_MONTHS, 12)
    after = date(decided_on.year + years, month + 1, min(decided_on.day, 28))
    return max(after, last)
