"""What the committee has to settle between its locks and a result, as a page."""

from __future__ import annotations

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.errors import Problem
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.rendering import AnyRequest
from trading.evaluation import reopening
from trading.evaluation.agreement import agreement


class ExplanationForm(msgspec.Struct, forbid_unknown_fields=True):
    bid: str = ""
    item: str = ""
    text: str = ""


@get("/evaluation/{lot_id:str}/agreement", permission="evaluation.score", sync_to_thread=True)
def settle(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """Objective items on which members differ, and points that ask for a word."""
    return _settle(request, platform, lot_id, actor)


@post("/evaluation/{lot_id:str}/agreement", permission="evaluation.score", sync_to_thread=True)
def explain(
    request: AnyRequest,
    lot_id: FromPath[str],
    data: URLEncodedBody[ExplanationForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Explain one's own points."""
    said = {"bid_id": data.bid, "item": data.item, "text": data.text}
    try:
        with platform.db.transaction() as tx:
            reopening.explain(tx, lot_id, **said, actor=actor, at=clock.now(tx))
    except reopening.ExplanationMissing as problem:
        return _settle(request, platform, lot_id, actor, typed=data, problem=problem)
    return redirect(f"/evaluation/{lot_id}/agreement")


def _settle(
    request: AnyRequest,
    platform: Platform,
    lot_id: str,
    actor: Actor,
    *,
    typed: ExplanationForm | None = None,
    problem: Problem | None = None,
) -> Response[str]:
    with platform.db.read() as tx:
        found = agreement(tx, lot_id, actor=actor)
    return page(
        request,
        "evaluation/agreement.html",
        status=problem.status if problem else 200,
        found=found,
        lot=found.context,
        typed=typed,
        problem=problem,
        causes=reopening.CAUSES,
        text_max=reopening.EXPLANATION_MAX,
    )


PAGES = [settle, explain]
