"""The qualification review of a government purchase, as a page of the purchaser's side."""

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
from trading.review import queries, service
from trading.review.documents import qualification_gates
from trading.review.policy import REASON_MAX
from trading.tender.pages import band


class Verdict(msgspec.Struct, forbid_unknown_fields=True):
    passed: str = ""
    reason: str = ""
    why: str = ""


_FIELDS: dict[type[Problem], str] = {
    service.NothingChosen: "passed",
    service.VerdictReason: "reason",
    service.ChangeReason: "why",
}
"""What each refusal is about."""


@get("/review/{lot_id:str}/qualification", permission="review.qualify", sync_to_thread=True)
def qualification(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """Every opened bid, and whether its bidder is qualified."""
    return _page(request, platform, lot_id, actor)


@post("/review/{lot_id:str}/qualification/{bid_id:str}", permission="review.qualify", sync_to_thread=True)
def judge(
    request: AnyRequest,
    lot_id: FromPath[str],
    bid_id: FromPath[str],
    data: URLEncodedBody[Verdict],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Say whether one bidder is qualified."""
    try:
        with platform.db.transaction() as tx:
            service.judge_qualification(
                tx,
                lot_id,
                bid_id=bid_id,
                passed=service.chosen(data.passed),
                reason=data.reason,
                why=data.why,
                actor=actor,
                at=clock.now(tx),
            )
    except tuple(_FIELDS) as problem:
        return _page(request, platform, lot_id, actor, wrong=bid_id, given=data, problem=problem)
    return redirect(f"/review/{lot_id}/qualification#bid-{bid_id}")


@post("/review/{lot_id:str}/qualification", permission="review.qualify", fresh=True, sync_to_thread=True)
def close(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    """End the qualification review for good."""
    with platform.db.transaction() as tx:
        service.close_qualification(tx, lot_id, actor=actor, at=clock.now(tx))
    return redirect(f"/review/{lot_id}/qualification")


def _page(
    request: AnyRequest,
    platform: Platform,
    lot_id: str,
    actor: Actor,
    *,
    wrong: str = "",
    given: Verdict | None = None,
    problem: Problem | None = None,
) -> Response[str]:
    with platform.db.read() as tx:
        found = queries.qualification(tx, lot_id, actor=actor)
    return page(
        request,
        "review/qualification.html",
        status=problem.status if problem else 200,
        found=found,
        requirements=qualification_gates(found.context),
        wrong=wrong,
        given=given,
        problem=problem,
        field=_FIELDS[type(problem)] if problem else "",
        reason_max=REASON_MAX,
        band=band(found.context.rule_set),
    )


PAGES = [qualification, judge, close]
