"""Pages that belong to no service."""

from __future__ import annotations

from litestar import get
from litestar.di import NamedDependency

from govcore import clock
from govcore.platform import Platform


@get("/healthz", permission="public", sync_to_thread=True, media_type="text/plain")
def healthz(platform: NamedDependency[Platform]) -> str:
    """`ok` when the database answers; nothing else, so that nothing can be counted."""
    with platform.db.read() as tx:
        clock.now(tx)
    return "ok"


@get("/api/time", permission="public", sync_to_thread=True)
def server_time(platform: NamedDependency[Platform]) -> dict[str, str]:
    """The legal clock."""
    with platform.db.read() as tx:
        return {"now": clock.now(tx).isoformat()}


PAGES = [healthz, server_time]
