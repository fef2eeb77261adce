"""The sweep that carries out the analyses that were ordered."""

from __future__ import annotations

from celery import shared_task

from govcore.platform import current
from govcore.sweeping import each
from trading.likeness import queries, service


@shared_task(name="likeness.carry_out")
def carry_out(**_: object) -> None:
    """One analysis after the other; one that cannot does not stop the others, and is tried again."""
    platform = current()
    with platform.db.read() as tx:
        due = queries.due(tx)
    each(platform, due, service.carry_out)
