"""What would be published or decided now, and why it may not be: read before a paper is set, checked again after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from govcore.clock import BEIJING
from govcore.db import Tx
from govcore.errors import MoveNotAllowed, NotFound, Problem
from govcore.identity.policy import Actor, require
from trading.award import dues, queries
from trading.award.models import Publicity
from trading.award.policy import (
    Basis,
    basis_of,
    eligible,
    order_binds,
)
from trading.award.queries import PublishedCandidate, own_lot
from trading.committee.queries import member_names, seating_centre
from trading.debarment import queries as debarment
from trading.evaluation.queries import BidOutcome, outcomes
from trading.opening.consortia import codes_of
from trading.procedure.competition import Stage
from trading.procedure.policy import Regime
from trading.procedure.words import named
from trading.review.documents import least_valid
from trading.tender.moves import OutOfOrder
from trading.tender.policy import LotMove, LotState, Step
from trading.tender.queries import LotContext
from trading.tender.suspensions import check_running

REASON_MAX = 1000


class NoCandidate(Problem):
    code = "E_NO_CANDIDATE"
    text = "The committee recommends no bid that is left, so there is no candidate to publish."


class NoPublicity(Problem):
    """Government procurement announces its result directly."""

    code = "E_NO_PUBLICITY"
    text = "Government procurement has no publicity of candidates: the purchaser decides and the result is published."


class PublicityNotOver(Problem):
    """实施条例 art. 54."""

    code = "E_PUBLICITY"
    text = "Publicity lasts until {ends_at} Beijing time; nothing can be awarded before (T18 · 实施条例 art. 54)."


class NotFirstCandidate(Problem):
    """实施条例 art. 55."""

    code = "E_NOT_FIRST"
    text = (
        "Only the best ranked candidate that is left can be awarded the contract (T38 · 实施条例 art. 55). "
        "Another can be once there is a recorded cause against each before it."
    )


class ChoiceNeedsReason(Problem):
    code = "E_AWARD_REASON"
    status = 422
    text = "Say in at most {most} characters why this candidate is chosen and not the one ranked before it."


class TooFewResponsive(Problem):
    """政府采购法 art. 36; 财库〔2014〕214号 art. 34."""

    code = "E_TOO_FEW_RESPONSIVE"
    text = "Fewer than {least} bids are responsive: the purchase ends without a winner ({rule} · {article})."


class NotHandedOver(Problem):
    code = "E_NOT_HANDED_OVER"
    text = "The purchaser has not received the evaluation report yet (G16 · 政府采购法实施条例 art. 43)."


class SilenceDecided(Problem):
    """政府采购法实施条例 art. 43."""

    code = "E_SILENCE"
    text = (
        "The five working days of the purchaser ended at {ended_at} Beijing time; the candidate ranked first is "
        "deemed chosen (G16 · 政府采购法实施条例 art. 43)."
    )


class NotDecided(Problem):
    """What is announced is the purchaser's decision, or its silence once five working days are over."""

    code = "E_NOT_DECIDED"
    text = "The purchaser has not decided yet: nothing can be announced (G16 · 政府采购法实施条例 art. 43)."


class AlreadyAwarded(Problem):
    code = "E_ALREADY_AWARDED"
    text = (
        "This lot is awarded. The next candidate can follow only when a cause against its winner is recorded."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicityDraft:
    """What the candidates' notice will say."""

    context: LotContext
    centre: str
    candidates: tuple[PublishedCandidate, ...]
    rejected: tuple[BidOutcome, ...]
    starts_at: datetime
    ends_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardDraft:
    """What an award letter and a result notice will say; a purchase had no publicity and names its committee."""

    context: LotContext
    centre: str
    n: int
    winner: PublishedCandidate
    basis: Basis
    reason: str
    publicity_from: datetime | None
    publicity_until: datetime | None
    decided_at: datetime
    at: datetime
    contract_by: datetime
    notice_until: datetime | None
    experts: tuple[str, ...]


def draft_publicity(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> PublicityDraft:
    """What would be published now; raises what `publicise` would raise."""
    require(actor, "award.publicise")
    context = own_lot(tx, lot_id, actor)
    if context.rule_set.regime is Regime.GP:
        raise NoPublicity
    if context.state != LotState.EVALUATED:
        raise OutOfOrder.of(LotMove.START_PUBLICITY, context.state)
    check_running(tx, lot_id, Step.PUBLICITY, at)
    found = outcomes(tx, lot_id)
    outs = queries.outs_of(tx, lot_id)
    left = [one for one in found if one.candidate and one.bid.bid_id not in outs]
    if not left:
        raise NoCandidate
    return PublicityDraft(
        context=context,
        centre=seating_centre(tx, lot_id),
        candidates=tuple(as_candidate(context, outcome) for outcome in left),
        rejected=tuple(outcome for outcome in found if outcome.rank is None),
        starts_at=at,
        ends_at=dues.publicity_end(tx, context, at),
        due_at=dues.publicity_start(tx, context).at,
    )


def draft_award(
    tx: Tx, lot_id: str, *, bid_id: str, reason: str = "", actor: Actor, at: datetime
) -> AwardDraft:
    """What would be decided now; raises what `award` would raise."""
    require(actor, "award.decide")
    context = own_lot(tx, lot_id, actor)
    if actor.org_id != context.tenderer.id:
        raise NotFound
    made = queries.awards_of(tx, lot_id)
    if made and made[-1].out is None:
        raise AlreadyAwarded
    if not made:
        _check_time_to_decide(tx, context, at)
    elif context.state != LotState.AWARDED:
        raise OutOfOrder.of(LotMove.AWARD_NEXT, context.state)
    check_running(tx, lot_id, Step.AWARD, at)
    winner, basis = choice(tx, context, bid_id)
    debarment.check(tx, codes_of(tx, winner.bid_id), at=at)
    reason = reason.strip()
    if (basis is Basis.CHOSEN and not reason) or len(reason) > REASON_MAX:
        raise ChoiceNeedsReason(most=REASON_MAX)
    return drafted(
        tx, context, n=len(made) + 1, winner=winner, basis=basis, reason=reason, decided_at=at, at=at
    )


def draft_announcement(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> AwardDraft:
    """What the papers of a decision that is not announced yet would say."""
    require(actor, "award.publicise")
    context = own_lot(tx, lot_id, actor)
    present = queries.present_award(tx, lot_id)
    if present is None and context.rule_set.regime is Regime.GP:
        raise NotDecided
    if present is None or present.announced_at is not None:
        raise MoveNotAllowed(move="award.announce", state=context.state)
    return drafted(
        tx,
        context,
        n=present.n,
        winner=present.winner,
        basis=present.basis,
        reason=present.reason,
        decided_at=present.decided_at,
        at=at,
    )


def _check_time_to_decide(tx: Tx, context: LotContext, at: datetime) -> None:
    """Raise unless the first decision may be made at this moment."""
    if context.rule_set.regime is Regime.GP:
        responsive(tx, context)
        ended = dues.silence(tx, context)
        if ended is None:
            raise NotHandedOver
        if at >= ended.at and len(eligible(queries.ranked_of(tx, context.lot_id), strict=True)) == 1:
            raise SilenceDecided(ended_at=_beijing(ended.at))
        return
    publicity = tx.get(Publicity, context.lot_id)
    if context.state != LotState.PUBLICITY or publicity is None:
        raise OutOfOrder.of(LotMove.AWARD, context.state)
    check_running(tx, context.lot_id, Step.PUBLICITY, at)
    if not queries.is_over(tx, publicity, at):
        raise PublicityNotOver(ends_at=_beijing(publicity.ends_at))


def choice(tx: Tx, context: LotContext, bid_id: str) -> tuple[PublishedCandidate, Basis]:
    ranked = queries.ranked_of(tx, context.lot_id)
    strict = order_binds(context.rule_set.regime, state_funded=context.state_funded)
    if bid_id not in eligible(ranked, strict=strict):
        raise NotFirstCandidate
    winner = next(one for one in queries.candidates_of(tx, context.lot_id) if one.bid_id == bid_id)
    return winner, basis_of(ranked, bid_id)


def responsive(tx: Tx, context: LotContext) -> list[BidOutcome]:
    """The ranked bids of a purchase; raise `TooFewResponsive` below three, or two where the law and documents say so.

    Bids of one brand have one rank between them, and so count once (87号令 art. 31).
    """
    ranked = [outcome for outcome in outcomes(tx, context.lot_id) if outcome.rank is not None]
    if len(ranked) < least_valid(context):
        raise TooFewResponsive(**named(context.least(Stage.RESPONSIVE)))
    return ranked


def drafted(
    tx: Tx,
    context: LotContext,
    *,
    n: int,
    winner: PublishedCandidate,
    basis: Basis,
    reason: str,
    decided_at: datetime,
    at: datetime,
) -> AwardDraft:
    publicity = tx.get(Publicity, context.lot_id)
    bought = context.rule_set.regime is Regime.GP
    return AwardDraft(
        context=context,
        centre=seating_centre(tx, context.lot_id),
        n=n,
        winner=winner,
        basis=basis,
        reason=reason,
        publicity_from=publicity.published_at if publicity else None,
        publicity_until=publicity.ends_at if publicity else None,
        decided_at=decided_at,
        at=at,
        contract_by=dues.contract(tx, context, at).at,
        notice_until=dues.result_notice_end(tx, context, at) if bought else None,
        experts=tuple(member_names(tx, context.lot_id)) if bought else (),
    )


def as_candidate(context: LotContext, outcome: BidOutcome) -> PublishedCandidate:
    """A ranked bid as the notice names it; what the summary did not ask is empty, the duration the tender's own."""
    summary = outcome.bid.summary
    assert outcome.rank is not None  # only ranked bids become candidates
    assert outcome.price_fen is not None
    return PublishedCandidate(
        bid_id=outcome.bid.bid_id,
        rank=outcome.rank,
        org_id=outcome.bid.org_id,
        bidder_name=outcome.bid.bidder_name,
        uscc=outcome.bid.uscc,
        price_fen=outcome.price_fen,
        total=outcome.total,
        evaluated_fen=outcome.evaluated_fen,
        duration_days=summary.get("duration_days", context.content.duration_days),
        quality=summary.get("quality", ""),
        manager=summary.get("manager", ""),
        manager_certificate=summary.get("manager_certificate", ""),
    )


def _beijing(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"
