"""Candidates and awards: JSON."""

from __future__ import annotations

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from govcore import clock
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web.params import PathNumber
from trading.award import issue, queries, reports, service
from trading.award.schemas import (
    Awarded,
    AwardLine,
    AwardShown,
    CandidateShown,
    NewAward,
    NoticePublished,
    ReportSent,
)
from trading.evaluation.policy import points_text


@post("/api/lots/{lot_id:str}/publicity", permission="award.publicise", sync_to_thread=True, status_code=201)
def publicise(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> NoticePublished:
    """Publish the candidates of an evaluated lot."""
    paper = issue.publicise(platform, lot_id, actor=actor)
    return _notice(paper.id, paper.sha256)


@post(
    "/api/lots/{lot_id:str}/award",
    permission="award.decide",
    fresh=True,
    sync_to_thread=True,
    status_code=201,
)
def award(
    lot_id: FromPath[str],
    data: JSONBody[NewAward],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Awarded:
    """Award the lot to its first candidate, once the publicity is over."""
    letter, result = issue.award(platform, lot_id, bid_id=data.bid_id, reason=data.reason, actor=actor)
    return Awarded(
        notice=_notice(result.id, result.sha256),
        letter=f"/award/{lot_id}/letter.pdf",
        letter_sha256=letter.sha256,
    )


@get("/api/lots/{lot_id:str}/award", permission="public", sync_to_thread=True)
def show_award(lot_id: FromPath[str], platform: NamedDependency[Platform]) -> AwardShown:
    """Candidates, publicity and award of a lot, as published."""
    with platform.db.read() as tx:
        found = queries.standing(tx, lot_id, at=clock.now(tx))
    return AwardShown(
        lot_id=lot_id,
        state=found.context.state,
        ends_at=found.ends_at,
        over=found.over,
        candidates=[
            CandidateShown(
                rank=candidate.rank,
                bid_id=candidate.bid_id,
                bidder=candidate.bidder_name,
                uscc=candidate.uscc,
                price_fen=candidate.price_fen,
                total=points_text(candidate.total) or None,
                evaluated_fen=candidate.evaluated_fen,
                out=_cause(found.outs.get(candidate.bid_id)),
            )
            for candidate in found.candidates
        ],
        winner_bid_id=found.winner_bid_id,
        awards=[
            AwardLine(
                n=one.n,
                bid_id=one.winner.bid_id,
                bidder=one.winner.bidder_name,
                basis=one.basis,
                decided_at=one.decided_at,
                out=_cause(one.out),
            )
            for one in found.awards
        ],
        failed=found.failed.cause if found.failed else None,
        notices=[_notice(paper.id, paper.sha256) for paper in found.papers],
    )


@post("/api/lots/{lot_id:str}/award/handover", permission="award.hand_over", sync_to_thread=True)
def hand_over(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> None:
    """Give the purchaser the evaluation report."""
    with platform.db.transaction() as tx:
        service.hand_over(tx, lot_id, actor=actor, at=clock.now(tx))


@post(
    "/api/lots/{lot_id:str}/award/announcement",
    permission="award.publicise",
    fresh=True,
    sync_to_thread=True,
    status_code=201,
)
def announce(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Awarded:
    """Publish the result that the purchaser's silence chose."""
    letter, result = issue.announce(platform, lot_id, actor=actor)
    return Awarded(
        notice=_notice(result.id, result.sha256),
        letter=f"/award/{lot_id}/letter.pdf",
        letter_sha256=letter.sha256,
    )


@post(
    "/api/lots/{lot_id:str}/award/report",
    permission="award.publicise",
    sync_to_thread=True,
    status_code=201,
)
def send_report(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> ReportSent:
    """Report the present award to the supervising department."""
    n, paper = issue.report(platform, lot_id, actor=actor)
    return ReportSent(n=n, pdf=f"/award/{lot_id}/reports/{n}/report.pdf", sha256=paper.sha256)


@post(
    "/api/lots/{lot_id:str}/award/reports/{n:int}/receipt",
    permission="award.acknowledge",
    sync_to_thread=True,
)
def acknowledge(
    lot_id: FromPath[str],
    n: PathNumber,
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Say that the supervising department received the report."""
    with platform.db.transaction() as tx:
        reports.acknowledge(tx, lot_id, n=n, actor=actor, at=clock.now(tx))


def _cause(out: queries.Out | None) -> str | None:
    return None if out is None else out.cause


def _notice(notice_id: str, sha256: str) -> NoticePublished:
    href = f"/notices/award/{notice_id}"
    return NoticePublished(id=notice_id, href=href, pdf=f"{href}/notice.pdf", sha256=sha256)


ROUTES = [publicise, award, show_award, hand_over, announce, send_report, acknowledge]
