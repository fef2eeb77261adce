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
from trading.evaluation import qualification
from trading.evaluation.policy import QUALIFIED_MIN, REASON_MAX


class Verdict(msgspec.Struct, forbid_unknown_fields=True):
    passed: str = ""
    reason: str = ""


@get("/evaluation/{lot_id:str}/qualification", permission="evaluation.qualify", sync_to_thread=True)
def review(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """Every opened bid, and whether its bidder is qualified."""
    return _review(request, platform, lot_id, actor)


@post(
    "/evaluation/{lot_id:str}/qualification/{bid_id:str}",
    permission="evaluation.qualify",
    sync_to_thread=True,
)
def judge(
    request: AnyRequest,
    lot_id: FromPath[str],
    bid_id: FromPath[str],
    data: URLEncodedBody[Verdict],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    passed = data.passed == "yes"
    try:
        with platform.db.transaction() as tx:
            qualification.judge(
                tx,
                lot_id,
                bid_id=bid_id,
                passed=passed,
                reason=data.reason,
                actor=actor,
                at=clock.now(tx),
            )
    except qualification.QualificationReason as problem:
        return _review(request, platform, lot_id, actor, wrong=bid_id, given=data, problem=problem)
    return redirect(f"/evaluation/{lot_id}/qualification#bid-{bid_id}")


@post(
    "/evaluation/{lot_id:str}/qualification", permission="evaluation.qualify", fresh=True, sync_to_thread=True
)
def close(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    with platform.db.transaction() as tx:
        qualification.close_review(tx, lot_id, actor=actor, at=clock.now(tx))
    return redirect(f"/evaluation/{lot_id}/qualification")


def _review(
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
        found = qualification.review(tx, lot_id, actor=actor)
    return page(
        request,
        "evaluation/qualification.html",
        status=problem.status if problem else 200,
        found=found,
        wrong=wrong,
        given=given,
        problem=problem,
        least=QUALIFIED_MIN,
        reason_max=REASON_MAX,
    )


PAGES = [review, judge, close]
