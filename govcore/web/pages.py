"""Pages that belong to no service."""

from __future__ import annotations

from litestar import Response, get
from litestar.di import NamedDependency

from govcore import clock
from govcore.audit import queries as audit
from govcore.audit.note import VerifierKey
from govcore.platform import Platform
from govcore.web import queries
from govcore.web.bundles import BUNDLES
from govcore.web.rendering import AnyRequest, page


@get("/healthz", permission="public", cost=0, sync_to_thread=True, media_type="text/plain")
def healthz(platform: NamedDependency[Platform]) -> str:
    """`ok` when the right database answers; nothing else, so that nothing can be counted."""
    platform.history.require()
    with platform.db.read() as tx:
        clock.now(tx)
    return "ok"


@get("/api/time", permission="public", cost=0, sync_to_thread=True)
def server_time(platform: NamedDependency[Platform]) -> Response[dict[str, str]]:
    """The legal clock."""
    return _time(platform)


@get("/time", permission="public", cost=0, sync_to_thread=True)
def clock_time(platform: NamedDependency[Platform]) -> Response[dict[str, str]]:
    """The legal clock, for the clock in the top bar."""
    return _time(platform)


def _time(platform: Platform) -> Response[dict[str, str]]:
    with platform.db.read() as tx:
        now = clock.now(tx)
    return Response({"now": now.isoformat()}, headers={"cache-control": "no-store"})


@get("/verify", permission="public", sync_to_thread=True)
def verify_page(request: AnyRequest) -> Response[str]:
    return page(request, "verify.html")


@get("/verify/log", permission="public", sync_to_thread=True)
def verify_log_page(request: AnyRequest, platform: NamedDependency[Platform]) -> Response[str]:
    """The published checkpoint, its witnesses, and how to check an entry and the whole log without us."""
    with platform.db.read() as tx:
        checkpoint = audit.published_checkpoint(tx)
        witnesses = audit.witness_states(tx)
        programs = queries.programs(tx, BUNDLES)
    origin = platform.settings.log_origin
    return page(
        request,
        "verify_log.html",
        checkpoint=checkpoint,
        witnesses=witnesses,
        programs=programs,
        vkey=str(VerifierKey(origin, platform.keys.log_signer.public_bytes)),
        origin=origin,
        url=str(request.base_url).rstrip("/"),
    )


PAGES = [healthz, server_time, clock_time, verify_page, verify_log_page]
