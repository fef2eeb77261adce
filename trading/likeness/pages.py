"""The likeness analysis of a lot: order it, follow it, read it, take it away."""

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
from trading.likeness import report, service
from trading.likeness.queries import AnalysisShown
from trading.likeness.words import SIGN_WORDS, article
from trading.tender.pages import band


@get("/likeness/{lot_id:str}", permission="likeness.read", sync_to_thread=True)
def show(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """How far the analysis is, and what the bids have in common."""
    with platform.db.transaction() as tx:
        found = service.read(tx, lot_id, actor=actor, at=clock.now(tx))
    return page(
        request,
        "likeness/show.html",
        found=found,
        lot=found.context,
        signs=SIGN_WORDS,
        article=article,
        band=band(found.context.rule_set),
    )


@post("/likeness/{lot_id:str}", permission="likeness.read", sync_to_thread=True)
def order(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    with platform.db.transaction() as tx:
        service.order(tx, lot_id, actor=actor, at=clock.now(tx))
    return redirect(f"/likeness/{lot_id}")


@get("/likeness/{lot_id:str}/report.pdf", permission="likeness.read", sync_to_thread=True)
def as_paper(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The signs of a finished analysis as a paper, in Chinese."""
    found = _finished(platform, lot_id, actor, "pdf")
    body = report.report_pdf(found, platform.catalogue.translator("zh_CN"))
    headers = {"content-disposition": disposition(f"雷同性分析-{found.context.lot_code}.pdf")}
    return Response(body, headers=headers, media_type="application/pdf")


@get("/likeness/{lot_id:str}/report.xlsx", permission="likeness.read", fresh=True, sync_to_thread=True)
def as_sheet(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[bytes]:
    """The signs of a finished analysis as a sheet, in the reader's language."""
    found = _finished(platform, lot_id, actor, "xlsx")
    body = report.report_xlsx(found, platform.catalogue.translator(language(request)))
    headers = {"content-disposition": disposition(f"雷同性分析-{found.context.lot_code}.xlsx")}
    return Response(body, headers=headers, media_type=XLSX)


def _finished(platform: Platform, lot_id: str, actor: Actor, form: str) -> AnalysisShown:
    with platform.db.transaction() as tx:
        found = service.read(tx, lot_id, actor=actor, at=clock.now(tx), form=form)
    if found.shown_at is None:
        raise NotFound
    return found


PAGES = [show, order, as_paper, as_sheet]
