"""The inbox as a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect

from govcore import clock
from govcore.identity.policy import Actor
from govcore.notify import queries, service
from govcore.notify.models import InboxMessage
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.rendering import AnyRequest


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as the page shows it."""

    text: str
    data: Mapping[str, Any]
    href: str
    created_at: datetime
    unread: bool

    @classmethod
    def of(cls, row: InboxMessage) -> Shown:
        return cls(row.text, row.data, row.href, row.created_at, row.read_at is None)


@get("/inbox", permission="notify.read", sync_to_thread=True)
def inbox(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    with platform.db.read() as tx:
        messages = [Shown.of(message) for message in queries.inbox(tx, actor=actor)]
    return page(request, "inbox.html", messages=messages)


@post("/inbox/read", permission="notify.read", sync_to_thread=True)
def mark_read(platform: NamedDependency[Platform], actor: NamedDependency[Actor]) -> Redirect:
    with platform.db.transaction() as tx:
        service.mark_read(tx, actor=actor, at=clock.now(tx))
    return redirect("/inbox")


PAGES = [inbox, mark_read]
