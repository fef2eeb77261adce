"""When the gate may let a key go, and when it must forget one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from trading.procedure.spans import Span, moved

WITNESS_TOLERANCE = timedelta(seconds=30)
REQUEST_TOLERANCE = timedelta(minutes=5)
"""A request older or younger than this is not answered: it may be a copy."""


def release_opens_at(
    begun_at: datetime,
    *,
    seal_check: int,
    bidder_share: int,
    bidder_shares_missing: bool,
    frozen: Sequence[Span],
) -> datetime:
    """When the windows of a stage are over (seconds), suspensions not counted; the bidders' ends early when each gave
    its share."""
    waits = max(seal_check, bidder_share) if bidder_shares_missing else seal_check
    return moved(begun_at + timedelta(seconds=waits), start=begun_at, frozen=frozen)


def release_closes_at(
    begun_at: datetime, *, seal_check: int, bidder_share: int, release: int, frozen: Sequence[Span]
) -> datetime:
    """Until when a custodian's further release may still come (seconds)."""
    until = begun_at + timedelta(seconds=max(seal_check, bidder_share) + release)
    return moved(until, start=begun_at, frozen=frozen)


def forget_after(done_at: datetime, *, keep: timedelta, failed: bool) -> datetime:
    """When a key is destroyed: at once when its lot failed, else when nobody may object to the opening any more."""
    return done_at if failed else done_at + keep
