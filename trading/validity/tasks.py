"""The sweep of validity: warn before it ends, take out who let it end."""

from __future__ import annotations

import structlog
from celery import shared_task

from govcore import clock
from govcore.platform import current
from trading.validity import queries, service

_log = structlog.get_logger()


@shared_task(name="validity.look")
def look(**_: object) -> None:
    """Look at every lot whose bids bind their bidders."""
    platform = current()
    with platform.db.read() as tx:
        lots = queries.to_watch(tx, at=clock.now(tx))
    for lot_id in lots:
        try:
            with platform.db.transaction() as tx:
                service.look(tx, lot_id, at=clock.now(tx))
        except Exception:
            _log.exception("validity.step_failed", lot_id=lot_id)
