"""The archive of a round as a page: make a package, see how far it is, fetch it, hold it."""

from __future__ import annotations

from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Stream

from govcore import clock
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.rendering import AnyRequest
from trading.archive import queries, service


class ReasonForm(msgspec.Struct, forbid_unknown_fields=True):
    reason: str = ""


@get("/archive", permission="archive.make", sync_to_thread=True)
def desk(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """The rounds that have ended."""
    with platform.db.read() as tx:
        found = queries.rounds(tx, actor=actor)
    return page(request, "archive/desk.html", rounds=found)


@get("/archive/{tender_id:str}", permission="archive.make", sync_to_thread=True)
def show(
    request: AnyRequest,
    tender_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """One round's packages, retention and hold."""
    with platform.db.read() as tx:
        found = queries.show(tx, tender_id, actor=actor, at=clock.now(tx))
    return page(request, "archive/show.html", found=found)


@post("/archive/{tender_id:str}", permission="archive.make", sync_to_thread=True)
def order(
    tender_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    with platform.db.transaction() as tx:
        service.order(tx, platform, tender_id, actor=actor, at=clock.now(tx))
    return redirect(f"/archive/{tender_id}")


@get("/archive/packages/{package_id:str}/package.zip", permission="archive.make", sync_to_thread=True)
def fetch(
    package_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Stream:
    """The package, made while it is sent."""
    with platform.db.read() as tx:
        pieces = queries.stream(tx, platform, package_id, actor=actor)
    headers = {"content-disposition": f'attachment; filename="archive-{package_id[:12]}.zip"'}
    return Stream(pieces, media_type="application/zip", headers=headers)


@post("/archive/{tender_id:str}/hold", permission="archive.hold", fresh=True, sync_to_thread=True)
def propose_hold(tender_id: FromPath[str], data: URLEncodedBody[ReasonForm]) -> Redirect:
    asked = urlencode({"reason": data.reason.strip()[:500]})
    return redirect(f"/two-person/propose/archive.hold/{tender_id}?{asked}")


@post("/archive/{tender_id:str}/lift", permission="archive.hold", fresh=True, sync_to_thread=True)
def propose_lift(tender_id: FromPath[str], data: URLEncodedBody[ReasonForm]) -> Redirect:
    asked = urlencode({"reason": data.reason.strip()[:500]})
    return redirect(f"/two-person/propose/archive.lift/{tender_id}?{asked}")


@post("/archive/{tender_id:str}/dispose", permission="archive.dispose", fresh=True, sync_to_thread=True)
def propose_disposal(tender_id: FromPath[str], data: URLEncodedBody[ReasonForm]) -> Redirect:
    asked = urlencode({"reason": data.reason.strip()[:500]})
    return redirect(f"/two-person/propose/archive.dispose/{tender_id}?{asked}")


PAGES = [desk, show, order, fetch, propose_hold, propose_lift, propose_disposal]
