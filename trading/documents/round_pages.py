"""Pages of rounds: begin the next one of lots that failed, give up one that was not published."""

from __future__ import annotations

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.rendering import AnyRequest
from trading.documents import restarting
from trading.documents.answers import STEPS
from trading.tender import drafting
from trading.tender import queries as tenders
from trading.tender.models import Lot
from trading.tender.policy import RULES, Move


@get("/tenders/{tender_id:str}/again", permission="tender.draft", sync_to_thread=True)
def again(
    request: AnyRequest,
    tender_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """Which lots can be tendered again."""
    return _again(request, platform, tender_id, actor)


@post("/tenders/{tender_id:str}/again", permission="tender.draft", sync_to_thread=True, status_code=200)
def begin_again(
    request: AnyRequest,
    tender_id: FromPath[str],
    data: URLEncodedBody[dict[str, str]],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Begin the draft of the next round with the lots that were ticked."""
    lots = [name.removeprefix("lot-") for name, value in data.items() if value == "yes"]
    try:
        with platform.db.transaction() as tx:
            made = restarting.begin_again(tx, tender_id, lots, actor=actor, at=clock.now(tx))
            draft_id = made.id
    except restarting.NoLots as problem:
        return _again(request, platform, tender_id, actor, problem=problem)
    return redirect(f"/drafts/{draft_id}/{STEPS[0]}")


@get("/tenders/{tender_id:str}/abandon", permission="tender.draft", sync_to_thread=True)
def abandoning(
    request: AnyRequest,
    tender_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """What giving up an unpublished round means."""
    with platform.db.read() as tx:
        tender = tenders.visible_tender(tx, tender_id, actor=actor)
        lots = tenders.lots_of(tx, tender_id)
        if tender.state not in RULES[Move.ABANDON].sources:
            raise NotFound
        before = [tx.get_one(Lot, lot.previous_id) for lot in lots if lot.previous_id]
    return page(request, "documents/abandon.html", tender=tender, lots=lots, before=before)


@post("/tenders/{tender_id:str}/abandon", permission="tender.draft", fresh=True, sync_to_thread=True)
def abandon(
    tender_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    """Give the round up."""
    with platform.db.transaction() as tx:
        drafting.abandon(tx, tender_id, actor=actor, at=clock.now(tx))
    return redirect("/drafts")


def _again(
    request: AnyRequest, platform: Platform, tender_id: str, actor: Actor, *, problem: Problem | None = None
) -> Response[str]:
    with platform.db.read() as tx:
        tender = tenders.visible_tender(tx, tender_id, actor=actor)
        lots = restarting.open_lots(tx, tender_id, actor=actor)
        lost = restarting.falls_away(tx, tender_id)
    status = problem.status if problem else 200
    return page(
        request, "documents/again.html", status=status, tender=tender, lots=lots, lost=lost, problem=problem
    )


PAGES = [again, begin_again, abandoning, abandon]
