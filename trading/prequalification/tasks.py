"""Invitations go out once their round is published."""

from __future__ import annotations

from celery import shared_task

from govcore import clock
from govcore.platform import current
from trading.prequalification import inviting


@shared_task(name="prequalification.send_invitations")
def send_invitations(*, subject: str, **_: object) -> None:
    """Tell everybody admitted to the round; nothing where everybody may bid."""
    platform = current()
    with platform.db.transaction() as tx:
        inviting.send(tx, subject, at=clock.now(tx))
