"""Public notices of awards, and the desk of the tenderer's side."""

from __future__ import annotations

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.rendering import AnyRequest
from trading.award import issue, queries
from trading.award.schemas import NewAward
from trading.evaluation.policy import points_text


@get("/notices/award/{notice_id:str}", permission="public", sync_to_thread=True)
def notice(
    request: AnyRequest, notice_id: FromPath[str], platform: NamedDependency[Platform]
) -> Response[str]:
    """A candidates' or result notice."""
    with platform.db.read() as tx:
        found = queries.public_notice(tx, notice_id, at=clock.now(tx))
    return page(request, "award/notice.html", notice=found, points_text=points_text)


@get("/notices/award/{notice_id:str}/notice.pdf", permission="public", sync_to_thread=True)
def notice_pdf(notice_id: FromPath[str], platform: NamedDependency[Platform]) -> Response[bytes]:
    """The notice as it was stored."""
    with platform.db.read() as tx:
        found = queries.public_notice(tx, notice_id, at=clock.now(tx))
    return _pdf(platform, found.store_key, f"{found.kind}-{found.context.lot_code}.pdf")


@get("/award/{lot_id:str}/letter.pdf", permission="award.letter", sync_to_thread=True)
def letter_pdf(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The award letter, for its parties."""
    with platform.db.read() as tx:
        paper, context = queries.letter(tx, lot_id, actor=actor)
    return _pdf(platform, paper.key, f"award-{context.lot_code}.pdf")


@get("/award", permission="award.publicise", sync_to_thread=True)
def desk(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """The evaluated lots of the actor's side, and what each waits for."""
    with platform.db.read() as tx:
        rows = queries.desk(tx, actor=actor, at=clock.now(tx))
    return page(request, "award/desk.html", rows=rows, points_text=points_text)


@post("/award/{lot_id:str}/publicity", permission="award.publicise", sync_to_thread=True)
def publicise(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    paper = issue.publicise(platform, lot_id, actor=actor)
    return redirect(f"/notices/award/{paper.id}")


@post("/award/{lot_id:str}/decision", permission="award.decide", fresh=True, sync_to_thread=True)
def decide(
    lot_id: FromPath[str],
    data: URLEncodedBody[NewAward],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    _, result = issue.award(platform, lot_id, bid_id=data.bid_id, actor=actor)
    return redirect(f"/notices/award/{result.id}")


def _pdf(platform: Platform, key: str, name: str) -> Response[bytes]:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(platform.store.get(key), media_type="application/pdf", headers=headers)


PAGES = [notice, notice_pdf, letter_pdf, desk, publicise, decide]
