"""The sweep that writes down what purchasers' silence has decided."""

from __future__ import annotations

from celery import shared_task

from govcore import clock
from govcore.platform import Platform, current
from govcore.sweeping import each
from trading.award import results, service


@shared_task(name="award.note_silences")
def note_silences(**_: object) -> None:
    """Write down every silent choice whose five working days are over; nothing waits for this to be true."""
    platform = current()
    with platform.db.read() as tx:
        waiting = results.handed_over(tx)
    each(platform, waiting, note_silence)


def note_silence(platform: Platform, lot_id: str) -> None:
    with platform.db.transaction() as tx:
        service.note_silence(tx, lot_id, at=clock.now(tx))
