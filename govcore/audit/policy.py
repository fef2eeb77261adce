"""The log's rhythm: instants, promises and alarms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

DEFAULT_INTERVAL = timedelta(seconds=60)
PROMISE = 10
ALARM = 5
LEASE = timedelta(seconds=30)
"""How long a subscriber's task may take before it is rung for again."""

WITNESS_LEASE = timedelta(seconds=10)
"""How long one process may talk to a witness; after a failure, how long until the next attempt."""

CLOCK_TOLERANCE = timedelta(seconds=2)
"""How far two good clocks may differ."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def promise_by(at: datetime, *, interval: timedelta) -> datetime:
    """When an event of `at` is in the log at the latest."""
    return at + PROMISE * interval


def alarm_due(oldest: datetime | None, *, now: datetime, interval: timedelta) -> bool:
    """Whether the oldest waiting event has waited for half of the promise."""
    return oldest is not None and now - oldest >= ALARM * interval


def clock_went_back(last: datetime, *, now: datetime) -> bool:
    """Whether the clock stands before an instant that the log has already reached."""
    return last - now > CLOCK_TOLERANCE


@dataclass(frozen=True, slots=True)
class ClockReading:
    """What the clock said, and this machine's count of seconds before and after it was asked."""

    clock: datetime
    asked: float
    answered: float

    def ahead_of(self, earlier: ClockReading) -> timedelta | None:
        """How much further the clock went than time can have passed since then; nothing within the tolerance."""
        passed = timedelta(seconds=self.answered - earlier.asked)
        ahead = self.clock - earlier.clock - passed
        return ahead if ahead > CLOCK_TOLERANCE else None


def stands_still(last: datetime, *, now: datetime, interval: timedelta) -> bool:
    """Whether so many instants were missed that promises are at risk."""
    return now - last >= ALARM * interval


def instant_before(at: datetime, *, interval: timedelta) -> datetime:
    """The latest multiple of the interval (counted from 1970 in UTC) that is not after `at`."""
    return at - (at - _EPOCH) % interval


def covers_needed(real: int, *, bucket: int) -> int:
    """How many covers fill the real entries up to whole buckets; at least one, which tells the instant."""
    return bucket - real % bucket
