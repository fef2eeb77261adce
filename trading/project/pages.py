"""Projects in the browser: list, registration with a look at the answers, supervision by category."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, MultipartBody, URLEncodedBody
from litestar.response import Redirect, Stream

from govcore import clock
from govcore.clock import BEIJING
from govcore.db import Tx
from govcore.errors import Problem
from govcore.identity.policy import Actor, Role
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.downloads import download
from govcore.web.rendering import AnyRequest, language
from trading.procedure.policy import Regime
from trading.procedure.rules import in_force
from trading.project import forms, queries, service
from trading.project.forms import FIELDS, Errors, ProjectForm
from trading.project.policy import (
    APPROVALS,
    CATEGORY_NAMES,
    METHOD_NAMES,
    SOURCE_NAMES,
    SUBJECT_NAMES,
    TRUST_NAMES,
    Category,
    Ground,
    grounds,
    must_be_tendered,
)
from trading.project.schemas import NewProject, ProjectTerms
from trading.project.service import FILE_LIMIT

WORDS: dict[str, Any] = {
    "categories": CATEGORY_NAMES,
    "subjects": SUBJECT_NAMES,
    "sources": SOURCE_NAMES,
    "trusts": TRUST_NAMES,
    "methods": METHOD_NAMES,
    "approvals": APPROVALS,
}


class SupervisorForm(msgspec.Struct):
    category: Category
    department: str = ""


@get("/projects", permission="project.read", sync_to_thread=True)
def projects_page(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """The reader's projects; a regulator's are those of its categories."""
    with platform.db.read() as tx:
        found = queries.visible_projects(tx, actor=actor)
    return page(request, "project/projects.html", projects=found, **WORDS)


@get("/projects/new", permission="project.register", sync_to_thread=True)
def new_page(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """Register a project."""
    return _form(request, platform, actor, ProjectForm(mandatory="yes", state_funded="yes"), None)


@post("/projects/new", permission="project.register", sync_to_thread=True)
def register(
    request: AnyRequest,
    data: URLEncodedBody[ProjectForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Show the answers for a last look, then register."""
    return _take(request, platform, actor, data, None)


@get("/projects/{project_id:str}/correct", permission="project.register", sync_to_thread=True)
def correct_page(
    request: AnyRequest,
    project_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """Say a registration anew; what it said before is kept."""
    with platform.db.read() as tx:
        project = queries.visible_project(tx, project_id, actor=actor)
        filled = forms.filled(project, agency=_is_agency(actor))
    return _form(request, platform, actor, filled, project_id)


@post("/projects/{project_id:str}/correct", permission="project.register", sync_to_thread=True)
def correct(
    request: AnyRequest,
    project_id: FromPath[str],
    data: URLEncodedBody[ProjectForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """The same with the next version of a project."""
    with platform.db.read() as tx:
        queries.visible_project(tx, project_id, actor=actor)
    return _take(request, platform, actor, data, project_id)


@post(
    "/projects/{project_id:str}/files",
    permission="project.register",
    sync_to_thread=True,
    request_max_body_size=FILE_LIMIT + (64 << 10),
)
def file_paper(
    project_id: FromPath[str],
    data: MultipartBody[dict[str, Any]],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    """File an approval or the mandate."""
    file, kind = data.get("paper"), str(data.get("kind") or "")
    content = file.file.read(FILE_LIMIT + 1) if isinstance(file, UploadFile) else b""
    name = (file.filename if isinstance(file, UploadFile) else "")[-200:] or "-"
    with platform.db.transaction() as tx:
        service.file_paper(
            tx,
            platform.store,
            project_id,
            kind=kind if kind in (*APPROVALS, "mandate") else "other",
            name=name,
            content=content,
            actor=actor,
            at=clock.now(tx),
        )
    return redirect(f"/projects/{project_id}")


@get("/projects/{project_id:str}/files/{file_id:str}", permission="project.read", sync_to_thread=True)
def show_file(
    request: AnyRequest,
    project_id: FromPath[str],
    file_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[None] | Stream:
    """An approval or the mandate, exactly as it was filed."""
    with platform.db.read() as tx:
        found = queries.visible_file(tx, project_id, file_id, actor=actor)
        key, name, sha256, size = found.store_key, found.name, found.sha256, found.size
    return download(request, lambda: platform.store.stream(key), name=name, sha256=sha256, size=size)


@get("/project-supervision", permission="project.supervision", sync_to_thread=True)
def supervision_page(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """Which department supervises which category."""
    with platform.db.read() as tx:
        departments, present = queries.departments(tx), queries.supervision(tx)
        names = [(one.id, one.name) for one in departments]
    return page(request, "project/supervision.html", departments=names, present=present, **WORDS)


@post("/project-supervision", permission="project.supervision", sync_to_thread=True)
def set_supervisor(
    data: URLEncodedBody[SupervisorForm], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    """Set it for projects that are registered from now on."""
    with platform.db.transaction() as tx:
        service.set_supervisor(tx, data.category, data.department, actor=actor, at=clock.now(tx))
    return redirect("/project-supervision")


def _take(
    request: AnyRequest, platform: Platform, actor: Actor, form: ProjectForm, project_id: str | None
) -> Response[str] | Redirect:
    given, errors = forms.read(form, agency=_is_agency(actor))
    if given is None or form.confirmed == "change":
        return _form(request, platform, actor, form, project_id, errors=errors)
    try:
        with platform.db.transaction() as tx:
            at = clock.now(tx)
            if form.confirmed == "yes":
                made = _say(tx, given, project_id, actor, at)
                return redirect(f"/projects/{made}")
            service.check(given.category, given.terms, at=at)
            if project_id is None:
                service.check_place(tx, given.division)
            names = _names(tx)
            why = _grounds(given.terms, at)
    except tuple(FIELDS) as problem:
        field = FIELDS[type(problem)]
        return _form(request, platform, actor, form, project_id, refusal=(field, problem))
    return page(
        request,
        "project/check.html",
        form=form,
        typed=msgspec.structs.asdict(form),
        given=given,
        names=names,
        grounds=why,
        obliged=must_be_tendered(queries.regime_of(given.category, given.terms), why),
        back=f"/projects/{project_id}" if project_id else "/projects",
        **WORDS,
    )


def _say(tx: Tx, given: NewProject, project_id: str | None, actor: Actor, at: Any) -> str:
    if project_id is None:
        return service.register(tx, given, actor=actor, at=at).id
    return service.correct(tx, project_id, given, actor=actor, at=at).id


def _grounds(terms: ProjectTerms, at: Any) -> tuple[Ground, ...]:
    rules = in_force(Regime.TB, at.astimezone(BEIJING).date())
    funds = {one.source: one.amount_fen for one in terms.funds}
    return grounds(rules, subject=terms.subject, estimate_fen=terms.estimate_fen or 0, funds=funds)


def _names(tx: Tx) -> dict[str, str]:
    groups = (queries.tenderers(tx), queries.agencies(tx), queries.departments(tx))
    return {one.id: one.name for group in groups for one in group}


def _form(
    request: AnyRequest,
    platform: Platform,
    actor: Actor,
    form: ProjectForm,
    project_id: str | None,
    *,
    errors: Errors | None = None,
    refusal: tuple[str, Problem] | None = None,
) -> Response[str]:
    _ = platform.catalogue.translator(language(request))
    shown = [{"field": field, "text": _(text)} for field, text in (errors or {}).items()]
    if refusal is not None:
        shown.append({"field": refusal[0], "text": _(refusal[1].text, **refusal[1].data)})
    agency = _is_agency(actor)
    with platform.db.read() as tx:
        partners = queries.tenderers(tx) if agency else queries.agencies(tx)
        partner_options = [(one.id, one.name) for one in partners]
        departments = [(one.id, one.name) for one in queries.departments(tx)]
    return page(
        request,
        "project/form.html",
        status=422 if shown else 200,
        form=form,
        errors=shown,
        agency=agency,
        partners=partner_options,
        departments=departments,
        again=project_id is not None,
        back=f"/projects/{project_id}" if project_id else "/projects",
        **WORDS,
    )


def _is_agency(actor: Actor) -> bool:
    return Role.AGENCY in actor.roles


PAGES = [
    projects_page,
    new_page,
    register,
    correct_page,
    correct,
    file_paper,
    show_file,
    supervision_page,
    set_supervisor,
]
