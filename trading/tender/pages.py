"""Documents for everybody; approving and publishing, each on a page that says what will happen."""

from __future__ import annotations

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Stream

from govcore import clock
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor
from govcore.notify import following
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.downloads import download
from govcore.web.rendering import AnyRequest, language
from trading.tender import queries, reminders, service
from trading.tender.policy import TenderState
from trading.tender.rules import RuleSet


class Confirmation(msgspec.Struct):
    code: str = ""


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


@get("/tenders/{tender_id:str}/approve", permission="tender.approve", sync_to_thread=True)
def approve_page(
    request: AnyRequest,
    tender_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """What the tenderer approves, before it does."""
    return _confirm(request, platform, tender_id, actor, TenderState.DRAFT)


@post("/tenders/{tender_id:str}/approve", permission="tender.approve", sync_to_thread=True)
def approve(
    request: AnyRequest,
    tender_id: FromPath[str],
    data: URLEncodedBody[Confirmation],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    if not _is_confirmed(platform, tender_id, actor, data):
        return _confirm(request, platform, tender_id, actor, TenderState.DRAFT, entered=data.code)
    with platform.db.transaction() as tx:
        service.approve(tx, tender_id, actor=actor, at=clock.now(tx))
    return redirect(f"/tenders/{tender_id}")


@get("/tenders/{tender_id:str}/publish", permission="tender.publish", sync_to_thread=True)
def publish_page(
    request: AnyRequest,
    tender_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """What is published, before it is."""
    return _confirm(request, platform, tender_id, actor, TenderState.APPROVED)


@post("/tenders/{tender_id:str}/publish", permission="tender.publish", sync_to_thread=True)
def publish(
    request: AnyRequest,
    tender_id: FromPath[str],
    data: URLEncodedBody[Confirmation],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Publish; what is still missing is said on the same page."""
    state = TenderState.APPROVED
    if not _is_confirmed(platform, tender_id, actor, data):
        return _confirm(request, platform, tender_id, actor, state, entered=data.code)
    try:
        with platform.db.transaction() as tx:
            service.publish(tx, tender_id, actor=actor, at=clock.now(tx))
    except (service.KeysMissing, service.ScheduleMissing, service.TooShort) as problem:
        return _confirm(request, platform, tender_id, actor, state, entered=data.code, problem=problem)
    return redirect(f"/tenders/{tender_id}")


def _is_confirmed(platform: Platform, tender_id: str, actor: Actor, given: Confirmation) -> bool:
    with platform.db.read() as tx:
        return queries.visible_tender(tx, tender_id, actor=actor).code == given.code.strip()


def _confirm(
    request: AnyRequest,
    platform: Platform,
    tender_id: str,
    actor: Actor,
    state: TenderState,
    *,
    entered: str = "",
    problem: Problem | None = None,
) -> Response[str]:
    """The page before an irreversible step; with `entered` it says what was wrong and keeps it."""
    with platform.db.read() as tx:
        tender = queries.tender_view(tx, tender_id, actor=actor, at=clock.now(tx))
    side = tender.tenderer.id if state is TenderState.DRAFT else tender.agency.id
    if actor.org_id != side:
        raise NotFound
    _ = platform.catalogue.translator(language(request))
    errors = []
    if problem is not None:
        errors = [{"field": "", "text": _(problem.text, **problem.data)}]
    elif entered or request.method == "POST":
        errors = [{"field": "code", "text": _("This is not the tender's code; copy it from above.")}]
    context = {"tender": tender, "errors": errors, "entered": entered, "band": band(tender.rules)}
    template = "tender/approve.html" if state is TenderState.DRAFT else "tender/publish.html"
    status = (problem.status if problem else 422) if errors else 200
    return page(request, template, status=status, ready=tender.state == state, **context)


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


PAGES = [follow, unfollow, document, approve_page, approve, publish_page, publish]
