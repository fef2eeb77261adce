"""The public notices of an award: the candidates' publicity, the result, the end without a winner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from govcore.audit.entries import time_text
from govcore.clock import end_text
from govcore.db import Tx
from trading.award.closing_papers import what_follows, why
from trading.award.drafts import AwardDraft
from trading.award.goods import Bought
from trading.award.policy import Failure
from trading.award.queries import PublishedCandidate
from trading.evaluation.policy import points_text
from trading.evaluation.queries import BidOutcome
from trading.notices.policy import NoticeKind
from trading.notices.service import StoredPaper
from trading.procedure.competition import Stage
from trading.tender.announcing import consulted, lot_rows, publish_notice
from trading.tender.queries import LotContext

QUALIFIED = "符合招标文件要求的资格能力条件"
OBJECTIONS = (
    "公示期内通过平台向招标人（{tenderer}）提出异议，招标人自收到之日起三日内答复；投诉：{regulator}。"
)


NOTICE_PERIOD = "1个工作日，至{until}（北京时间）止"


def publish_candidates(
    tx: Tx,
    lot: LotContext,
    candidates: Sequence[PublishedCandidate],
    rejected: Sequence[BidOutcome],
    *,
    notice_id: str,
    paper: StoredPaper,
    starts_at: datetime,
    ends_at: datetime,
    supersedes: str | None = None,
) -> None:
    """Publish the candidates in their order with the way to object (公示信息发布管理办法 art. 6)."""
    publish_notice(
        tx,
        lot,
        kind=NoticeKind.CANDIDATES,
        lot_ids=[lot.lot_id],
        fields={
            "lots": lot_rows([lot]),
            "candidates": [_candidate(one) for one in candidates],
            "rejected": [
                {"bidder": one.bid.bidder_name, "reason": one.rejection} for one in rejected if one.invalid
            ],
            "publicity_from": time_text(starts_at),
            "publicity_until": time_text(ends_at),
            "objections": OBJECTIONS.format(tenderer=lot.tenderer.name, regulator=lot.regulator.name),
        },
        paper=paper,
        notice_id=notice_id,
        supersedes=supersedes,
        at=starts_at,
    )


def publish_result(
    tx: Tx, draft: AwardDraft, goods: Sequence[Bought], *, notice_id: str, paper: StoredPaper, at: datetime
) -> None:
    """Publish who won; a purchase also says what is bought, who evaluated, and how long the notice lasts (G17)."""
    lot, winner = draft.context, draft.winner
    said: dict[str, object] = {
        "lots": lot_rows([lot]),
        "winner": winner.bidder_name,
        "winner_uscc": winner.uscc,
        "price_fen": winner.price_fen,
        "quality": winner.quality,
        "duration_days": winner.duration_days,
        "manager": winner.manager,
        "manager_certificate": winner.manager_certificate,
    }
    if draft.notice_until is not None:
        said |= {
            "goods": [asdict(one) for one in goods],
            "experts": list(draft.experts),
            "notice_period": NOTICE_PERIOD.format(until=end_text(draft.notice_until)),
        } | consulted(lot)
    publish_notice(
        tx,
        lot,
        kind=NoticeKind.RESULT,
        lot_ids=[lot.lot_id],
        fields=said,
        paper=paper,
        notice_id=notice_id,
        at=at,
    )


def publish_failure(
    tx: Tx,
    lot: LotContext,
    cause: Failure,
    text: str,
    *,
    notice_id: str,
    paper: StoredPaper,
    at: datetime,
) -> None:
    """Publish that a lot ended without a winner, with the reason and what follows."""
    publish_notice(
        tx,
        lot,
        kind=NoticeKind.FAILURE,
        lot_ids=[lot.lot_id],
        fields={
            "lots": lot_rows([lot]),
            "reason": f"{why(cause, lot.words, lot.least(Stage.RESPONSIVE))}。{text}",
            "next_step": what_follows(cause, lot.words),
        },
        paper=paper,
        notice_id=notice_id,
        at=at,
    )


def _candidate(one: PublishedCandidate) -> dict[str, object]:
    compared = {"evaluated_fen": one.evaluated_fen} if one.by_price else {"total": points_text(one.total)}
    return {
        "rank": one.rank,
        "bidder": one.bidder_name,
        "uscc": one.uscc,
        "price_fen": one.price_fen,
        **compared,
        "quality": one.quality,
        "duration_days": one.duration_days,
        "manager": one.manager,
        "manager_certificate": one.manager_certificate,
        "qualification": QUALIFIED,
    }
