"""The inbox as a page."""

from __future__ import annotations

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect

from govcore import clock
from govcore.identity.policy import Actor
from govcore.notify import queries, service
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.rendering import AnyRequest


@get("/inbox", permission="notify.read", sync_to_thread=True)
def inbox(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    with platform.db.read() as tx:
        messages = queries.inbox(tx, actor=actor)
    return page(request, "inbox.html", messages=messages)


@post("/inbox/read", permission="notify.read", sync_to_thread=True)
def mark_read(platform: NamedDependency[Platform], actor: NamedDependency[Actor]) -> Redirect:
    with platform.db.transaction() as tx:
        service.mark_read(tx, actor=actor, at=clock.now(tx))
    return redirect("/inbox")


PAGES = [inbox, mark_read]
