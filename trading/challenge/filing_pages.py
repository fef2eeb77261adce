"""Forms to file with: by the filer, and by the tenderer's side for what came on paper."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, MultipartBody

from govcore import clock
from govcore.errors import Malformed, Problem
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.rendering import AnyRequest, language
from trading.challenge import filing, forms, outlook, policy, queries
from trading.challenge.entries import EmptyWords, Filer
from trading.challenge.evidence import BadEvidence, store_all
from trading.challenge.filing import NewCase, Paper
from trading.challenge.forms import BODY_LIMIT
from trading.challenge.policy import Kind, Stage
from trading.tender.pages import band

LIMITS = (policy.FILES_MAX, policy.FILE_LIMIT >> 20, ", ".join(policy.FILE_KINDS))


@get("/tenders/{tender_id:str}/object", permission="challenge.file", sync_to_thread=True)
def file_form(
    request: AnyRequest,
    tender_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """The form to object, with the last moment of each stage."""
    return show_filing(request, platform, tender_id, "challenge/file.html")


@post(
    "/tenders/{tender_id:str}/object",
    permission="challenge.file",
    sync_to_thread=True,
    request_max_body_size=BODY_LIMIT,
)
def file_case(
    request: AnyRequest,
    tender_id: FromPath[str],
    data: MultipartBody[dict[str, Any]],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """File, and show the case with its receipt."""
    try:
        new = new_case(data)
        stored = store_all(platform.store, forms.files(data))
        with platform.db.transaction() as tx:
            case = filing.file_case(tx, platform, tender_id, new, stored, actor=actor, at=clock.now(tx))
    except Problem as problem:
        if problem.status in (401, 404):
            raise
        return show_filing(request, platform, tender_id, "challenge/file.html", problem=problem, values=data)
    return redirect(f"/objections/{case.id}")


@get("/tenders/{tender_id:str}/paper-objection", permission="challenge.reply", sync_to_thread=True)
def paper_form(
    request: AnyRequest,
    tender_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """The form by which the tenderer's side enters what came on paper."""
    with platform.db.read() as tx:
        filing.check_own_side(outlook.first_lot(tx, tender_id), actor)
    return show_filing(request, platform, tender_id, "challenge/paper.html")


@post(
    "/tenders/{tender_id:str}/paper-objection",
    permission="challenge.reply",
    sync_to_thread=True,
    request_max_body_size=BODY_LIMIT,
)
def enter_paper(
    request: AnyRequest,
    tender_id: FromPath[str],
    data: MultipartBody[dict[str, Any]],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """Enter a paper: it counts from the day it was handed in."""
    try:
        new, paper = new_case(data), paper_of(data)
        stored = store_all(platform.store, forms.files(data))
        with platform.db.transaction() as tx:
            case = filing.enter_paper(
                tx, platform, tender_id, new, paper, stored, actor=actor, at=clock.now(tx)
            )
    except Problem as problem:
        if problem.status in (401, 404):
            raise
        return show_filing(request, platform, tender_id, "challenge/paper.html", problem=problem, values=data)
    return redirect(f"/objections/{case.id}")


def new_case(form: forms.Form, *, kind: Kind | None = None) -> NewCase:
    """What a form files; raise `Malformed` for a kind or stage that does not exist."""
    try:
        named, stage = kind or Kind(forms.text(form, "kind")), Stage(forms.text(form, "stage"))
    except ValueError as error:
        raise Malformed(detail="stage") from error
    return NewCase(
        kind=named,
        stage=stage,
        lot_ids=forms.several(form, "lots"),
        text=forms.text(form, "text"),
        known_at=forms.end_of(forms.day(forms.text(form, "known_on"))),
        receipt=forms.receipt(form),
    )


def paper_of(form: forms.Form) -> Paper:
    """Who handed a paper in, and when; raise `Malformed` without both."""
    handed_in, name = forms.moment(forms.text(form, "handed_in")), forms.text(form, "filer_name")
    if handed_in is None or not name:
        raise Malformed(detail="handed_in")
    code, person = forms.text(form, "filer_code"), forms.text(form, "filer_person")
    return Paper(received_at=handed_in, filer=Filer("", name[:200], code[:32], person[:100]))


def show_filing(
    request: AnyRequest,
    platform: Platform,
    tender_id: str,
    template: str,
    *,
    problem: Problem | None = None,
    values: forms.Form | None = None,
    before: queries.CaseView | None = None,
) -> Response[str]:
    """A form to file with, the clocks beside it; with a problem it says what was wrong and keeps what was typed."""
    with platform.db.read() as tx:
        shown = outlook.outlook_of(tx, tender_id, at=clock.now(tx))
    return page(
        request,
        template,
        status=problem.status if problem else 200,
        outlook=shown,
        before=before,
        policy=policy,
        values=values or {},
        lots_chosen=forms.several(values or {}, "lots"),
        errors=errors_of(request, platform, problem),
        options=options_of(request, platform, shown),
        limits=LIMITS,
        band=band(shown.rules),
    )


def errors_of(request: AnyRequest, platform: Platform, problem: Problem | None) -> list[dict[str, str]]:
    if problem is None:
        return []
    field = {BadEvidence: "files", EmptyWords: "text"}.get(type(problem), "")
    translate = platform.catalogue.translator(language(request))
    return [{"field": field, "text": translate(problem.text, **problem.data)}]


def options_of(
    request: AnyRequest, platform: Platform, shown: outlook.Outlook | None = None
) -> dict[str, list[tuple[str, str]]]:
    """The choices of the forms in the reader's language and in the terms of what they are about."""
    spoken = platform.catalogue.speaking(shown.terms if shown is not None else {})
    _ = spoken.translator(language(request))
    stages, kinds = policy.STAGE_WORDS, policy.KIND_WORDS
    found: dict[str, list[tuple[StrEnum, str]]] = {
        "outcomes": [(key, _(text)) for key, text in policy.OUTCOME_WORDS.items()],
        "steps": [(key, _(text)) for key, text in policy.STEP_WORDS.items()],
        "complaint_stages": [(key, _(stages[key])) for key in stages if key is not Stage.PQ_DOCUMENTS],
    }
    if shown is not None:
        found["kinds"] = [(key, _(kinds[key])) for key in shown.kinds]
        found["open_stages"] = [(key, _(stages[key])) for key in shown.stages]
        found["stages"] = [(key, _(stages[key])) for key in shown.all_stages]
    return {name: [(str(key), text) for key, text in options] for name, options in found.items()}


PAGES: list[Any] = [file_form, file_case, paper_form, enter_paper]
