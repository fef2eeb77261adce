"""The committee, the technical result and the result, as pages."""

from __future__ import annotations

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.errors import Problem
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.rendering import AnyRequest, language
from trading.evaluation import queries, service, sheets, technical
from trading.evaluation.policy import COMMITTEE_MIN, points_text
from trading.evaluation.service import CommitteeSize

MEMBER = "m-"
TECHNICAL_WORDS = {
    "code-wrong": "This is not the lot's code; copy it from above.",
    "signing": "Signing and handing in …",
    "other-result": "The result to be signed is not the one shown above. Nothing was signed; load the page again.",
    "unexpected": "That did not work: {detail}",
}
"""Sentences of the page's program, by the keys that `frontend/src/technical` uses."""


@get("/evaluation", permission="evaluation.view", sync_to_thread=True)
def desk(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """The lots that wait for the actor or that the actor may read."""
    with platform.db.read() as tx:
        rows = queries.desk(tx, actor=actor)
    return page(request, "evaluation/desk.html", rows=rows)


@get("/evaluation/{lot_id:str}/technical", permission="evaluation.score", fresh=True, sync_to_thread=True)
def technical_page(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """Which bids passed; the leader's browser signs it, and the second envelope can be opened."""
    with platform.db.read() as tx:
        view = technical.technical_view(tx, lot_id, actor=actor)
    translate = platform.catalogue.translator(language(request))
    return page(
        request,
        "evaluation/technical.html",
        view=view,
        lot=view.context,
        words={key: translate(text) for key, text in TECHNICAL_WORDS.items()},
        points_text=points_text,
    )


@get("/evaluation/{lot_id:str}/committee", permission="evaluation.appoint", sync_to_thread=True)
def committee(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """Appoint the committee, or see how many sheets are locked."""
    return _committee(request, platform, lot_id, actor)


@post("/evaluation/{lot_id:str}/committee", permission="evaluation.appoint", sync_to_thread=True)
def appoint(
    request: AnyRequest,
    lot_id: FromPath[str],
    data: URLEncodedBody[dict[str, str]],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    chosen = [name.removeprefix(MEMBER) for name in data if name.startswith(MEMBER)]
    try:
        with platform.db.transaction() as tx:
            service.appoint(tx, lot_id, user_ids=chosen, actor=actor, at=clock.now(tx))
    except (CommitteeSize, sheets.ExpertMustAvoid) as problem:
        return _committee(request, platform, lot_id, actor, chosen=chosen, problem=problem)
    return redirect(f"/evaluation/{lot_id}/committee")


@get("/evaluation/{lot_id:str}/result", permission="evaluation.view", sync_to_thread=True)
def result(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """Ranking, parts and report of a completed evaluation."""
    with platform.db.read() as tx:
        found = queries.completed(tx, lot_id, actor=actor)
    return page(request, "evaluation/result.html", found=found, points_text=points_text)


@get("/evaluation/{lot_id:str}/report.pdf", permission="evaluation.view", sync_to_thread=True)
def report(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The report as it was stored, for those who may see the sheets in it."""
    with platform.db.read() as tx:
        found = queries.report_of(tx, lot_id, actor=actor)
    name = f"evaluation-{found.context.lot_code}.pdf"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(platform.store.get(found.report_key), media_type="application/pdf", headers=headers)


def _committee(
    request: AnyRequest,
    platform: Platform,
    lot_id: str,
    actor: Actor,
    *,
    chosen: list[str] | None = None,
    problem: Problem | None = None,
) -> Response[str]:
    with platform.db.read() as tx:
        found = queries.committee(tx, lot_id, actor=actor)
        experts = queries.experts(tx, actor=actor)
    context = {"found": found, "experts": experts, "chosen": chosen or [], "problem": problem}
    status = problem.status if problem else 200
    return page(
        request, "evaluation/committee.html", status=status, prefix=MEMBER, minimum=COMMITTEE_MIN, **context
    )


PAGES = [desk, technical_page, committee, appoint, result, report]
