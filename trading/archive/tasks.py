"""The sweep that makes packages: some files each time, so that it can stop and go on anywhere."""

from __future__ import annotations

from celery import shared_task

from govcore import clock
from govcore.platform import Platform, current
from govcore.sweeping import each
from trading.archive import clearing, queries, service

FILES_A_TURN = 200


@shared_task(name="archive.make_due")
def make_due(**_: object) -> None:
    """Go on with every package that is not sealed; one that cannot does not stop the others."""
    platform = current()
    with platform.db.read() as tx:
        waiting = queries.to_make(tx)
    each(platform, waiting, make)


@shared_task(name="archive.clear_due")
def clear_due(**_: object) -> None:
    """Delete what is left of every round that was disposed of."""
    platform = current()
    with platform.db.read() as tx:
        waiting = clearing.to_clear(tx)
    each(platform, waiting, clearing.clear)


def make(platform: Platform, package_id: str) -> bool:
    """Read the next files, and seal the package after the last one; whether it is sealed now."""
    for _ in range(FILES_A_TURN):
        if not service.read_next(platform, package_id):
            with platform.db.transaction() as tx:
                return service.seal(tx, package_id, at=clock.now(tx))
    return False
