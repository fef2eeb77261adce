"""Pages for those who prepare and release: the report of the checks, attachments, the release of a later version."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, MultipartBody, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.params import PathNumber
from govcore.web.rendering import AnyRequest, language
from trading.documents import queries, releasing, service, words
from trading.documents.files import FILE_LIMIT
from trading.documents.findings import Finding
from trading.documents.pages import VERSION, show_version
from trading.documents.policy import VersionState
from trading.documents.release_pages import Confirmation, signing
from trading.tender import queries as tenders
from trading.tender.pages import band
from trading.tender.views import tender_view

Reasons = dict[str, Annotated[str, msgspec.Meta(max_length=500)]]


class Attachment(msgspec.Struct):
    name: str = ""


@get(f"{VERSION}/report", permission="documents.review", sync_to_thread=True)
def report(
    request: AnyRequest,
    tender_id: FromPath[str],
    number: PathNumber,
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """What the checks found, and the agency's reasons."""
    return _report(request, platform, tender_id, number, actor)


@post(f"{VERSION}/report", permission="tender.draft", sync_to_thread=True)
def give_reasons(
    request: AnyRequest,
    tender_id: FromPath[str],
    number: PathNumber,
    data: URLEncodedBody[Reasons],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    """Keep the agency's reasons; the fields are named by the place of their finding in the report."""
    with platform.db.transaction() as tx:
        found = _named(queries.visible_findings(tx, tender_id, number, actor=actor))
        given = {one.key: data[name] for name, one in found.items() if name in data}
        service.give_reasons(tx, tender_id, given, actor=actor, at=clock.now(tx))
    return redirect(f"/tenders/{tender_id}/documents/{number}/report")


@post(
    f"{VERSION}/files",
    permission="tender.draft",
    sync_to_thread=True,
    status_code=200,
    request_max_body_size=FILE_LIMIT + (64 << 10),
)
def add_file(
    request: AnyRequest,
    tender_id: FromPath[str],
    number: PathNumber,
    data: MultipartBody[dict[str, Any]],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Add an attachment to the version that is being prepared; what is wrong with it is said beside the field."""
    given = data.get("file")
    name, content = ("", b"")
    if isinstance(given, UploadFile):
        name, content = given.filename, given.file.read(FILE_LIMIT + 1)
    try:
        with platform.db.transaction() as tx:
            service.add_file(
                tx, platform.store, tender_id, name=name, content=content, actor=actor, at=clock.now(tx)
            )
    except Problem as problem:
        if problem.status not in (409, 422):
            raise
        _ = platform.catalogue.translator(language(request))
        errors = [{"field": "file", "text": _(problem.text, **problem.data)}]
        return show_version(request, platform, tender_id, number, actor, errors=errors, status=problem.status)
    return redirect(f"/tenders/{tender_id}/documents/{number}")


@post(f"{VERSION}/files/remove", permission="tender.draft", sync_to_thread=True)
def remove_file(
    tender_id: FromPath[str],
    number: PathNumber,
    data: URLEncodedBody[Attachment],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    """Take an attachment out of the version that is being prepared."""
    with platform.db.transaction() as tx:
        service.remove_file(tx, tender_id, name=data.name, actor=actor, at=clock.now(tx))
    return redirect(f"/tenders/{tender_id}/documents/{number}")


@get(f"{VERSION}/release", permission="tender.approve", sync_to_thread=True)
def release_page(
    request: AnyRequest,
    tender_id: FromPath[str],
    number: PathNumber,
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """What the tenderer releases, before it does."""
    return _release(request, platform, tender_id, number, actor)


@post(f"{VERSION}/release", permission="tender.approve", fresh=True, sync_to_thread=True, status_code=200)
def release(
    request: AnyRequest,
    tender_id: FromPath[str],
    number: PathNumber,
    data: URLEncodedBody[Confirmation],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Release a version; what stands in the way is said on the same page."""
    _ = platform.catalogue.translator(language(request))
    with platform.db.read() as tx:
        code = tenders.visible_tender(tx, tender_id, actor=actor).code
    if data.code.strip() != code:
        wrong = [{"field": "code", "text": _("This is not the tender's code; copy it from above.")}]
        return _release(request, platform, tender_id, number, actor, errors=wrong, entered=data.code)
    try:
        with platform.db.transaction() as tx:
            releasing.release(tx, platform.store, tender_id, number, actor=actor, at=clock.now(tx))
    except Problem as problem:
        if problem.status == 404:
            raise
        errors = [{"field": "", "text": _(problem.text, **problem.data)}]
        return _release(request, platform, tender_id, number, actor, errors=errors, entered=data.code)
    return redirect(f"/tenders/{tender_id}/documents/{number}")


def _named(findings: list[Finding]) -> dict[str, Finding]:
    """The warnings by the names of their fields."""
    warnings = [one for one in findings if one.severity == "warning"]
    return {f"reason-{place}": one for place, one in enumerate(warnings, 1)}


def _report(
    request: AnyRequest, platform: Platform, tender_id: str, number: int, actor: Actor
) -> Response[str]:
    with platform.db.read() as tx:
        tender = tender_view(tx, tender_id, actor=actor, at=clock.now(tx))
        found = queries.visible_findings(tx, tender_id, number, actor=actor)
        version = queries.visible_version(tx, tender_id, number, actor=actor)
    lang = language(request)
    _ = platform.catalogue.speaking(tender.terms).translator(lang)
    names = {one.key: name for name, one in _named(found).items()}
    rows = words.findings(_, lang, found, names=names, reasons=version.reasons)
    editable = (
        version.state == VersionState.PREPARED
        and actor.may("tender.draft")
        and actor.org_id == tender.agency.id
    )
    return page(
        request,
        "documents/report.html",
        tender=tender,
        version=version,
        findings=rows,
        editable=editable,
        errors=[],
        band=band(tender.rules),
    )


def _release(
    request: AnyRequest,
    platform: Platform,
    tender_id: str,
    number: int,
    actor: Actor,
    *,
    errors: list[dict[str, str]] | None = None,
    entered: str = "",
) -> Response[str]:
    with platform.db.read() as tx:
        tender = tender_view(tx, tender_id, actor=actor, at=clock.now(tx))
        version = queries.visible_version(tx, tender_id, number, actor=actor)
        found = queries.changes(tx, tender_id, max(number - 1, 1), number, actor=actor)
    if actor.org_id != tender.tenderer.id:
        raise NotFound
    signs = signing(request, platform, version, actor)
    _ = platform.catalogue.speaking(tender.terms).translator(language(request))
    return page(
        request,
        "documents/release.html",
        status=422 if errors else 200,
        tender=tender,
        version=version,
        rows=words.rows(_, found),
        signing=signs,
        file_words=words.FILE_NAMES,
        errors=errors or [],
        entered=entered,
        band=band(tender.rules),
    )


PAGES = [report, give_reasons, add_file, remove_file, release_page, release]
