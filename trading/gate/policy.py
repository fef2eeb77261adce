"""When the gate may let a key go, and when it must forget one."""

from __future__ import annotations

from datetime import datetime, timedelta

MIN_BIDS = 3
"""Fewer bids than this at the closing: nothing may be opened (招标投标法 art. 28)."""

WITNESS_TOLERANCE = timedelta(seconds=30)
REQUEST_TOLERANCE = timedelta(minutes=5)
"""A request older or younger than this is not answered: it may be a copy."""


def release_opens_at(
    begun_at: datetime, *, seal_check: int, bidder_share: int, bidder_shares_missing: bool
) -> datetime:
    """When the windows of a stage are over (seconds); the bidders' ends early when each gave its share."""
    waits = max(seal_check, bidder_share) if bidder_shares_missing else seal_check
    return begun_at + timedelta(seconds=waits)


def release_closes_at(begun_at: datetime, *, seal_check: int, bidder_share: int, release: int) -> datetime:
    """Until when a custodian's further release may still come (seconds)."""
    return begun_at + timedelta(seconds=max(seal_check, bidder_share) + release)


def forget_after(done_at: datetime, *, keep: timedelta, failed: bool) -> datetime:
    """When a key is destroyed: at once when its lot failed, else when nobody may object to the opening any more."""
    return done_at if failed else done_at + keep
