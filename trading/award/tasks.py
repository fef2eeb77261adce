"""The sweep that writes down what purchasers' silence has decided."""

from __future__ import annotations

import structlog
from celery import shared_task

from govcore import clock
from govcore.errors import Problem
from govcore.platform import current
from trading.award import results, service

_log = structlog.get_logger()


@shared_task(name="award.note_silences")
def note_silences(**_: object) -> None:
    """Write down every silent choice whose five working days are over; nothing waits for this to be true."""
    platform = current()
    with platform.db.read() as tx:
        waiting = results.handed_over(tx)
    for lot_id in waiting:
        try:
            with platform.db.transaction() as tx:
                service.note_silence(tx, lot_id, at=clock.now(tx))
        except Problem as problem:
            _log.warning("award.silence_not_noted", lot=lot_id, problem=str(problem))
