"""How long an order for work on the server is good, and how its state follows from the clock."""

from __future__ import annotations

from datetime import datetime, timedelta

ORDER_LASTS = timedelta(minutes=10)
"""So long an operator may begin what two administrators ordered; what has begun is finished whenever it can be."""

BACKUP_DUE, BACKUP_SHORT = timedelta(hours=48), timedelta(hours=24)
"""So old a backup may be at most, and so long before that the administrators are told."""

APPROVALS = 2
"""So many operators sign the return from a backup."""


def rotation_state(
    begun_at: datetime | None, done_at: datetime | None, ends_at: datetime, *, now: datetime
) -> str:
    """`waiting`, `lapsed`, `begun` or `done`."""
    if done_at is not None:
        return "done"
    if begun_at is not None:
        return "begun"
    return "waiting" if now < ends_at else "lapsed"
