"""The sweep that sends deposits back when the law's clock starts."""

from __future__ import annotations

import structlog
from celery import shared_task

from govcore import clock
from govcore.errors import Problem
from govcore.platform import current
from trading.contract import refunds

_log = structlog.get_logger()


@shared_task(name="contract.settle_deposits")
def settle_deposits(**_: object) -> None:
    """Order what is owed in every lot, one lot a transaction; one that cannot does not stop the others."""
    platform = current()
    with platform.db.read() as tx:
        owing = refunds.to_settle(tx)
    for lot_id in owing:
        try:
            with platform.db.transaction() as tx:
                refunds.settle(tx, lot_id, at=clock.now(tx))
        except Problem as problem:
            _log.error("contract.not_settled", lot=lot_id, problem=str(problem))
