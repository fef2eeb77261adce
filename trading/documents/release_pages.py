"""Release and publish, each on a page that says what will happen."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

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
from trading.documents import queries, releasing, service, words
from trading.documents.checks import DocumentsRefused, ReasonMissing
from trading.documents.policy import VersionState
from trading.documents.queries import VersionView
from trading.procedure.rules import NotInForce
from trading.tender import queries as tenders
from trading.tender.pages import band
from trading.tender.policy import TenderState
from trading.tender.service import KeysMissing, ScheduleMissing, TooShort
from trading.tender.views import tender_view

SIGN_WORDS = {
    "code-wrong": "This is not the tender's code; copy it from above.",
    "signing": "Signing and releasing …",
    "other-version": "The documents to be signed are not those shown above. Nothing was signed; load the page again.",
    "unexpected": "That did not work: {detail}",
}
"""Sentences of the page's program, by the keys that `frontend/src/documents` uses."""


class Confirmation(msgspec.Struct):
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """How the officer releases: by a signature in the browser, and whether the rules ask for it."""

    must: bool
    offered: bool
    shown: bool
    sha256: str
    words: dict[str, str]


def signing(request: AnyRequest, platform: Platform, version: VersionView, actor: Actor) -> Signing | None:
    """What a page before a release shows of it; nothing for a version that is not released there.

    Who may release without a signature asks for that with `?unsigned`, or has just tried it.
    """
    if version.state != VersionState.PREPARED:
        return None
    with platform.db.read() as tx:
        must, offered = releasing.signs(tx, version.tender_id, actor=actor, at=clock.now(tx))
        payload = releasing.to_sign(tx, version.tender_id, version.number, actor=actor)
    plain = request.method == "POST" or "unsigned" in request.query_params
    translate = platform.catalogue.translator(language(request))
    return Signing(
        must=must,
        offered=offered,
        shown=must or (offered and not plain),
        sha256=hashlib.sha256(payload).hexdigest(),
        words={key: translate(text) for key, text in SIGN_WORDS.items()},
    )


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
            releasing.release(tx, platform.store, tender_id, 1, actor=actor, at=clock.now(tx))
    except (DocumentsRefused, ReasonMissing, releasing.SamePerson, releasing.Unsigned) as problem:
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
    version = versions[0] if versions else None
    signs = None
    if state is TenderState.DRAFT and version is not None:
        signs = signing(request, platform, version, actor)
    _ = platform.catalogue.speaking(tender.terms).translator(language(request))
    errors = []
    if problem is not None:
        errors = [{"field": "", "text": _(problem.text, **problem.data)}]
    elif entered or request.method == "POST":
        errors = [{"field": "code", "text": _("This is not the tender's code; copy it from above.")}]
    context = {"tender": tender, "errors": errors, "entered": entered, "band": band(tender.rules)}
    context |= {"version": version, "signing": signs, "file_words": words.FILE_NAMES}
    template = "documents/approve.html" if state is TenderState.DRAFT else "documents/publish.html"
    status = (problem.status if problem else 422) if errors else 200
    return page(request, template, status=status, ready=tender.state == state, **context)


PAGES = [approve_page, approve, publish_page, publish]
