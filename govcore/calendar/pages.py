"""The calendar for everybody; a new notice for the system administrator, who sees what it changes before it counts."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import MultipartBody, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.calendar import queries, service
from govcore.calendar.notices import UnusableNotice, read_notice
from govcore.errors import Problem
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.rendering import AnyRequest, language

_LIMIT = 64 << 10
_FIELDS = ("year", "published", "off", "work")


class ConfirmedNotice(msgspec.Struct):
    """The content that was previewed, as it was."""

    content: str


@get("/calendar", permission="public", sync_to_thread=True)
def calendar_page(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """Every year's days off and make-up days, and until when they are certain."""
    with platform.db.read() as tx:
        calendar, notices = queries.calendar_of(tx), queries.notices(tx)
    may_load = actor.may("calendar.load")
    return page(request, "calendar/calendar.html", calendar=calendar, notices=notices, may_load=may_load)


@get("/calendar/load", permission="calendar.load", sync_to_thread=True)
def load_page(request: AnyRequest, platform: NamedDependency[Platform]) -> Response[str]:
    """The form for a notice: a file, or its days."""
    return _form(request, platform, {})


@post("/calendar/preview", permission="calendar.load", sync_to_thread=True, request_max_body_size=2 * _LIMIT)
def preview_page(
    request: AnyRequest,
    data: MultipartBody[dict[str, Any]],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """What the notice changes, before it does."""
    try:
        notice = read_notice(_content(data))
        with platform.db.read() as tx:
            found = service.preview(tx, notice, actor=actor, at=clock.now(tx))
    except UnusableNotice as problem:
        return _form(request, platform, data, problem=problem)
    return page(request, "calendar/preview.html", found=found)


@post("/calendar/load", permission="calendar.load", fresh=True, sync_to_thread=True)
def load(
    data: URLEncodedBody[ConfirmedNotice], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    """Load what was previewed."""
    with platform.db.transaction() as tx:
        service.load(tx, read_notice(data.content), actor=actor, at=clock.now(tx))
    return redirect("/calendar")


def _content(data: dict[str, Any]) -> bytes:
    """The file, or what the form's fields say in the shape of one."""
    file = data.get("file")
    if isinstance(file, UploadFile) and file.filename:
        return file.file.read(_LIMIT)
    given = {name: str(data.get(name) or "").strip() for name in _FIELDS}
    days = {
        "notices": given["published"].split(),
        "off": re.split(r"[\s,，、]+", given["off"]) if given["off"] else [],
        "work": re.split(r"[\s,，、]+", given["work"]) if given["work"] else [],
    }
    return msgspec.json.encode({given["year"]: days})


def _form(
    request: AnyRequest, platform: Platform, data: dict[str, Any], *, problem: Problem | None = None
) -> Response[str]:
    _ = platform.catalogue.translator(language(request))
    with platform.db.read() as tx:
        last = queries.calendar_of(tx).last.year
    errors = [{"field": "file", "text": _(problem.text, **problem.data)}] if problem else []
    entered = {name: str(data.get(name) or "") for name in _FIELDS}
    entered["year"] = entered["year"] or str(last + 1)
    status = problem.status if problem else 200
    return page(request, "calendar/load.html", status=status, entered=entered, errors=errors, last=last)


PAGES = [calendar_page, load_page, preview_page, load]
