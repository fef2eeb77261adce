"""What follows a published call and opened final offers."""

from __future__ import annotations

import structlog
from celery import shared_task

from govcore import clock
from govcore.errors import Problem
from govcore.platform import Platform, current
from trading.consultation import calling

_log = structlog.get_logger()


@shared_task(name="consultation.tell_asked")
def tell_asked(*, subject: str, **_: object) -> None:
    """Tell who remained until when its final offer is awaited."""
    platform = current()
    with platform.db.transaction() as tx:
        calling.tell_asked(tx, subject, at=clock.now(tx))


@shared_task(name="consultation.seat_group")
def seat_group(*, subject: str, **_: object) -> None:
    """Let the group that held the consultation sit over the final offers."""
    seat_one(current(), subject)


def seat_one(platform: Platform, lot_id: str) -> None:
    """Where a member can no longer sit, the centre seats the group by hand, as for every lot."""
    try:
        with platform.db.transaction() as tx:
            calling.seat_group(tx, lot_id, at=clock.now(tx))
    except Problem as problem:
        _log.warning("consultation.group_not_seated", lot=lot_id, problem=str(problem))
