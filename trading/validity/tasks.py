"""The sweep of validity: warn before it ends, take out who let it end."""

from __future__ import annotations

from celery import shared_task

from govcore import clock
from govcore.platform import Platform, current
from govcore.sweeping import each
from trading.validity import queries, service


@shared_task(name="validity.look")
def look(**_: object) -> None:
    """Look at every lot whose bids bind their bidders."""
    platform = current()
    with platform.db.read() as tx:
        lots = queries.to_watch(tx, at=clock.now(tx))
    each(platform, lots, look_at)


def look_at(platform: Platform, lot_id: str) -> None:
    with platform.db.transaction() as tx:
        service.look(tx, lot_id, at=clock.now(tx))
