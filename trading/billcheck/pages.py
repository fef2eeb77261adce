"""The bill check of a lot: order it, follow it, read it, take it away."""

from __future__ import annotations

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from govcore import clock
from govcore.errors import NotFound
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.sheets import MEDIA_TYPE as XLSX
from govcore.web import page, redirect
from govcore.web.downloads import disposition
from govcore.web.rendering import AnyRequest, language
from trading.billcheck import queries, report, service
from trading.billcheck.queries import CheckShown
from trading.billcheck.words import FINDING_WORDS, GROUP_WORDS
from trading.tender.pages import band


@get("/bill-checks/{lot_id:str}", permission="billcheck.order", sync_to_thread=True)
def show(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """How far the check is, and what there is to ask about."""
    found = _found(platform, lot_id, actor)
    return page(
        request,
        "billcheck/show.html",
        found=found,
        lot=found.context,
        groups=GROUP_WORDS,
        kinds=FINDING_WORDS,
        most=report.MOST_ROWS,
        band=band(found.context.rule_set),
    )


@post("/bill-checks/{lot_id:str}", permission="billcheck.order", sync_to_thread=True)
def order(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    with platform.db.transaction() as tx:
        service.order(tx, lot_id, actor=actor, at=clock.now(tx))
    return redirect(f"/bill-checks/{lot_id}")


@get("/bill-checks/{lot_id:str}/report.pdf", permission="billcheck.order", sync_to_thread=True)
def as_paper(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The report of a finished check as a paper, in Chinese."""
    found = _finished(platform, lot_id, actor)
    body = report.report_pdf(found, platform.catalogue.translator("zh_CN"))
    headers = {"content-disposition": disposition(f"清标-{found.context.lot_code}.pdf")}
    return Response(body, headers=headers, media_type="application/pdf")


@get("/bill-checks/{lot_id:str}/report.xlsx", permission="billcheck.order", fresh=True, sync_to_thread=True)
def as_sheet(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[bytes]:
    """All findings of a finished check as a sheet, in the reader's language."""
    found = _finished(platform, lot_id, actor)
    body = report.report_xlsx(found, platform.catalogue.translator(language(request)))
    headers = {"content-disposition": disposition(f"清标-{found.context.lot_code}.xlsx")}
    return Response(body, headers=headers, media_type=XLSX)


def _finished(platform: Platform, lot_id: str, actor: Actor) -> CheckShown:
    found = _found(platform, lot_id, actor)
    if found.order.finished_at is None:
        raise NotFound
    return found


def _found(platform: Platform, lot_id: str, actor: Actor) -> CheckShown:
    with platform.db.read() as tx:
        return queries.show(tx, lot_id, actor=actor, at=clock.now(tx))


PAGES = [show, order, as_paper, as_sheet]
