"""The sweep of the pages: the log names the programs that they load."""

from __future__ import annotations

from celery import shared_task

from govcore import __version__, clock, platform
from govcore.web import queries, service
from govcore.web.bundles import BUNDLES


@shared_task(name="web.publish_programs")
def publish_programs(**_: object) -> None:
    """Say in the log which programs this release serves, when they have changed."""
    here = platform.current()
    with here.db.read() as tx:
        known = queries.programs_in_log(tx) == queries.hashes(BUNDLES)
    if known:
        return
    with here.db.transaction() as tx:
        service.publish_programs(tx, BUNDLES, version=__version__, at=clock.now(tx))
