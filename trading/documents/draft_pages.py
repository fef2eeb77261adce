"""Writing a tender in the browser: a page for each subject, what is missing, handing over."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, MultipartBody, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.errors import NotFound, Problem
from govcore.i18n.catalogue import Translate
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.params import PathNumber
from govcore.web.rendering import AnyRequest, language
from trading.documents import bill_sheet, draft_forms, draft_queries, drafting, words
from trading.documents.answers import STEPS, DraftAnswers, NotYet, assemble
from trading.documents.benchmark_answers import PARAMETERS
from trading.documents.checks import examine
from trading.documents.draft_words import CHOICES, STEP_NAMES, told
from trading.documents.evaluation_answers import BENCHMARKED, sections_of
from trading.documents.findings import Finding
from trading.documents.limits import limits_of
from trading.documents.making import Wrong
from trading.documents.models import Draft
from trading.documents.starting import FOR_CATEGORY, REGIMES, TEMPLATE_NAMES
from trading.procedure.competition import Ground, Stage, needs
from trading.procedure.policy import Parameter, Regime
from trading.procedure.rules import rule_set, rule_sets
from trading.procedure.words import COUNTING
from trading.project.models import Project
from trading.project.policy import Category

SPARE_ROWS = 3


class NewDraft(msgspec.Struct):
    project: str = ""
    template: str = ""


@get("/drafts", permission="tender.draft", sync_to_thread=True)
def drafts(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """The agency's drafts, and how to begin one."""
    with platform.db.read() as tx:
        found = draft_queries.own_drafts(tx, actor=actor)
        projects = draft_queries.own_projects(tx, actor=actor)
    _ = platform.catalogue.translator(language(request))
    first = FOR_CATEGORY[Category(projects[0].category)] if projects else ""
    return page(
        request,
        "documents/drafts.html",
        drafts=found,
        projects=[(one.id, f"{one.name}（{one.code}）") for one in projects],
        templates=[(key, _(name)) for key, name in TEMPLATE_NAMES.items()],
        first=first,
    )


@post("/drafts", permission="tender.draft", sync_to_thread=True)
def begin(
    data: URLEncodedBody[NewDraft], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    """Begin a draft with a template's answers."""
    with platform.db.transaction() as tx:
        made = drafting.begin(tx, data.project, template=data.template, actor=actor, at=clock.now(tx))
        draft_id = made.id
    return redirect(f"/drafts/{draft_id}/{STEPS[0]}")


@get("/drafts/{draft_id:str}", permission="tender.draft", sync_to_thread=True)
def check(
    request: AnyRequest,
    draft_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """Check your answers: all of them, what is missing, what the checks find."""
    return _check(request, platform, draft_id, actor)


@get("/drafts/{draft_id:str}/{step:str}", permission="tender.draft", sync_to_thread=True)
def step_page(
    request: AnyRequest,
    draft_id: FromPath[str],
    step: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """One subject of a draft; asked for with `check`, it says what does not fit."""
    with platform.db.read() as tx:
        draft = draft_queries.own_draft(tx, draft_id, actor=actor)
        centres = draft_queries.centres(tx)
        project, tenderer, regulator = draft_queries.parties_of(tx, draft)
        changeable = draft_queries.is_open(tx, draft)
    if step not in STEPS or not changeable:
        raise NotFound
    answers = draft_queries.answers_of(draft)
    _ = _translator(request, platform, answers)
    purchase = REGIMES[draft.template] is Regime.GP
    wrong = _wrong(answers, project) if "check" in request.query_params else []
    return page(
        request,
        f"documents/draft_{step}.html",
        tender=answers,
        draft_id=draft.id,
        answers=answers,
        step=step,
        steps=STEP_NAMES,
        project=project.name,
        tenderer=tenderer,
        regulator=regulator,
        centres=centres,
        rules=_rule_sets(platform, _, draft.template),
        purchase=purchase,
        parameters=PARAMETERS.get(answers.family, ()),
        benchmarked=answers.price_method in ("bilateral", "highway"),
        deviating=answers.price_method in BENCHMARKED,
        sections=sections_of(answers),
        spare=SPARE_ROWS,
        errors=[
            {"field": one.field, "text": told(_, one, purchase=purchase)} for one in wrong if one.step == step
        ],
        counting=COUNTING,
        by_ground=_by_ground(answers.rule_set),
        choices={name: [(key, _(text)) for key, text in table.items()] for name, table in CHOICES.items()},
    )


@post("/drafts/{draft_id:str}/{step:str}", permission="tender.draft", sync_to_thread=True)
def save_step(
    draft_id: FromPath[str],
    step: FromPath[str],
    data: URLEncodedBody[dict[str, str]],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    """Keep what was typed, whole or not, and go on to the next subject, or to more rows of this one."""
    if step not in STEPS:
        raise NotFound
    with platform.db.transaction() as tx:
        answers = draft_queries.answers_of(draft_queries.own_draft(tx, draft_id, actor=actor))
        answers = draft_forms.take(answers, step, data)
        drafting.save(tx, draft_id, answers, actor=actor, at=clock.now(tx))
    following = STEPS.index(step) + 1
    if "more" in data:
        return redirect(f"/drafts/{draft_id}/{step}")
    return redirect(
        f"/drafts/{draft_id}/{STEPS[following]}" if following < len(STEPS) else f"/drafts/{draft_id}"
    )


@get("/drafts/{draft_id:str}/bills/{lot:int}", permission="tender.draft", sync_to_thread=True)
def bill_page(
    request: AnyRequest,
    draft_id: FromPath[str],
    lot: PathNumber,
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """A lot's bill of quantities as far as it was imported."""
    return _bill(request, platform, draft_id, lot, actor)


@post(
    "/drafts/{draft_id:str}/bills/{lot:int}",
    permission="tender.draft",
    sync_to_thread=True,
    status_code=200,
    request_max_body_size=bill_sheet.FILE_LIMIT + (64 << 10),
)
def import_bill(
    request: AnyRequest,
    draft_id: FromPath[str],
    lot: PathNumber,
    data: MultipartBody[dict[str, Any]],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Read a workbook; with any error nothing is taken over, and every error is shown by its cell."""
    given = data.get("file")
    content = given.file.read(bill_sheet.FILE_LIMIT + 1) if isinstance(given, UploadFile) else b""
    try:
        found = bill_sheet.read(content)
    except bill_sheet.NotASheet as problem:
        return _bill(request, platform, draft_id, lot, actor, problem=problem)
    if found.errors:
        return _bill(request, platform, draft_id, lot, actor, read=found)
    with platform.db.transaction() as tx:
        answers = draft_queries.answers_of(draft_queries.own_draft(tx, draft_id, actor=actor))
        if not 1 <= lot <= len(answers.lots):
            raise NotFound
        answers.lots[lot - 1].bill = found.bill
        drafting.save(tx, draft_id, answers, actor=actor, at=clock.now(tx))
    return redirect(f"/drafts/{draft_id}/bills/{lot}")


@post("/drafts/{draft_id:str}/hand-over", permission="tender.draft", sync_to_thread=True, status_code=200)
def hand_over(
    request: AnyRequest,
    draft_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Make the tender; the report of its version is what comes next."""
    try:
        with platform.db.transaction() as tx:
            tender_id = drafting.hand_over(
                tx, platform.wrapper, platform.store, draft_id, actor=actor, at=clock.now(tx)
            )
    except Problem as problem:
        if problem.status == 404:
            raise
        return _check(request, platform, draft_id, actor, problem=problem)
    return redirect(f"/tenders/{tender_id}/documents/1/report")


def _translator(request: AnyRequest, platform: Platform, answers: DraftAnswers) -> Translate:
    """The catalogue in the terms of the law that the draft follows."""
    return platform.catalogue.speaking(answers.terms).translator(language(request))


def _rule_sets(platform: Platform, _: Translate, template: str) -> list[tuple[str, str]]:
    """The rule sets that a tender begun with this template may be pinned to."""
    fitting = [one for one in rule_sets().values() if one.regime is REGIMES[template]]
    offered = [one for one in fitting if one.lawful or platform.settings.demo]
    return [(one.id, _(one.name)) for one in sorted(offered, key=lambda one: (not one.lawful, one.id))]


def _by_ground(name: str) -> dict[Ground, dict[Stage, Parameter]]:
    """How many suppliers a consultation needs by its ground; nothing while no rule set is chosen."""
    rules = rule_sets().get(name)
    return {ground: needs(rules, ground) for ground in Ground} if rules else {}


def _wrong(answers: DraftAnswers, project: Project) -> list[Wrong]:
    try:
        assemble(
            answers,
            project_id=project.id,
            tenderer_id=project.tenderer_id,
            regulator_id=project.regulator_id,
        )
    except NotYet as problem:
        return problem.wrong
    return []


def _check(
    request: AnyRequest, platform: Platform, draft_id: str, actor: Actor, *, problem: Problem | None = None
) -> Response[str]:
    with platform.db.read() as tx:
        draft = draft_queries.own_draft(tx, draft_id, actor=actor)
        project, tenderer, regulator = draft_queries.parties_of(tx, draft)
        centres = dict(draft_queries.centres(tx))
        changeable = draft_queries.is_open(tx, draft)
    answers = draft_queries.answers_of(draft)
    _ = _translator(request, platform, answers)
    purchase = REGIMES[draft.template] is Regime.GP
    wrong = _wrong(answers, project)
    found: list[dict[str, object]] = []
    if not wrong:
        found = words.findings(_, language(request), _findings(answers, project))
    shown = [{"field": "", "text": _(problem.text, **problem.data)}] if problem and not wrong else []
    return page(
        request,
        "documents/draft.html",
        status=problem.status if problem else 200,
        tender=answers,
        draft_id=draft.id,
        tender_id=draft.tender_id,
        changeable=changeable,
        answers=answers,
        yuan=lambda text: words.typed_yuan(_, text),
        rules=_(rule_set(answers.rule_set).name),
        purchase=purchase,
        project=project.name,
        tenderer=tenderer,
        regulator=regulator,
        centre=centres.get(answers.centre_id, ""),
        steps=STEP_NAMES,
        wrong=[
            {"step": one.step, "field": one.field, "text": told(_, one, purchase=purchase)} for one in wrong
        ],
        findings=found,
        errors=shown,
        words=CHOICES,
    )


def _findings(answers: DraftAnswers, project: Project) -> list[Finding]:
    new = assemble(
        answers, project_id=project.id, tenderer_id=project.tenderer_id, regulator_id=project.regulator_id
    )
    return examine(
        new.terms, limits_of(rule_set(answers.rule_set), answers.procures, procedure=answers.procedure)
    )


def _bill(
    request: AnyRequest,
    platform: Platform,
    draft_id: str,
    lot: int,
    actor: Actor,
    *,
    read: bill_sheet.BillRead | None = None,
    problem: Problem | None = None,
) -> Response[str]:
    with platform.db.read() as tx:
        draft: Draft = draft_queries.own_draft(tx, draft_id, actor=actor)
    answers = draft_queries.answers_of(draft)
    if not 1 <= lot <= len(answers.lots):
        raise NotFound
    _ = _translator(request, platform, answers)
    errors = [{"field": "file", "text": _(problem.text, **problem.data)}] if problem else []
    rows = [
        {"cell": one.cell, "text": _(one.detail.text, **one.detail.data)}
        for one in (read.errors if read else ())
    ]
    bill = read.bill if read else answers.lots[lot - 1].bill
    return page(
        request,
        "documents/draft_bill.html",
        tender=answers,
        status=422 if errors or rows else 200,
        draft_id=draft.id,
        lot=answers.lots[lot - 1],
        number=lot,
        bill=bill,
        taken=read is None and problem is None,
        rows=rows,
        errors=errors,
    )


PAGES = [drafts, begin, check, bill_page, import_bill, hand_over, step_page, save_step]
