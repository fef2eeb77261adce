"""The sweep that carries out the bill checks that were ordered."""

from __future__ import annotations

import structlog
from celery import shared_task

from govcore.errors import Problem
from govcore.platform import current
from trading.billcheck import queries, service

_log = structlog.get_logger()


@shared_task(name="billcheck.carry_out")
def carry_out(**_: object) -> None:
    """One check after the other; one that cannot does not stop the others, and is tried again."""
    platform = current()
    with platform.db.read() as tx:
        due = queries.due(tx)
    for lot_id in due:
        try:
            service.carry_out(platform, lot_id)
        except Problem as problem:
            _log.error("billcheck.not_carried_out", lot=lot_id, problem=str(problem))
