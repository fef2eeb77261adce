"""Bookings that cannot be at once, and what a witness may write down."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

TEXT_MAX = 2000
LONGEST = timedelta(days=14)
"""A booking that is longer is a mistake of typing."""


class Use(StrEnum):
    """What a room is booked for, and what an observation is about."""

    OPENING = "opening"
    EVALUATION = "evaluation"


USE_WORDS = {Use.OPENING: "At the opening", Use.EVALUATION: "At the evaluation"}


def fits(starts_at: datetime, ends_at: datetime, now: datetime) -> bool:
    """A booking ends after it starts, is not over already, and does not last for weeks."""
    return starts_at < ends_at and now < ends_at and ends_at - starts_at <= LONGEST


def may_have_been_seen(seen_at: datetime, now: datetime) -> bool:
    """An observation is of what was, never of what will be."""
    return seen_at <= now
