"""A lot's procedure on the clock: what happened when, what comes, and what the law asks in between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from govcore.db import Tx
from trading.award.models import Award, Publicity
from trading.opening.models import Opening
from trading.procedure.policy import ISSUE_TO_DEADLINE, RuleSet
from trading.procedure.words import article_of, length_of
from trading.tender.policy import ENDED, LotState
from trading.tender.views import LotView, TenderView


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of the procedure; `text` and `note` are keys of the catalogue, filled from `data`."""

    text: str
    at: datetime | None
    note: str = ""
    data: dict[str, object] = field(default_factory=dict)


def steps_of(tx: Tx, tender: TenderView, lot: LotView) -> list[Step]:
    """The lot's steps in their order; nothing in them depends on bids before the deadline."""
    steps = [
        Step(text="Tender published", at=tender.published_at),
        Step(
            text="Bids close and are opened",
            at=lot.deadline_at,
            note=_limit(tender.rules, "bidding"),
            data=_length(tender.rules, "bidding"),
        ),
    ]
    if lot.state == LotState.FAILED:
        text = "Failed: fewer than {n} bids; they stay sealed and go back unopened"
        return [*steps, Step(text=text, at=lot.closed_at, data={"n": tender.rules.min_bids})]
    if lot.state in ENDED:
        text = "Terminated by the tenderer" if lot.state == LotState.TERMINATED else "Cancelled by order"
        return [*steps, Step(text=text, at=lot.ended_at)]
    opening = tx.get(Opening, lot.id)
    return [
        *steps,
        Step(text="All bids read out", at=opening.read_out_at if opening else None),
        *_award_steps(tx, tender.rules, lot.id),
    ]


def _award_steps(tx: Tx, rules: RuleSet, lot_id: str) -> Iterator[Step]:
    publicity = tx.get(Publicity, lot_id)
    newest = select(Award).where(Award.lot_id == lot_id).order_by(Award.n.desc()).limit(1)
    award = tx.scalar(newest)
    if publicity is None:
        yield Step(text="Evaluation by the committee", at=None)
    yield Step(
        text="Candidates published",
        at=publicity.published_at if publicity else None,
        note=_limit(rules, "publicity"),
        data=_length(rules, "publicity"),
    )
    yield Step(text="End of publicity", at=publicity.ends_at if publicity else None)
    yield Step(text="Award decided", at=award.decided_at if award else None)


_LIMITS = {
    ("bidding", True): "At least {period} after publishing ({article})",
    ("bidding", False): "Here at least {period} after publishing; the law asks for 20 days ({article})",
    ("publicity", True): "At least {period} ({article})",
    ("publicity", False): "Here at least {period}; the law asks for 3 days ({article})",
}


def _limit(rules: RuleSet, period: str) -> str:
    return _LIMITS[period, rules.lawful]


def _length(rules: RuleSet, period: str) -> dict[str, object]:
    rule = rules[ISSUE_TO_DEADLINE[rules.regime] if period == "bidding" else "T18"]
    return {"period": length_of(rule), "article": article_of(rule)}
