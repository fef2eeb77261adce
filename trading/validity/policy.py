"""Until when a bid binds its bidder, who is asked to go on being bound, and when a bid is out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum

REASON_MAX = 500
RULE = "T32 · 实施条例 art. 25"
"""Validity is counted from the deadline, and no suspension stops it (domain: I3)."""


class Said(StrEnum):
    ACCEPTED = "accepted"
    REFUSED = "refused"


def end_of_day(moment: datetime, *, after: int, zone: tzinfo) -> datetime:
    """24:00 of the day so many days after a moment's."""
    return datetime.combine(moment.astimezone(zone).date() + timedelta(days=after + 1), time(), zone)


def days_of(deadline: datetime, until: datetime, *, zone: tzinfo) -> int:
    """The days of validity whose last one ends at `until`."""
    return (until.astimezone(zone).date() - deadline.astimezone(zone).date()).days - 1


@dataclass(frozen=True, slots=True)
class Offered:
    """An offer to bind all bids longer, as one bid answered it; nothing while it did not."""

    until: datetime
    answer_by: datetime
    said: Said | None


def ends_at(first: datetime, offers: Sequence[Offered]) -> datetime:
    """When a bid stops binding its bidder: as the documents say, or as late as it agreed to."""
    return max([first, *(one.until for one in offers if one.said is Said.ACCEPTED)])


def is_over(first: datetime, offers: Sequence[Offered], now: datetime) -> bool:
    """True when a bid that was asked to go on is out: it refused, or said nothing until its validity ended."""
    if any(one.said is Said.REFUSED for one in offers):
        return True
    return bool(offers) and now >= max(ends_at(first, offers), offers[-1].answer_by)
