"""A bidder's own results: what came of each bid, the notice to it, and its word that it gives up."""

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
from trading.award import exclusions, issue, results
from trading.award.pages import WORDS, Sentence


@get("/award/mine", permission="award.mine", sync_to_thread=True)
def my_results(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """What came of every bid of the actor's organisation."""
    with platform.db.read() as tx:
        found = results.my_results(tx, actor=actor)
    return page(request, "award/my_results.html", results=found, **WORDS)


@get("/award/{lot_id:str}/mine", permission="award.mine", sync_to_thread=True)
def my_result(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """What came of one bid, and what is next."""
    return _mine(request, platform, lot_id, actor)


@get("/award/{lot_id:str}/mine.pdf", permission="award.mine", sync_to_thread=True)
def my_notice(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The notice to a bidder that did not win."""
    with platform.db.read() as tx:
        mine = results.my_result(tx, lot_id, actor=actor)
        centre = issue.centre_of(tx, mine.context)
    if mine.award is None or mine.won:
        raise NotFound
    headers = {"content-disposition": f'attachment; filename="result-{mine.context.lot_code}.pdf"'}
    content = issue.loser_notice(mine, centre=centre)
    return Response(content, media_type="application/pdf", headers=headers)


@post("/award/{lot_id:str}/giving-up", permission="award.give_up", fresh=True, sync_to_thread=True)
def give_up(
    request: AnyRequest,
    lot_id: FromPath[str],
    data: URLEncodedBody[Sentence],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    try:
        with platform.db.transaction() as tx:
            exclusions.give_up(tx, lot_id, text=data.text, actor=actor, at=clock.now(tx))
    except exclusions.GivingUpNeedsReason as problem:
        return _mine(request, platform, lot_id, actor, problem=problem)
    return redirect(f"/award/{lot_id}/mine")


def _mine(
    request: AnyRequest,
    platform: Platform,
    lot_id: str,
    actor: Actor,
    *,
    problem: Problem | None = None,
) -> Response[str]:
    with platform.db.read() as tx:
        mine = results.my_result(tx, lot_id, actor=actor)
    status = problem.status if problem else 200
    return page(
        request, "award/my_result.html", status=status, mine=mine, lot=mine.context, problem=problem, **WORDS
    )


PAGES = [my_results, my_result, my_notice, give_up]
