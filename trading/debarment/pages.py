"""The public list of debarments, and where a department begins or ends one."""

from __future__ import annotations

from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.authority.queries import content_of
from govcore.errors import Malformed, Problem
from govcore.identifiers import check_uscc
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.sheets import MEDIA_TYPE, xlsx
from govcore.web import page, redirect
from govcore.web.downloads import disposition
from govcore.web.rendering import AnyRequest, language
from trading.debarment import queries, service

ACT = "debarment.publish"


class DecisionForm(msgspec.Struct, forbid_unknown_fields=True):
    """A decision as it was written into the form."""

    uscc: str = ""
    name: str = ""
    conduct: str = ""
    basis: str = ""
    decision: str = ""
    decided_on: str = ""
    first_day: str = ""
    last_day: str = ""


@get("/debarments", permission="public", sync_to_thread=True)
def public_list(request: AnyRequest, platform: NamedDependency[Platform]) -> Response[str]:
    """Who may not take part, by which decision, from when to when."""
    with platform.db.read() as tx:
        found = queries.public_list(tx, at=clock.now(tx))
    return page(request, "debarment/list.html", found=found)


@get("/debarments/list.xlsx", permission="public", sync_to_thread=True, media_type=MEDIA_TYPE)
def as_sheet(request: AnyRequest, platform: NamedDependency[Platform]) -> Response[bytes]:
    """The same list as a sheet."""
    _ = platform.catalogue.translator(language(request))
    with platform.db.read() as tx:
        found = queries.public_list(tx, at=clock.now(tx))
    columns = [
        _("Credit code"),
        _("Name of the organisation"),
        _("Conduct"),
        _("By which law"),
        _("Document of the decision"),
        _("Deciding department"),
        _("Day of the decision"),
        _("From"),
        _("Until"),
        _("Lifted on"),
    ]
    rows = [
        [
            one.uscc,
            one.name,
            one.conduct,
            one.basis,
            one.decision,
            one.authority,
            str(one.decided_on),
            str(one.first_day),
            str(one.last_day),
            str(one.lifted_on or ""),
        ]
        for one in found
    ]
    headers = {"content-disposition": disposition(_("Debarments") + ".xlsx")}
    return Response(xlsx(_("Debarments"), columns, rows), headers=headers, media_type=MEDIA_TYPE)


@get("/debarments/new", permission="debarment.decide", sync_to_thread=True)
def new(request: AnyRequest) -> Response[str]:
    """Where a department writes down what it decided."""
    return page(request, "debarment/new.html", values=DecisionForm(), problem=None)


@post("/debarments/new", permission="debarment.decide", sync_to_thread=True)
def begin(
    request: AnyRequest,
    data: URLEncodedBody[DecisionForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Check what was written, and go on to propose it to the second person."""
    content = {name: value.strip() for name, value in msgspec.to_builtins(data).items() if name != "uscc"}
    try:
        uscc = check_uscc(data.uscc)
        given = content_of(platform.registry.acts[ACT], content)
        with platform.db.read() as tx:
            service.debarring(tx, uscc, given, actor)
    except Malformed:
        problem: Problem = service.DecisionIncomplete()
    except Problem as refused:
        problem = refused
    else:
        return redirect(f"/two-person/propose/{ACT}/{uscc}?{urlencode(content)}")
    return page(request, "debarment/new.html", status=422, values=data, problem=problem)


@get("/debarments/{debarment_id:str}", permission="public", sync_to_thread=True)
def show(
    request: AnyRequest, debarment_id: FromPath[str], platform: NamedDependency[Platform]
) -> Response[str]:
    """One decision; the department that decided can begin to lift it."""
    with platform.db.read() as tx:
        found = queries.one(tx, debarment_id, at=clock.now(tx))
    return page(request, "debarment/show.html", found=found)


PAGES = [public_list, as_sheet, new, begin, show]
