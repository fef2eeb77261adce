"""Invitations go out once their round is published."""

from __future__ import annotations

from celery import shared_task

from govcore import clock
from govcore.platform import current
from trading.prequalification import drawing, inviting


@shared_task(name="prequalification.send_invitations")
def send_invitations(*, subject: str, **_: object) -> None:
    """Tell everybody admitted to the round; nothing where everybody may bid."""
    platform = current()
    with platform.db.transaction() as tx:
        inviting.send(tx, subject, at=clock.now(tx))


@shared_task(name="prequalification.admit_drawn")
def admit_drawn(*, subject: str, **_: object) -> None:
    """Admit to its round who was drawn."""
    platform = current()
    with platform.db.transaction() as tx:
        drawing.admit_drawn(tx, subject, at=clock.now(tx))


@shared_task(name="prequalification.publish_draw")
def publish_draw(*, subject: str, **_: object) -> None:
    """Publish the draw of the invitees of a lot that has closed."""
    platform = current()
    with platform.db.transaction() as tx:
        drawing.publish_draw(tx, subject, at=clock.now(tx))
