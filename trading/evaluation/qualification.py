"""Qualification of a government purchase: the purchaser's side reviews it after the opening, bid by bid (G12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from govcore.audit.service import record
from govcore.db import Tx, upsert
from govcore.errors import MoveNotAllowed, NotFound, Problem
from govcore.identity.policy import Actor, Role, require
from trading.evaluation.models import Qualification, QualificationReview
from trading.evaluation.policy import QUALIFIED_MIN, REASON_MAX
from trading.opening.queries import OpenedBid, all_read_out, opened_bids
from trading.procedure.policy import Regime
from trading.tender.policy import LotState
from trading.tender.queries import LotContext, lot_context


class QualificationOpen(Problem):
    """政府采购货物和服务招标投标管理办法 art. 44."""

    code = "E_QUALIFICATION_OPEN"
    text = "The purchaser has not finished the qualification review (G12 · 87号令 art. 44)."


class TooFewQualified(Problem):
    """政府采购货物和服务招标投标管理办法 art. 44."""

    code = "E_TOO_FEW_QUALIFIED"
    text = "Fewer than {least} bidders are qualified: nothing may be evaluated (G11 · 87号令 art. 44)."


class QualificationReason(Problem):
    code = "E_QUALIFICATION_REASON"
    status = 422
    text = "Say in at most {most} characters which requirement the bidder does not meet."


class QualificationMissing(Problem):
    code = "E_QUALIFICATION_MISSING"
    text = "{missing} bids have not been judged yet."


@dataclass(frozen=True, slots=True)
class Judged:
    """An opened bid and what the purchaser's side found; nothing before it was judged."""

    bid: OpenedBid
    passed: bool | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """The qualification review of a lot."""

    context: LotContext
    bids: tuple[Judged, ...]
    closed_at: datetime | None

    @property
    def qualified(self) -> int:
        return sum(1 for one in self.bids if one.passed)

    @property
    def missing(self) -> int:
        return sum(1 for one in self.bids if one.passed is None)

    @property
    def too_few(self) -> bool:
        """Whether it ended with fewer qualified bidders than an evaluation needs."""
        return self.closed_at is not None and self.qualified < QUALIFIED_MIN


def applies(context: LotContext) -> bool:
    """Under the Tendering Law the committee reviews qualification itself."""
    return context.rule_set.regime is Regime.GP


def review(tx: Tx, lot_id: str, *, actor: Actor) -> Review:
    """The review, for the purchaser's side; `NotFound` for everybody else, and where the committee does it."""
    context = lot_context(tx, lot_id)
    tenderer = Role.TENDERER in actor.roles and actor.org_id == context.tenderer.id
    own = tenderer or (Role.AGENCY in actor.roles and actor.org_id == context.agency.id)
    if not own or not applies(context) or not all_read_out(tx, lot_id):
        raise NotFound
    return _review(tx, context)


def judge(tx: Tx, lot_id: str, *, bid_id: str, passed: bool, reason: str, actor: Actor, at: datetime) -> None:
    """Say whether a bidder is qualified; who is not must be told why. It can be corrected until the review ends."""
    require(actor, "evaluation.qualify")
    found = _open(tx, lot_id, actor)
    reason = reason.strip()
    if bid_id not in {one.bid.bid_id for one in found.bids}:
        raise NotFound
    if (not passed and not reason) or len(reason) > REASON_MAX:
        raise QualificationReason(most=REASON_MAX)
    fresh = {"passed": passed, "reason": reason, "judged_by": actor.user_id, "judged_at": at}
    insert = upsert(tx, Qualification).values(lot_id=lot_id, bid_id=bid_id, **fresh)
    tx.execute(insert.on_conflict_do_update(index_elements=["lot_id", "bid_id"], set_=fresh))


def close_review(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> None:
    """End the review for good once every bid was judged; with fewer than three qualified nothing is evaluated."""
    require(actor, "evaluation.qualify")
    found = _open(tx, lot_id, actor)
    if found.missing:
        raise QualificationMissing(missing=found.missing)
    tx.add(QualificationReview(lot_id=lot_id, closed_by=actor.user_id, closed_at=at))
    verdicts = [{"bid": one.bid.bid_id, "passed": bool(one.passed)} for one in found.bids]
    data = {"lot": found.context.lot_code, "bids": verdicts}
    record(tx, "evaluation.qualified", subject=lot_id, actor=actor.user_id, at=at, data=data)


def check_reviewed(tx: Tx, context: LotContext) -> None:
    """Raise `QualificationOpen` or `TooFewQualified` unless the evaluation may begin."""
    if not applies(context):
        return
    found = _review(tx, context)
    if found.closed_at is None:
        raise QualificationOpen
    if found.too_few:
        raise TooFewQualified(least=QUALIFIED_MIN)


def reasons(tx: Tx, lot_id: str) -> dict[str, str]:
    """Why each bid that is not qualified is not, by its id."""
    query = select(Qualification).where(Qualification.lot_id == lot_id, Qualification.passed.is_(False))
    return {row.bid_id: row.reason for row in tx.scalars(query)}


def review_of(tx: Tx, context: LotContext) -> Review:
    """The review for services of later stages."""
    return _review(tx, context)


def _open(tx: Tx, lot_id: str, actor: Actor) -> Review:
    found = review(tx, lot_id, actor=actor)
    if found.context.state != LotState.OPENED:
        raise MoveNotAllowed(move="evaluation.qualify", state=found.context.state)
    if found.closed_at is not None:
        raise MoveNotAllowed(move="evaluation.qualify", state="closed")
    return found


def _review(tx: Tx, context: LotContext) -> Review:
    rows = tx.scalars(select(Qualification).where(Qualification.lot_id == context.lot_id))
    judged = {row.bid_id: row for row in rows}
    closed = tx.get(QualificationReview, context.lot_id)
    bids = tuple(
        Judged(bid, judged[bid.bid_id].passed, judged[bid.bid_id].reason)
        if bid.bid_id in judged
        else Judged(bid, None, "")
        for bid in opened_bids(tx, context.lot_id)
    )
    return Review(context=context, bids=bids, closed_at=closed.closed_at if closed else None)
