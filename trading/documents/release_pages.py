"""Release and publish, each on a page that says what will happen."""

from __future__ import annotations

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.rendering import AnyRequest, language
from trading.documents import queries, service, words
from trading.documents.checks import DocumentsRefused, ReasonMissing
from trading.procedure.rules import NotInForce
from trading.tender import queries as tenders
from trading.tender.pages import band
from trading.tender.policy import TenderState
from trading.tender.service import KeysMissing, ScheduleMissing, TooShort
from trading.tender.views import tender_view


class Confirmation(msgspec.Struct):
    code: str = ""


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
    try:
        with platform.db.transaction() as tx:
            service.release(tx, tender_id, 1, actor=actor, at=clock.now(tx))
    except (DocumentsRefused, ReasonMissing, service.SamePerson) as problem:
        state = TenderState.DRAFT
        return _confirm(request, platform, tender_id, actor, state, entered=data.code, problem=problem)
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
            service.publish(tx, platform.store, platform.keys, tender_id, actor=actor, at=clock.now(tx))
    except (KeysMissing, ScheduleMissing, TooShort, NotInForce) as problem:
        return _confirm(request, platform, tender_id, actor, state, entered=data.code, problem=problem)
    return redirect(f"/tenders/{tender_id}")


def _is_confirmed(platform: Platform, tender_id: str, actor: Actor, given: Confirmation) -> bool:
    with platform.db.read() as tx:
        return tenders.visible_tender(tx, tender_id, actor=actor).code == given.code.strip()


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
        tender = tender_view(tx, tender_id, actor=actor, at=clock.now(tx))
        versions = queries.visible_versions(tx, tender_id, actor=actor)
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
    context |= {"version": versions[0] if versions else None, "file_words": words.FILE_NAMES}
    template = "documents/approve.html" if state is TenderState.DRAFT else "documents/publish.html"
    status = (problem.status if problem else 422) if errors else 200
    return page(request, template, status=status, ready=tender.state == state, **context)


PAGES = [approve_page, approve, publish_page, publish]
