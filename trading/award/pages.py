"""The award as pages: the desk and a lot's room for the tenderer's side, public notices, supervision's reports."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, MultipartBody, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.errors import Problem
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.params import PathNumber
from govcore.web.rendering import AnyRequest
from trading.award import exclusions, failing, issue, queries, reports, results, service
from trading.award.drafts import REASON_MAX, ChoiceNeedsReason
from trading.award.policy import Basis, PaperKind
from trading.award.schemas import NewAward
from trading.evaluation import bundle_queries
from trading.evaluation.policy import points_text
from trading.procedure.words import article_of

BASIS_WORDS: dict[str, Any] = {
    Basis.FIRST: "Ranked first",
    Basis.NEXT: "Next in order: all before it are out",
    Basis.CHOSEN: "Chosen among the candidates, with a reason",
    Basis.DEEMED: "Chosen by the purchaser's silence",
}
WORDS: dict[str, Any] = {
    "basis_words": BASIS_WORDS,
    "cause_words": exclusions.CAUSE_WORDS,
    "causes_found": exclusions.FOUND,
    "failure_words": failing.FAILURE_WORDS,
    "failure_basis": failing.FAILURE_BASIS,
    "points_text": points_text,
    "article_of": article_of,
    "reason_max": REASON_MAX,
}


class Sentence(msgspec.Struct, forbid_unknown_fields=True):
    text: str = ""


class FailureForm(msgspec.Struct, forbid_unknown_fields=True):
    cause: str = ""
    text: str = ""


@get("/notices/award/{notice_id:str}", permission="public", sync_to_thread=True)
def notice(
    request: AnyRequest, notice_id: FromPath[str], platform: NamedDependency[Platform]
) -> Response[str]:
    """A candidates', result or failure notice."""
    with platform.db.read() as tx:
        found = queries.public_notice(tx, notice_id, at=clock.now(tx))
        published = bundle_queries.published(tx, found.context.lot_id)
    return page(request, "award/notice.html", notice=found, published=published, **WORDS)


@get("/notices/award/{notice_id:str}/notice.pdf", permission="public", sync_to_thread=True)
def notice_pdf(notice_id: FromPath[str], platform: NamedDependency[Platform]) -> Response[bytes]:
    """The notice as it was stored."""
    with platform.db.read() as tx:
        found = queries.public_notice(tx, notice_id, at=clock.now(tx))
    return _pdf(platform.store.get(found.store_key), f"{found.kind}-{found.context.lot_code}.pdf")


@get("/award/{lot_id:str}/letter.pdf", permission="award.letter", sync_to_thread=True)
def letter_pdf(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The newest award letter, for its parties."""
    with platform.db.read() as tx:
        paper, context = queries.letter(tx, lot_id, actor=actor)
    return _pdf(platform.store.get(paper.key), f"award-{context.lot_code}.pdf")


@get("/award", permission="award.publicise", sync_to_thread=True)
def desk(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """The evaluated lots of the actor's side, and what each waits for."""
    with platform.db.read() as tx:
        rooms = results.desk(tx, actor=actor, at=clock.now(tx))
    return page(request, "award/desk.html", rooms=rooms, **WORDS)


@get("/award/{lot_id:str}", permission="award.publicise", sync_to_thread=True)
def room(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """One lot: what is next, by when and by which article, the candidates, the sequence of awards."""
    return _room(request, platform, lot_id, actor)


@post("/award/{lot_id:str}/publicity", permission="award.publicise", sync_to_thread=True)
def publicise(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    paper = issue.publicise(platform, lot_id, actor=actor)
    return redirect(f"/notices/award/{paper.id}")


@post("/award/{lot_id:str}/handover", permission="award.hand_over", sync_to_thread=True)
def hand_over(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    with platform.db.transaction() as tx:
        service.hand_over(tx, lot_id, actor=actor, at=clock.now(tx))
    return redirect(f"/award/{lot_id}")


@post("/award/{lot_id:str}/decision", permission="award.decide", fresh=True, sync_to_thread=True)
def decide(
    request: AnyRequest,
    lot_id: FromPath[str],
    data: URLEncodedBody[NewAward],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    try:
        issue.award(platform, lot_id, bid_id=data.bid_id, reason=data.reason, actor=actor)
    except ChoiceNeedsReason as problem:
        return _room(request, platform, lot_id, actor, problem=problem, field=f"reason-{data.bid_id}")
    return redirect(f"/award/{lot_id}")


@post("/award/{lot_id:str}/announcement", permission="award.publicise", fresh=True, sync_to_thread=True)
def announce(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    issue.announce(platform, lot_id, actor=actor)
    return redirect(f"/award/{lot_id}")


@post("/award/{lot_id:str}/report", permission="award.publicise", sync_to_thread=True)
def send_report(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    issue.report(platform, lot_id, actor=actor)
    return redirect(f"/award/{lot_id}")


@post(
    "/award/{lot_id:str}/causes",
    permission="award.exclude",
    fresh=True,
    sync_to_thread=True,
    request_max_body_size=exclusions.EVIDENCE_MAX + 100_000,
)
def propose_exclusion(
    request: AnyRequest,
    lot_id: FromPath[str],
    data: MultipartBody[dict[str, Any]],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Keep the evidence, then let the person see what two people will record."""
    file = data.get("evidence")
    content = file.file.read(exclusions.EVIDENCE_MAX + 1) if isinstance(file, UploadFile) else b""
    name = file.filename if isinstance(file, UploadFile) else ""
    text = str(data.get("text", "")).strip()
    if not content or len(content) > exclusions.EVIDENCE_MAX or not 0 < len(text) <= REASON_MAX:
        problem: Problem = exclusions.CauseNeedsEvidence(most=REASON_MAX)
        return _room(request, platform, lot_id, actor, problem=problem, field="cause-text")
    stored = issue.keep_evidence(platform, lot_id, content)
    with platform.db.transaction() as tx:
        exclusions.add_evidence(tx, lot_id, name=name, stored=stored, actor=actor, at=clock.now(tx))
    asked = {
        "bid": str(data.get("bid", "")),
        "cause": str(data.get("cause", "")),
        "evidence": stored.id,
        "text": text,
    }
    return redirect(f"/two-person/propose/award.exclude/{lot_id}?{urlencode(asked)}")


@get("/award/evidence/{evidence_id:str}", permission="award.letter", sync_to_thread=True)
def evidence(
    evidence_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """A file behind a cause, as it was handed in."""
    with platform.db.read() as tx:
        row = exclusions.evidence_of(tx, evidence_id, actor=actor)
    headers = {"content-disposition": f'attachment; filename="evidence-{row.sha256[:12]}"'}
    content = platform.store.get(row.store_key)
    return Response(content, media_type="application/octet-stream", headers=headers)


@post("/award/{lot_id:str}/failure", permission="award.fail", fresh=True, sync_to_thread=True)
def propose_failure(
    request: AnyRequest,
    lot_id: FromPath[str],
    data: URLEncodedBody[FailureForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    text = data.text.strip()
    if not 0 < len(text) <= REASON_MAX:
        problem = failing.FailureNeedsReason(most=REASON_MAX)
        return _room(request, platform, lot_id, actor, problem=problem, field="failure-text")
    asked = urlencode({"cause": data.cause, "text": text})
    return redirect(f"/two-person/propose/award.fail/{lot_id}?{asked}")


@get("/award/reports", permission="award.acknowledge", sync_to_thread=True)
def report_list(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """The awards that are or have to be reported to the actor's department."""
    with platform.db.read() as tx:
        at = clock.now(tx)
        lines = results.reports(tx, actor=actor, at=at)
    return page(request, "award/reports.html", lines=lines, at=at, **WORDS)


@get("/award/{lot_id:str}/reports/{n:int}/report.pdf", permission="award.letter", sync_to_thread=True)
def report_pdf(
    lot_id: FromPath[str],
    n: PathNumber,
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[bytes]:
    """The written report, for the tenderer's side and its supervising department."""
    with platform.db.read() as tx:
        paper = reports.report_file(tx, lot_id, n=n, actor=actor)
    return _pdf(platform.store.get(paper.key), f"{PaperKind.REPORT}-{lot_id}-{n}.pdf")


@post("/award/{lot_id:str}/reports/{n:int}/receipt", permission="award.acknowledge", sync_to_thread=True)
def acknowledge(
    lot_id: FromPath[str],
    n: PathNumber,
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    with platform.db.transaction() as tx:
        reports.acknowledge(tx, lot_id, n=n, actor=actor, at=clock.now(tx))
    return redirect("/award/reports")


def _room(
    request: AnyRequest,
    platform: Platform,
    lot_id: str,
    actor: Actor,
    *,
    problem: Problem | None = None,
    field: str = "",
) -> Response[str]:
    with platform.db.read() as tx:
        at = clock.now(tx)
        found = results.room(tx, lot_id, actor=actor, at=at)
    context: dict[str, Any] = {
        "room": found,
        "lot": found.context,
        "at": at,
        "problem": problem,
        "field": field,
        **WORDS,
    }
    return page(request, "award/room.html", status=problem.status if problem else 200, **context)


def _pdf(content: bytes, name: str) -> Response[bytes]:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="application/pdf", headers=headers)


PAGES = [
    notice,
    notice_pdf,
    letter_pdf,
    desk,
    room,
    publicise,
    hand_over,
    decide,
    announce,
    send_report,
    propose_exclusion,
    evidence,
    propose_failure,
    report_list,
    report_pdf,
    acknowledge,
]
