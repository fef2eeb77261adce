"""Documents for everybody, and following a tender."""

from __future__ import annotations

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Stream

from govcore import clock
from govcore.identity.policy import Actor
from govcore.notify import following
from govcore.platform import Platform
from govcore.web import redirect
from govcore.web.downloads import download
from govcore.web.rendering import AnyRequest
from trading.procedure.policy import RuleSet
from trading.tender import queries, reminders


def band(rules: RuleSet) -> str | None:
    """What lies across every page of a tender whose rules are not lawful."""
    return None if rules.lawful else rules.name


@get("/documents/{document_id:str}", permission="public", sync_to_thread=True)
def document(
    request: AnyRequest,
    document_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[None] | Stream:
    """A file of a tender, exactly as it was filed."""
    with platform.db.read() as tx:
        found = queries.visible_document(tx, document_id, actor=actor)
        key, name, sha256, size = found.store_key, found.name, found.sha256, found.size
    return download(request, lambda: platform.store.stream(key), name=name, sha256=sha256, size=size)


@post("/tenders/{tender_id:str}/follow", permission="notify.read", sync_to_thread=True)
def follow(
    tender_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    """Give the reader this tender's notices from now on."""
    with platform.db.transaction() as tx:
        topic = reminders.topic(queries.visible_tender(tx, tender_id, actor=actor).id)
        following.follow(tx, platform.keys, platform.wrapper, topic, actor=actor, at=clock.now(tx))
    return redirect(f"/tenders/{tender_id}")


@post("/tenders/{tender_id:str}/unfollow", permission="notify.read", sync_to_thread=True)
def unfollow(
    tender_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    with platform.db.transaction() as tx:
        following.unfollow(tx, platform.keys, reminders.topic(tender_id), actor=actor)
    return redirect(f"/tenders/{tender_id}")


PAGES = [follow, unfollow, document]
