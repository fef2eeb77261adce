"""The keeper's pages of the expert pool."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, MultipartBody, URLEncodedBody
from litestar.response import Redirect
from openpyxl.utils import get_column_letter

from govcore import clock, web
from govcore.clock import BEIJING
from govcore.db import Tx
from govcore.errors import Detail, Problem
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.sheet_reading import FILE_LIMIT, CellError, Errors, NotASheet
from govcore.sheets import MEDIA_TYPE
from govcore.web import redirect
from govcore.web.downloads import disposition
from govcore.web.params import QueryNumber
from govcore.web.rendering import AnyRequest
from trading.experts import queries, service, sheet
from trading.experts.policy import NoteKind
from trading.experts.queries import KEEP, Filter
from trading.procedure.rules import rule_set

T15_RULES = "tb-2026"
"""The rule set whose T15 says how long an expert has practised, whatever law a later tender follows."""

STANDINGS = {
    "ready": ("Can be drawn", "success"),
    "not_yet": ("Not in the pool yet", "neutral"),
    "over": ("No longer in the pool", "neutral"),
    "suspended": ("Suspended", "danger"),
}
NOTE_WORDS = {
    "appraisal": "Appraisal",
    "misconduct": "Misconduct",
    "punished": "Punished in tendering",
    "suspension": "Taken out of draws",
    "return": "Suspension ended",
}
TIE_WORDS = {
    "employed": "Was employed there",
    "office": "Director, supervisor or shareholder",
    "relative": "A near relative works there",
}
LABELS = {
    "username": ("Account", "The person's user name; one person has one account and one entry."),
    "specialities": ("Specialities", "Codes of the list, separated by 、"),
    "employer": ("Employer", "The employer's unified social credit code."),
    "region": ("Division", "Six digits, for example 371500."),
    "title": ("Professional title", "高级 or 同等专业水平"),
    "practised": ("In the field since", "The year; eight years are needed (T15 · 招标投标法 art. 37)."),
    "first_day": ("First day in the pool", "For example 2026-01-01."),
    "last_day": ("Last day in the pool", "Empty: without an end."),
    "phone": ("Mobile number", "For the automatic call; only the keeper sees it."),
    "worked": ("Worked at before", "Code, first day 至 last day; separate several by ；"),
    "offices": ("Director, supervisor or shareholder of", "Code, first day 至 last day; without an end: 至"),
    "relatives": ("Near relatives work at", "Codes, separated by ；"),
    "kin": (
        "Names of near relatives",
        "Separated by 、; who is named in a bid as a main person keeps the expert out. Only the keeper sees them.",
    ),
}


class EntryForm(msgspec.Struct, forbid_unknown_fields=True):
    """The cells of one row of the sheet."""

    username: str = ""
    specialities: str = ""
    employer: str = ""
    region: str = ""
    title: str = ""
    practised: str = ""
    first_day: str = ""
    last_day: str = ""
    phone: str = ""
    worked: str = ""
    offices: str = ""
    relatives: str = ""
    kin: str = ""

    def texts(self) -> list[str]:
        return [getattr(self, name) for name in sheet.FIELDS]


class SpecialityForm(msgspec.Struct, forbid_unknown_fields=True):
    code: str = ""
    zh: str = ""
    en: str = ""


class NoteForm(msgspec.Struct, forbid_unknown_fields=True):
    kind: str = ""
    reason: str = ""


@get("/experts", permission=KEEP, sync_to_thread=True)
def pool(
    request: AnyRequest,
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
    name: FromQuery[str] = "",
    speciality: FromQuery[str] = "",
    region: FromQuery[str] = "",
    employer: FromQuery[str] = "",
    page: QueryNumber = 1,
) -> Response[str]:
    """Who is in the pool, looked for by name, speciality, division and employer."""
    wanted = Filter(name=name, speciality=speciality, region=region, employer=employer)
    with platform.db.read() as tx:
        found = queries.search(tx, wanted, page=page, actor=actor, at=clock.now(tx))
        known = queries.specialities(tx)
    asked = urlencode(asdict(wanted))
    return web.page(
        request,
        "experts/pool.html",
        found=found,
        wanted=wanted,
        known={one.code: one for one in known},
        address=f"/experts?{asked}",
        file=f"/experts/pool.xlsx?{asked}",
        standings=STANDINGS,
    )


@get("/experts/pool.xlsx", permission=KEEP, fresh=True, sync_to_thread=True)
def export(
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
    name: FromQuery[str] = "",
    speciality: FromQuery[str] = "",
    region: FromQuery[str] = "",
    employer: FromQuery[str] = "",
) -> Response[bytes]:
    """The entries that were looked for, in the layout of the import; the log keeps that they left."""
    wanted = Filter(name=name, speciality=speciality, region=region, employer=employer)
    with platform.db.transaction() as tx:
        rows = queries.everybody(tx, platform.wrapper, wanted, actor=actor)
        service.note_export(tx, count=len(rows), actor=actor, at=clock.now(tx))
    return _workbook("专家库", [sheet.texts_of(username, said) for username, said in rows])


@get("/experts/template", permission=KEEP, sync_to_thread=True)
def template() -> Response[bytes]:
    """A sheet to fill in, with one row as an example."""
    return _workbook("专家导入模板", [sheet.EXAMPLE])


@get("/experts/import", permission=KEEP, sync_to_thread=True)
def import_page(request: AnyRequest) -> Response[str]:
    """Where a sheet is sent."""
    return web.page(request, "experts/import.html", columns=sheet.COLUMNS, problem=None, labels=LABELS)


@post(
    "/experts/import",
    permission=KEEP,
    sync_to_thread=True,
    status_code=200,
    request_max_body_size=FILE_LIMIT + (64 << 10),
)
def look_at_import(
    request: AnyRequest,
    data: MultipartBody[dict[str, Any]],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """What a sheet would change, and what is wrong with its rows; nothing is taken over yet."""
    given = data.get("sheet")
    content = given.file.read(FILE_LIMIT + 1) if isinstance(given, UploadFile) else b""
    try:
        with platform.db.transaction() as tx:
            at = clock.now(tx)
            read = sheet.read(content, _basis(tx, platform))
            known = queries.entries_of(
                tx, platform.wrapper, [line.username for line in read.lines], actor=actor
            )
            lines = [line for line in read.lines if line.username in known]
            service.propose_import(tx, platform.wrapper, lines, actor=actor, at=at)
    except NotASheet as problem:
        context = {"columns": sheet.COLUMNS, "problem": problem, "labels": LABELS}
        return web.page(request, "experts/import.html", status=problem.status, **context)
    strangers = [
        CellError(f"A{line.number}", Detail(service.NoExpertAccount.text, username=line.username))
        for line in read.lines
        if line.username not in known
    ]
    changes = [
        (line, "new" if known[line.username] is None else "changed")
        for line in lines
        if known[line.username] != line.particulars
    ]
    return web.page(
        request,
        "experts/preview.html",
        changes=changes,
        same=len(lines) - len(changes),
        errors=[*read.errors, *strangers],
    )


@post("/experts/import/confirmation", permission=KEEP, sync_to_thread=True)
def confirm_import(platform: NamedDependency[Platform], actor: NamedDependency[Actor]) -> Redirect:
    """Take over the rows that were just looked at."""
    with platform.db.transaction() as tx:
        service.confirm_import(tx, platform.wrapper, actor=actor, at=clock.now(tx))
    return redirect("/experts")


@get("/experts/specialities", permission=KEEP, sync_to_thread=True)
def specialities(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """The tree of specialities."""
    return _specialities(request, platform, SpecialityForm(), None)


@post("/experts/specialities", permission=KEEP, sync_to_thread=True, status_code=200)
def add_speciality(
    request: AnyRequest,
    data: URLEncodedBody[SpecialityForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    try:
        with platform.db.transaction() as tx:
            at = clock.now(tx)
            service.add_speciality(tx, code=data.code.strip(), zh=data.zh, en=data.en, actor=actor, at=at)
    except (service.SpecialityUnknown, service.SpecialityExists) as problem:
        return _specialities(request, platform, data, problem)
    return redirect("/experts/specialities")


@get("/experts/new", permission=KEEP, sync_to_thread=True)
def new_entry(request: AnyRequest) -> Response[str]:
    """An empty form."""
    return _form(request, EntryForm(), [], "/experts/new")


@post("/experts/new", permission=KEEP, sync_to_thread=True, status_code=200)
def enter(
    request: AnyRequest,
    data: URLEncodedBody[EntryForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    return _save(request, platform, actor, data, "/experts/new")


@get("/experts/{expert_id:str}", permission=KEEP, sync_to_thread=True)
def show(
    request: AnyRequest,
    expert_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """One entry with its credit notes."""
    return _show(request, platform, actor, expert_id, None)


@get("/experts/{expert_id:str}/edit", permission=KEEP, sync_to_thread=True)
def edit(
    request: AnyRequest,
    expert_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """The entry as a form."""
    with platform.db.read() as tx:
        found = queries.entry(tx, platform.wrapper, expert_id, actor=actor, at=clock.now(tx))
    texts = sheet.texts_of(found.row.username, found.particulars)
    form = EntryForm(**dict(zip(sheet.FIELDS, texts, strict=True)))
    return _form(request, form, [], f"/experts/{expert_id}/edit")


@post("/experts/{expert_id:str}/edit", permission=KEEP, sync_to_thread=True, status_code=200)
def change(
    request: AnyRequest,
    expert_id: FromPath[str],
    data: URLEncodedBody[EntryForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Change an entry; whose it is never changes."""
    with platform.db.read() as tx:
        found = queries.entry(tx, platform.wrapper, expert_id, actor=actor, at=clock.now(tx))
    kept = msgspec.structs.replace(data, username=found.row.username)
    return _save(request, platform, actor, kept, f"/experts/{expert_id}/edit")


@post("/experts/{expert_id:str}/notes", permission=KEEP, sync_to_thread=True, status_code=200)
def write_note(
    request: AnyRequest,
    expert_id: FromPath[str],
    data: URLEncodedBody[NoteForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Note a misconduct or a punishment, suspend, or end a suspension."""
    acts = {"suspension": service.suspend, "return": service.let_return}
    try:
        with platform.db.transaction() as tx:
            at = clock.now(tx)
            if act := acts.get(data.kind):
                act(tx, platform.wrapper, expert_id, text=data.reason, actor=actor, at=at)
            else:
                kind = NoteKind.PUNISHED if data.kind == NoteKind.PUNISHED else NoteKind.MISCONDUCT
                service.note_misconduct(
                    tx, platform.wrapper, expert_id, kind=kind, text=data.reason, actor=actor, at=at
                )
    except (service.ReasonMissing, service.AlreadySuspended) as problem:
        return _show(request, platform, actor, expert_id, problem)
    return redirect(f"/experts/{expert_id}")


def _basis(tx: Tx, platform: Platform) -> sheet.Basis:
    return sheet.Basis(
        specialities={one.code for one in queries.specialities(tx)},
        years=rule_set(T15_RULES).count("T15"),
        today=clock.now(tx).astimezone(BEIJING).date(),
    )


def _save(
    request: AnyRequest, platform: Platform, actor: Actor, form: EntryForm, action: str
) -> Response[str] | Redirect:
    """Read the form as a row of the sheet; what is wrong stands beside its field."""
    errors = Errors()
    try:
        with platform.db.transaction() as tx:
            line = sheet.line(1, form.texts(), _basis(tx, platform), errors)
            if line is not None:
                expert_id = service.save(
                    tx,
                    platform.wrapper,
                    username=line.username,
                    particulars=line.particulars,
                    actor=actor,
                    at=clock.now(tx),
                )
    except service.NoExpertAccount as problem:
        errors.add(1, 0, Detail(problem.text, **problem.data))
    if len(errors):
        return _form(request, form, errors.all(), action)
    return redirect(f"/experts/{expert_id}")


def _form(request: AnyRequest, form: EntryForm, errors: Sequence[CellError], action: str) -> Response[str]:
    fields = {f"{get_column_letter(place)}1": name for place, name in enumerate(sheet.FIELDS, 1)}
    return web.page(
        request,
        "experts/form.html",
        status=422 if errors else 200,
        form=form,
        errors=[(fields[one.cell], one.detail) for one in errors],
        labels=LABELS,
        action=action,
    )


def _show(
    request: AnyRequest, platform: Platform, actor: Actor, expert_id: str, problem: Problem | None
) -> Response[str]:
    with platform.db.read() as tx:
        found = queries.entry(tx, platform.wrapper, expert_id, actor=actor, at=clock.now(tx))
        known = queries.specialities(tx)
    return web.page(
        request,
        "experts/expert.html",
        status=problem.status if problem else 200,
        found=found,
        known={one.code: one for one in known},
        problem=problem,
        standings=STANDINGS,
        notes=NOTE_WORDS,
        ties=TIE_WORDS,
    )


def _specialities(
    request: AnyRequest, platform: Platform, form: SpecialityForm, problem: Problem | None
) -> Response[str]:
    with platform.db.read() as tx:
        known = queries.specialities(tx)
    return web.page(
        request,
        "experts/specialities.html",
        status=problem.status if problem else 200,
        known=known,
        form=form,
        problem=problem,
    )


def _workbook(name: str, rows: Sequence[Sequence[str]]) -> Response[bytes]:
    headers = {"content-disposition": disposition(f"{name}.xlsx"), "cache-control": "private, no-store"}
    return Response(sheet.write(rows), media_type=MEDIA_TYPE, headers=headers)


PAGES = [
    pool,
    export,
    template,
    import_page,
    look_at_import,
    confirm_import,
    specialities,
    add_speciality,
    new_entry,
    enter,
    show,
    edit,
    change,
    write_note,
]
