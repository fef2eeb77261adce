"""Outages for machines: readiness of each surface, signed reports handed in, what was measured."""

from __future__ import annotations

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody

from govcore import clock
from govcore.errors import NotFound
from govcore.outages import queries, service
from govcore.outages.policy import SHOWN
from govcore.outages.schemas import OutageShown, OutagesShown, SignedReport, Taken, Unknown
from govcore.platform import Platform
from govcore.web.params import PathNumber


@get("/healthz/upload", permission="public", cost=0, sync_to_thread=True, media_type="text/plain")
def upload_ready(platform: NamedDependency[Platform]) -> str:
    """`ok` when the object store answers; it tells nothing of what lies there."""
    platform.store.check()
    return "ok"


@get("/healthz/submit", permission="public", cost=0, sync_to_thread=True, media_type="text/plain")
def submit_ready(platform: NamedDependency[Platform]) -> str:
    """`ok` when a transaction that may write begins and ends, as a submission's does."""
    with platform.db.transaction() as tx:
        clock.now(tx)
    return "ok"


@post("/api/probe-reports", permission="public", sync_to_thread=True, status_code=200)
def hand_in(data: JSONBody[SignedReport], platform: NamedDependency[Platform]) -> Taken:
    """Take a prober's signed report; its signature, not an account, says whose it is."""
    known = {key.name: key for key in platform.settings.probers}
    with platform.db.transaction() as tx:
        following = service.take_report(tx, data.envelope.encode(), known, at=clock.now(tx))
    return Taken(following)


@get("/api/probe-reports/{seq:str}", permission="public", sync_to_thread=True)
def signed_report(
    seq: PathNumber, prober: FromQuery[str], platform: NamedDependency[Platform]
) -> Response[bytes]:
    """One report exactly as its prober signed it."""
    with platform.db.read() as tx:
        envelope = queries.report_of(tx, prober, seq)
    if envelope is None:
        raise NotFound
    return Response(envelope, media_type="application/json")


@get("/api/outages", permission="public", sync_to_thread=True)
def list_outages(platform: NamedDependency[Platform]) -> OutagesShown:
    """The measured outages of the last 90 days, and when nothing was measured."""
    with platform.db.read() as tx:
        until = clock.now(tx)
        since = until - SHOWN
        found = queries.measured(tx, since=since, until=until)
    outages = [
        OutageShown(one.surface, one.span.start, one.span.end, int(one.span.length.total_seconds()))
        for one in found.outages
    ]
    return OutagesShown(since, until, outages, [Unknown(one.start, one.end) for one in found.unknown])


ROUTES = [upload_ready, submit_ready, hand_in, signed_report, list_outages]
