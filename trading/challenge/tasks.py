"""End ordered suspensions whose cap has passed."""

from __future__ import annotations

from celery import shared_task

from govcore import clock
from govcore.platform import current
from trading.challenge import complaints, queries


@shared_task(name="challenge.lapse_orders")
def lapse_orders(**_: object) -> None:
    platform = current()
    with platform.db.read() as tx:
        due = queries.orders_due(tx, at=clock.now(tx))
    for order_id in due:
        with platform.db.transaction() as tx:
            complaints.lapse_order(tx, order_id, at=clock.now(tx))
