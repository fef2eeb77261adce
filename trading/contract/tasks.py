"""The sweep that sends deposits back when the law's clock starts."""

from __future__ import annotations

from celery import shared_task

from govcore import clock
from govcore.platform import Platform, current
from govcore.sweeping import each
from trading.contract import refunds


@shared_task(name="contract.settle_deposits")
def settle_deposits(**_: object) -> None:
    """Order what is owed in every lot, one lot a transaction; one that cannot does not stop the others."""
    platform = current()
    with platform.db.read() as tx:
        owing = refunds.to_settle(tx)
    each(platform, owing, settle_lot)


def settle_lot(platform: Platform, lot_id: str) -> None:
    with platform.db.transaction() as tx:
        refunds.settle(tx, lot_id, at=clock.now(tx))
