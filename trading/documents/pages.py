"""Documents for everybody: versions, files, differences, bills of quantities, a receipt that names nobody."""

from __future__ import annotations

import secrets

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from govcore import clock
from govcore.errors import NotFound
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page
from govcore.web.downloads import disposition, download
from govcore.web.params import PathNumber
from govcore.web.rendering import AnyRequest, language
from trading.documents import bill_sheet, manifests, queries, words
from trading.documents.queries import VersionView
from trading.tender.pages import band
from trading.tender.views import tender_view

LINES = 200
"""Lines of a bill on one page."""

VERSION = "/tenders/{tender_id:str}/documents/{number:int}"


@get("/tenders/{tender_id:str}/documents", permission="public", sync_to_thread=True)
def versions(
    request: AnyRequest,
    tender_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """All versions of a tender's documents that the reader may see; the one in force first."""
    with platform.db.read() as tx:
        tender = tender_view(tx, tender_id, actor=actor, at=clock.now(tx))
        found = queries.visible_versions(tx, tender_id, actor=actor)
    return page(
        request,
        "documents/versions.html",
        tender=tender,
        versions=found,
        state_words=words.STATE_NAMES,
        band=band(tender.rules),
    )


@get(VERSION, permission="public", sync_to_thread=True)
def version(
    request: AnyRequest,
    tender_id: FromPath[str],
    number: PathNumber,
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """One version: its files, its data, who prepared and released it for those whom it concerns."""
    return show_version(request, platform, tender_id, number, actor)


def show_version(
    request: AnyRequest,
    platform: Platform,
    tender_id: str,
    number: int,
    actor: Actor,
    *,
    errors: list[dict[str, str]] | None = None,
    status: int = 200,
) -> Response[str]:
    """A version's page; with `errors` it says what was wrong with what was sent."""
    with platform.db.read() as tx:
        tender = tender_view(tx, tender_id, actor=actor, at=clock.now(tx))
        found = queries.visible_version(tx, tender_id, number, actor=actor)
        inside = queries.prepares(tx, tender_id, actor=actor)
        terms = queries.visible_terms(tx, tender_id, number, actor=actor)
    return page(
        request,
        "documents/version.html",
        status=status,
        tender=tender,
        version=found,
        terms=terms,
        inside=inside,
        state_words=words.STATE_NAMES,
        file_words=words.FILE_NAMES,
        form_words=words.FORM_NAMES,
        price_words=words.PRICE_NAMES,
        procures_words=words.PROCURES_NAMES,
        errors=errors or [],
        band=band(tender.rules),
    )


@get(f"{VERSION}/files/{{sha256:str}}", permission="public", sync_to_thread=True)
def file(
    request: AnyRequest,
    tender_id: FromPath[str],
    number: PathNumber,
    sha256: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[None] | Stream:
    """A file of a version; nothing is kept of who downloads it."""
    with platform.db.read() as tx:
        found, key = queries.visible_file(tx, tender_id, number, sha256, actor=actor)
    return download(
        request, lambda: platform.store.stream(key), name=found.name, sha256=sha256, size=found.size
    )


@get(f"{VERSION}/changes/{{since:int}}", permission="public", sync_to_thread=True)
def changes(
    request: AnyRequest,
    tender_id: FromPath[str],
    number: PathNumber,
    since: PathNumber,
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """What differs between two versions, old beside new."""
    with platform.db.read() as tx:
        tender = tender_view(tx, tender_id, actor=actor, at=clock.now(tx))
        found = queries.changes(tx, tender_id, since, number, actor=actor)
    _ = platform.catalogue.speaking(tender.terms).translator(language(request))
    rows = words.rows(_, found)
    return page(
        request,
        "documents/changes.html",
        tender=tender,
        rows=rows,
        number=number,
        since=since,
        band=band(tender.rules),
    )


@get(f"{VERSION}/bills/{{lot:int}}", permission="public", sync_to_thread=True)
def bill(
    request: AnyRequest,
    tender_id: FromPath[str],
    number: PathNumber,
    lot: PathNumber,
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """A lot's bill of quantities, a page of lines at a time."""
    with platform.db.read() as tx:
        tender = tender_view(tx, tender_id, actor=actor, at=clock.now(tx))
        found = queries.visible_version(tx, tender_id, number, actor=actor)
        lots = queries.visible_terms(tx, tender_id, number, actor=actor).lots
    terms = next((one for one in lots if one.number == lot and one.bill is not None), None)
    if terms is None or terms.bill is None:
        raise NotFound
    lines = [(section.name, line) for section in terms.bill.sections for line in section.lines]
    asked = request.query_params.get("page", "1")
    pages = max(1, -(-len(lines) // LINES))
    at = min(int(asked), pages) if asked.isascii() and asked.isdigit() and int(asked[:9]) > 0 else 1
    return page(
        request,
        "documents/bill.html",
        tender=tender,
        version=found,
        lot=terms,
        lines=lines[(at - 1) * LINES : at * LINES],
        total=len(lines),
        number=at,
        pages=pages,
        sheet=_sheet_of(found, lot),
        band=band(tender.rules),
    )


@post(f"{VERSION}/receipt", permission="public", sync_to_thread=True, status_code=200)
def receipt(
    tender_id: FromPath[str], number: PathNumber, platform: NamedDependency[Platform]
) -> Response[bytes]:
    """A signed receipt for a published version, for whoever asks; it names nobody, and nothing is kept of it."""
    with platform.db.read() as tx:
        manifest, sha256 = queries.manifest(tx, tender_id, number)
        at = clock.now(tx)
    made = manifests.receipt_for(platform.keys, manifest, sha256, nonce=secrets.token_hex(16), at=at)
    name = f"documents-receipt-{manifest.tender_code}-{manifest.version}.json"
    headers = {"content-disposition": disposition(name), "cache-control": "no-store"}
    return Response(made, media_type="application/json", headers=headers)


@get("/documents/bill-template.xlsx", permission="public", sync_to_thread=True)
def bill_template() -> Response[bytes]:
    """A workbook to fill in: the layout that bills of quantities are read in."""
    headers = {"content-disposition": disposition("工程量清单-模板.xlsx")}
    return Response(bill_sheet.template(), media_type=bill_sheet.MEDIA_TYPE, headers=headers)


def _sheet_of(found: VersionView, lot: int) -> str | None:
    """The hash of the workbook that holds this lot's bill."""
    name = bill_sheet.name_of(lot)
    return next((one.sha256 for one in found.files if one.name == name), None)


PAGES = [versions, version, file, changes, bill, receipt, bill_template]
