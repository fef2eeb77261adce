"""Bookings that cannot be at once, and what a witness may write down."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import ip_network

TEXT_MAX = 2000
LONGEST = timedelta(days=14)
"""A booking that is longer is a mistake of typing."""


class Use(StrEnum):
    """What a room is booked for, and what an observation is about."""

    OPENING = "opening"
    EVALUATION = "evaluation"


USE_WORDS = {Use.OPENING: "At the opening", Use.EVALUATION: "At the evaluation"}


def plain_networks(lines: Iterable[str]) -> list[str] | None:
    """Networks as people write them, in the usual form; nothing when one cannot be read."""
    try:
        return [str(ip_network(line.strip())) for line in lines if line.strip()]
    except ValueError:
        return None


def fits(starts_at: datetime, ends_at: datetime, now: datetime) -> bool:
    """A booking ends after it starts, is not over already, and does not last for weeks."""
    return starts_at < ends_at and now < ends_at and ends_at - starts_at <= LONGEST


def may_have_been_seen(seen_at: datetime, now: datetime) -> bool:
    """An observation is of what was, never of what will be."""
    return seen_at <= now
