"""A tender's objections for everybody; filing, one's own cases, and the tenderer's answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, MultipartBody

from govcore import clock
from govcore.db import Tx
from govcore.errors import Problem
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.downloads import disposition
from govcore.web.rendering import AnyRequest
from trading.challenge import forms, outlook, policy, queries, service
from trading.challenge.evidence import Stored, store_all
from trading.challenge.filing_pages import LIMITS, errors_of, options_of
from trading.challenge.forms import BODY_LIMIT
from trading.challenge.models import Case
from trading.tender.pages import band
from trading.tender.policy import STEP_NAMES

Step = Callable[[Tx, list[Stored]], object]


@get("/tenders/{tender_id:str}/objections", permission="public", sync_to_thread=True)
def overview(
    request: AnyRequest,
    tender_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """How and until when to object, what is suspended and by what, what was answered and decided."""
    with platform.db.read() as tx:
        at = clock.now(tx)
        shown = outlook.outlook_of(tx, tender_id, at=at)
        mine = queries.visible_cases(tx, platform, actor=actor, at=at, tender_id=tender_id)
        published = queries.published_cases(tx, tender_id)
    return page(
        request,
        "challenge/overview.html",
        outlook=shown,
        mine=mine,
        published=published,
        policy=policy,
        step_names=STEP_NAMES,
        band=band(shown.rules),
    )


@get("/objections", permission="challenge.read", sync_to_thread=True)
def cases(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """The cases the reader filed, must answer or decides, the earliest due first."""
    with platform.db.read() as tx:
        found = queries.visible_cases(tx, platform, actor=actor, at=clock.now(tx))
    return page(request, "challenge/cases.html", cases=found, policy=policy)


@get("/objections/{case_id:str}", permission="challenge.read", sync_to_thread=True)
def case_page(
    request: AnyRequest,
    case_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """One case with its clocks and what the reader may do in it now."""
    return show_case(request, platform, case_id, actor)


def show_case(
    request: AnyRequest,
    platform: Platform,
    case_id: str,
    actor: Actor,
    *,
    problem: Problem | None = None,
    values: forms.Form | None = None,
) -> Response[str]:
    """The case's page; with a problem it says what was wrong and keeps what was typed."""
    with platform.db.read() as tx:
        found = queries.case(tx, platform, case_id, actor=actor, at=clock.now(tx))
    return page(
        request,
        "challenge/case.html",
        status=problem.status if problem else 200,
        case=found,
        policy=policy,
        errors=errors_of(request, platform, problem),
        values=values or {},
        options=options_of(request, platform),
        limits=LIMITS,
        band=None if found.lawful else found.band,
    )


@post(
    "/objections/{case_id:str}/reply",
    permission="challenge.reply",
    sync_to_thread=True,
    request_max_body_size=BODY_LIMIT,
)
def reply(
    request: AnyRequest,
    case_id: FromPath[str],
    data: MultipartBody[dict[str, Any]],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    def step(tx: Tx, stored: list[Stored]) -> Case:
        words = {"text": forms.text(data, "reply"), "public_text": forms.text(data, "public_text")}
        return service.reply(tx, platform, case_id, **words, files=stored, actor=actor, at=clock.now(tx))

    return act(request, platform, case_id, actor, data, step)


@post("/objections/{case_id:str}/ask", permission="challenge.reply", sync_to_thread=True)
def ask(
    request: AnyRequest,
    case_id: FromPath[str],
    data: MultipartBody[dict[str, Any]],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """The tenderer asks the filer for what is missing."""

    def step(tx: Tx, _stored: list[Stored]) -> Case:
        text = forms.text(data, "ask")
        return service.ask_filer(tx, platform, case_id, text=text, actor=actor, at=clock.now(tx))

    return act(request, platform, case_id, actor, data, step)


@post("/objections/{case_id:str}/effect", permission="challenge.reply", sync_to_thread=True)
def effect(
    request: AnyRequest,
    case_id: FromPath[str],
    data: MultipartBody[dict[str, Any]],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """The purchaser finds whether the result may be affected."""

    def step(tx: Tx, _stored: list[Stored]) -> Case:
        affects, reason = forms.text(data, "affects") == "yes", forms.text(data, "effect")
        at = clock.now(tx)
        return service.find_effect(tx, platform, case_id, affects=affects, reason=reason, actor=actor, at=at)

    return act(request, platform, case_id, actor, data, step)


@post(
    "/objections/{case_id:str}/statement",
    permission="challenge.reply",
    sync_to_thread=True,
    request_max_body_size=BODY_LIMIT,
)
def statement(
    request: AnyRequest,
    case_id: FromPath[str],
    data: MultipartBody[dict[str, Any]],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """The tenderer's view on an accepted complaint."""

    def step(tx: Tx, stored: list[Stored]) -> Case:
        text, at = forms.text(data, "statement"), clock.now(tx)
        return service.give_statement(tx, platform, case_id, text=text, files=stored, actor=actor, at=at)

    return act(request, platform, case_id, actor, data, step)


@post(
    "/objections/{case_id:str}/supplement",
    permission="challenge.file",
    sync_to_thread=True,
    request_max_body_size=BODY_LIMIT,
)
def supplement(
    request: AnyRequest,
    case_id: FromPath[str],
    data: MultipartBody[dict[str, Any]],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    def step(tx: Tx, stored: list[Stored]) -> Case:
        text, at = forms.text(data, "supplement"), clock.now(tx)
        return service.supplement(tx, platform, case_id, text=text, files=stored, actor=actor, at=at)

    return act(request, platform, case_id, actor, data, step)


@post("/objections/{case_id:str}/withdraw", permission="challenge.file", sync_to_thread=True)
def withdraw(
    request: AnyRequest,
    case_id: FromPath[str],
    data: MultipartBody[dict[str, Any]],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    def step(tx: Tx, _stored: list[Stored]) -> Case:
        reason = forms.text(data, "withdraw")
        return service.withdraw(tx, platform, case_id, reason=reason, actor=actor, at=clock.now(tx))

    return act(request, platform, case_id, actor, data, step)


@get("/objections/{case_id:str}/receipt", permission="challenge.read", sync_to_thread=True)
def receipt(
    case_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The signed receipt, as the file that proves it."""
    with platform.db.read() as tx:
        row, _ = queries.visible_case(tx, platform, case_id, actor=actor)
    headers = {"content-disposition": disposition(f"{row.number}.json"), "cache-control": "private, no-store"}
    return Response(row.receipt, media_type="application/json", headers=headers)


@get("/objections/evidence/{evidence_id:str}", permission="challenge.read", sync_to_thread=True)
def evidence_file(
    evidence_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """A file of a case, always as an attachment."""
    with platform.db.read() as tx:
        row = queries.visible_evidence(tx, platform, evidence_id, actor=actor)
    given = queries.opened(platform, row)
    headers = {
        "content-disposition": disposition(given.name),
        "cache-control": "private, no-store",
        "x-content-sha256": row.sha256,
    }
    return Response(given.content, media_type="application/octet-stream", headers=headers)


def act(
    request: AnyRequest, platform: Platform, case_id: str, actor: Actor, data: forms.Form, step: Step
) -> Response[Any]:
    """Store the files, take the step, show the case; a refusal is said on the case's page."""
    try:
        stored = store_all(platform.store, forms.files(data))
        with platform.db.transaction() as tx:
            step(tx, stored)
    except Problem as problem:
        if problem.status in (401, 403, 404):
            raise
        return show_case(request, platform, case_id, actor, problem=problem, values=data)
    return redirect(f"/objections/{case_id}")


PAGES: list[Any] = [
    overview,
    cases,
    case_page,
    reply,
    ask,
    effect,
    statement,
    supplement,
    withdraw,
    receipt,
    evidence_file,
]
