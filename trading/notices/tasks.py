"""Sweeps of notices: each may come late, twice or not at all."""

from __future__ import annotations

from celery import shared_task

from govcore import clock
from govcore.platform import current
from trading.notices import feed


@shared_task(name="notices.number")
def number(**_: object) -> None:
    """Number the changes that wait, until fewer than a full batch are left."""
    platform = current()
    while True:
        with platform.db.transaction() as tx:
            if feed.number(tx, at=clock.now(tx)) < feed.BATCH:
                return
