"""The sweep that voids recorded uses which led to no paper."""

from __future__ import annotations

from celery import shared_task

from govcore import clock
from govcore.platform import current
from govcore.seals import uses


@shared_task(name="seals.void_unfinished")
def void_unfinished(**_: object) -> None:
    """Void what was recorded and never finished; the register keeps number and reason."""
    with current().db.transaction() as tx:
        uses.void_unfinished(tx, at=clock.now(tx))
