"""Sweeps of the tender: reminders before deadlines, word of moved ones."""

from __future__ import annotations

from celery import shared_task

from govcore import clock
from govcore.platform import current
from trading.tender import queries, reminders


@shared_task(name="tender.remind")
def remind(**_: object) -> None:
    """Announce the deadlines that are near to all who follow their tenders."""
    platform = current()
    with platform.db.read() as tx:
        near = queries.near_deadline(tx, at=clock.now(tx))
    for lot_id in near:
        with platform.db.transaction() as tx:
            reminders.remind(tx, lot_id, at=clock.now(tx))


@shared_task(name="tender.tell_schedule")
def tell_schedule(*, subject: str, **_: object) -> None:
    """Announce a moved deadline."""
    with current().db.transaction() as tx:
        reminders.tell_schedule(tx, subject, at=clock.now(tx))
