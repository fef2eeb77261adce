"""The sweep of draws: each looks what is due for a draw and does that one step."""

from __future__ import annotations

from celery import shared_task

from govcore import clock
from govcore.platform import Platform, current
from govcore.sweeping import each
from trading.draws import advancing, queries


@shared_task(name="draws.advance")
def advance(**_: object) -> None:
    """Take every draw that is under way one step on."""
    platform = current()
    with platform.db.read() as tx:
        waiting = queries.under_way(tx)
    each(platform, waiting, advance_one)


def advance_one(platform: Platform, draw_id: str) -> None:
    with platform.db.transaction() as tx:
        advancing.advance(tx, platform.wrapper, draw_id, at=clock.now(tx))
