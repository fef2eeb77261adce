"""The technical result and the result, as pages."""

from __future__ import annotations

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from govcore import clock
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page
from govcore.web.rendering import AnyRequest, language
from trading.evaluation import bundle_queries, queries, service, signatures, technical
from trading.evaluation.policy import points_text
from trading.evaluation.signature_rule import KIND_WORDS

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
        bundle = bundle_queries.full(tx, lot_id, actor=actor) if found.sheets else None
        published = bundle_queries.published(tx, lot_id)
        seats = [sheet.seat for sheet in found.sheets]
        said = signatures.words_of(tx, lot_id, seats)
    return page(
        request,
        "evaluation/result.html",
        found=found,
        lot=found.context,
        bundle=bundle,
        published=published,
        said=said,
        kind_words=KIND_WORDS,
        takes_signed=bundle_queries.may_take_signed(found.context, actor),
        points_text=points_text,
    )


@get("/evaluation-bundles", permission="evaluation.audit", sync_to_thread=True)
def bundles_to_audit(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """The full bundles of all lots whose result is public, for an auditor."""
    with platform.db.read() as tx:
        found = bundle_queries.audited(tx, actor=actor)
    return page(request, "evaluation/bundles.html", found=found)


@post(
    "/evaluation-bundles/{lot_id:str}",
    permission="evaluation.audit",
    fresh=True,
    sync_to_thread=True,
    status_code=200,
)
def bundle_to_audit(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The full bundle of one of them; that it was taken is logged."""
    with platform.db.transaction() as tx:
        found = service.take_bundle(tx, lot_id, actor=actor, at=clock.now(tx))
    headers = {"content-disposition": f'attachment; filename="evaluation-{lot_id}-{found.number}-full.json"'}
    return Response(platform.store.get(found.key), media_type="application/json", headers=headers)


@get("/evaluation/{lot_id:str}/report.pdf", permission="evaluation.view", sync_to_thread=True)
def report(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The report as it was stored, for those who may see the sheets in it or who sign it."""
    with platform.db.read() as tx:
        key, code = queries.report_key(tx, lot_id, actor=actor)
    name = f"evaluation-{code}.pdf"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(platform.store.get(key), media_type="application/pdf", headers=headers)


PAGES = [desk, technical_page, result, bundles_to_audit, bundle_to_audit, report]
