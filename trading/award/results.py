"""What the award's pages show: desk and room of the tenderer's side, a bidder's own result, supervision's reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.policy import Actor, Role
from trading.award import dues, queries
from trading.award.dues import DueStep
from trading.award.failing_causes import causes_that_hold
from trading.award.models import Handover, Publicity, Report
from trading.award.policy import (
    PUBLIC_KINDS,
    Facts,
    Failure,
    PaperKind,
    Stage,
    eligible,
    order_binds,
    stage,
)
from trading.award.queries import Awarded, Failed, Out, PublishedCandidate, StoredFile
from trading.evaluation.queries import BidOutcome, outcomes
from trading.procedure.deadlines import Limit
from trading.procedure.policy import Regime
from trading.review.documents import least_valid
from trading.tender.models import Lot
from trading.tender.policy import LotState, Step
from trading.tender.queries import LotContext, lot_context
from trading.tender.suspensions import HeldFor, stopped_by

AWARDABLE = ("opened", "evaluated", "publicity", "awarded", "contracted", "failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A lot of the actor's side: where its award is, what is due by when, who may be chosen."""

    context: LotContext
    stage: Stage
    ends_at: datetime | None
    held: HeldFor | None
    dues: tuple[DueStep, ...]
    candidates: tuple[PublishedCandidate, ...]
    eligible: frozenset[str]
    strict: bool
    outs: dict[str, Out]
    awards: tuple[Awarded, ...]
    failed: Failed | None
    causes: tuple[Failure, ...]
    reported: frozenset[int]
    notice_id: str | None

    @property
    def next_due(self) -> DueStep | None:
        """What still waits, the soonest first."""
        waiting = [one for one in self.dues if one.done_at is None]
        return min(waiting, key=lambda one: one.limit.at, default=None)

    @property
    def purchase(self) -> bool:
        return self.context.rule_set.regime is Regime.GP


@dataclass(frozen=True, slots=True, kw_only=True)
class MyResult:
    """A bidder's own result: in a purchase also its points and rank."""

    context: LotContext
    outcome: BidOutcome
    award: Awarded | None
    failed: Failed | None
    candidate: PublishedCandidate | None
    out: Out | None
    won: bool
    contract_by: Limit | None

    @property
    def shows_points(self) -> bool:
        """Losers of a purchase learn their own points and rank, of a tender who is no candidate does not (G17)."""
        return self.context.rule_set.regime is Regime.GP or self.candidate is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLine:
    """An award that its tenderer has to report, or has reported, to the actor's department."""

    context: LotContext
    award: Awarded
    due: DueStep
    sent_at: datetime | None
    acknowledged_at: datetime | None
    paper: StoredFile | None


def desk(tx: Tx, *, actor: Actor, at: datetime) -> list[Room]:
    """The lots of the actor's side whose award wants something, or was made."""
    query = select(Lot.id).where(Lot.state.in_(AWARDABLE)).order_by(Lot.opening_at.desc(), Lot.code)
    contexts = [lot_context(tx, lot_id) for lot_id in tx.scalars(query)]
    rooms = [_room(tx, one, at) for one in contexts if queries.is_own_side(one, actor)]
    return [room for room in rooms if room is not None]


def room(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> Room:
    """One lot of `desk`; `NotFound` for everybody else and before there is anything to decide."""
    found = _room(tx, queries.own_lot(tx, lot_id, actor), at)
    if found is None:
        raise NotFound
    return found


def _room(tx: Tx, context: LotContext, at: datetime) -> Room | None:
    lot_id = context.lot_id
    causes = tuple(causes_that_hold(tx, context))
    failed = queries.failed_of(tx, lot_id)
    if context.state not in AWARDABLE or (
        context.state in ("opened", "failed") and not causes and not failed
    ):
        return None
    publicity = tx.get(Publicity, lot_id)
    held = stopped_by(tx, lot_id, Step.AWARD, at)
    made, ranked = queries.awards_of(tx, lot_id), queries.ranked_of(tx, lot_id)
    strict = order_binds(context.rule_set.regime, state_funded=context.state_funded)
    facts = Facts(
        regime=context.rule_set.regime,
        state=context.state,
        ranked=sum(1 for one in outcomes(tx, lot_id) if one.rank is not None),
        least=least_valid(context),
        ends_at=publicity.ends_at if publicity and context.state != LotState.EVALUATED else None,
        held=held is not None,
        handed_over=dues.received_at(tx, lot_id) is not None,
        decided=bool(made) or silent(tx, context, at),
        announced=bool(made) and made[-1].announced_at is not None,
        current_out=bool(made) and made[-1].out is not None,
    )
    papers = queries.papers_of(tx, lot_id)
    public = [file.id for kind, _, file in papers if kind in PUBLIC_KINDS]
    return Room(
        context=context,
        stage=stage(facts, at),
        ends_at=facts.ends_at,
        held=held,
        dues=tuple(dues.steps(tx, context)),
        candidates=tuple(queries.candidates_of(tx, lot_id)),
        eligible=frozenset(eligible(ranked, strict=strict)),
        strict=strict,
        outs=queries.outs_of(tx, lot_id),
        awards=tuple(made),
        failed=failed,
        causes=causes,
        reported=frozenset(n for kind, n, _ in papers if kind is PaperKind.REPORT),
        notice_id=public[-1] if public else None,
    )


def silent(tx: Tx, context: LotContext, at: datetime) -> bool:
    """Whether the purchaser's silence has chosen the first by now, written down or not (G16)."""
    if context.rule_set.regime is not Regime.GP or context.state != "evaluated":
        return False
    ends = dues.silence(tx, context)
    firsts = eligible(queries.ranked_of(tx, context.lot_id), strict=True)
    return ends is not None and at >= ends.at and len(firsts) == 1


def handed_over(tx: Tx) -> list[str]:
    """The lots whose purchaser has the report and has not decided, for the sweep."""
    query = select(Handover.lot_id).join(Lot, Lot.id == Handover.lot_id).where(Lot.state == "evaluated")
    return list(tx.scalars(query.order_by(Handover.lot_id)))


def my_result(tx: Tx, lot_id: str, *, actor: Actor) -> MyResult:
    """The actor's own result once one is published; `NotFound` for who did not bid, and before."""
    context = lot_context(tx, lot_id)
    mine = [one for one in outcomes(tx, lot_id) if one.bid.org_id == actor.org_id]
    made = [one for one in queries.awards_of(tx, lot_id) if one.announced_at is not None]
    failed = queries.failed_of(tx, lot_id)
    published = queries.publicity_of(tx, lot_id) is not None
    if not mine or Role.BIDDER not in actor.roles or not (made or failed or published):
        raise NotFound
    award = made[-1] if made else None
    candidates = {one.bid_id: one for one in queries.candidates_of(tx, lot_id)}
    own = mine[0].bid.bid_id
    return MyResult(
        context=context,
        outcome=mine[0],
        award=award,
        failed=failed,
        candidate=candidates.get(own),
        out=queries.outs_of(tx, lot_id).get(own),
        won=award is not None and award.winner.bid_id == own and award.out is None,
        contract_by=dues.contract(tx, context, award.announced_at) if award and award.announced_at else None,
    )


def my_results(tx: Tx, *, actor: Actor) -> list[MyResult]:
    """All results of the actor's organisation, the newest opening first."""
    query = select(Lot.id).where(Lot.state.in_(AWARDABLE)).order_by(Lot.opening_at.desc(), Lot.code)
    found = []
    for lot_id in tx.scalars(query):
        try:
            found.append(my_result(tx, lot_id, actor=actor))
        except NotFound:
            continue
    return found


def reports(tx: Tx, *, actor: Actor, at: datetime) -> list[ReportLine]:
    """The awards that have to be reported to the actor's department, those that wait first."""
    query = select(Lot.id).where(Lot.state.in_(("awarded", "contracted"))).order_by(Lot.code)
    lines = []
    for context in (lot_context(tx, lot_id) for lot_id in tx.scalars(query)):
        if context.regulator.id != actor.org_id or context.rule_set.regime is Regime.GP:
            continue
        lines += [
            _report_line(tx, context, award)
            for award in queries.awards_of(tx, context.lot_id)
            if award.announced_at is not None
        ]
    return sorted(lines, key=lambda line: (line.acknowledged_at is not None, line.due.limit.at))


def _report_line(tx: Tx, context: LotContext, award: Awarded) -> ReportLine:
    row = tx.get(Report, (context.lot_id, award.n))
    limit = dues.report(tx, context, award.decided_at)
    sent_at = row.sent_at if row else None
    return ReportLine(
        context=context,
        award=award,
        due=DueStep(
            text="Report the award to the supervising department",
            limit=limit,
            rule=context.rule_set[limit.rule],
            done_at=sent_at,
        ),
        sent_at=sent_at,
        acknowledged_at=row.acknowledged_at if row else None,
        paper=queries.paper_of(tx, context.lot_id, PaperKind.REPORT, award.n),
    )
