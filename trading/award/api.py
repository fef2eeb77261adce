"""Candidates and awards: JSON."""

from __future__ import annotations

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from govcore import clock
from govcore.identity.policy import Actor
from govcore.platform import Platform
from trading.award import issue, queries
from trading.award.schemas import Awarded, AwardShown, CandidateShown, NewAward, NoticePublished
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
    letter, result = issue.award(platform, lot_id, bid_id=data.bid_id, actor=actor)
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
                total=points_text(candidate.total),
            )
            for candidate in found.candidates
        ],
        winner_bid_id=found.winner_bid_id,
        notices=[_notice(paper.id, paper.sha256) for paper in found.papers],
    )


def _notice(notice_id: str, sha256: str) -> NoticePublished:
    href = f"/notices/award/{notice_id}"
    return NoticePublished(id=notice_id, href=href, pdf=f"{href}/notice.pdf", sha256=sha256)


ROUTES = [publicise, award, show_award]
