"""The sweep that looks at what may run short."""

from __future__ import annotations

from celery import shared_task

from govcore import clock, platform
from govcore.upkeep import watching


@shared_task(name="upkeep.watch")
def watch(**_: object) -> None:
    """Tell the system administrators of what runs short."""
    here = platform.current()
    with here.db.transaction() as tx:
        watching.warn(tx, here, at=clock.now(tx))
