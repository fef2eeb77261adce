"""The sweep that carries out the bill checks that were ordered."""

from __future__ import annotations

from celery import shared_task

from govcore.platform import current
from govcore.sweeping import each
from trading.billcheck import queries, service


@shared_task(name="billcheck.carry_out")
def carry_out(**_: object) -> None:
    """One check after the other; one that cannot does not stop the others, and is tried again."""
    platform = current()
    with platform.db.read() as tx:
        due = queries.due(tx)
    each(platform, due, service.carry_out)
