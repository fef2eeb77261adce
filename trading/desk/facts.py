"""What happened to lots, read for all of them at once: one statement for each table, however many lots there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import case, func, select

from govcore.db import Tx
from trading.award.models import Award, Exclusion, Handover, Publicity, Report
from trading.committee.models import Committee
from trading.contract.models import Contract
from trading.contract.policy import ContractState
from trading.documents.models import Version
from trading.documents.policy import VersionState
from trading.evaluation.models import EvaluationRound, Outcome
from trading.opening.models import Opening
from trading.procedure.spans import Span
from trading.tender.models import KeyManifest, Lot, Schedule
from trading.tender.policy import Step
from trading.tender.suspensions import HeldFor, frozen, holds_of_lots, stopping


@dataclass(frozen=True, slots=True)
class Decision:
    """One award in a lot's sequence; `out` is that its winner fell away."""

    n: int
    decided_at: datetime
    announced_at: datetime | None
    reported_at: datetime | None
    out: bool


@dataclass(slots=True)
class LotFacts:
    """Moments of one lot's round; nothing in it depends on bids before the closing."""

    keys_made: bool = False
    scheduled: bool = False
    prepared: Version | None = None
    """The version of the documents that waits for its release by the second person."""
    closed_at: datetime | None = None
    read_out_at: datetime | None = None
    recorded: bool = False
    appointed: bool = False
    evaluated_at: datetime | None = None
    ranked: int = 0
    firsts: int = 0
    publicity_at: datetime | None = None
    publicity_ends: datetime | None = None
    handed_over_at: datetime | None = None
    awards: list[Decision] = field(default_factory=list)
    contract: Contract | None = None
    holds: list[HeldFor] = field(default_factory=list)

    @property
    def award(self) -> Decision | None:
        """The newest decision, whether or not it still holds."""
        return self.awards[-1] if self.awards else None

    def frozen(self, step: Step, now: datetime) -> tuple[Span, ...]:
        return frozen(self.holds, step, now)

    def stopping(self, step: Step, at: datetime) -> HeldFor | None:
        return stopping(self.holds, step, at)


def facts_of(tx: Tx, lot_ids: Collection[str]) -> Mapping[str, LotFacts]:
    """The facts of each of these lots; the caller has found that the actor may see them."""
    found = {lot_id: LotFacts() for lot_id in lot_ids}
    _preparation(tx, found)
    _opening(tx, found)
    _awarding(tx, found)
    for lot_id, holds in holds_of_lots(tx, lot_ids).items():
        found[lot_id].holds = holds
    return found


def _preparation(tx: Tx, found: Mapping[str, LotFacts]) -> None:
    for lot_id in tx.scalars(select(KeyManifest.lot_id).where(KeyManifest.lot_id.in_(found))):
        found[lot_id].keys_made = True
    for lot_id in tx.scalars(select(Schedule.lot_id).where(Schedule.lot_id.in_(found), Schedule.n == 1)):
        found[lot_id].scheduled = True
    versions = select(Lot.id, Version).join(Version, Version.tender_id == Lot.tender_id)
    for lot_id, version in tx.execute(
        versions.where(Lot.id.in_(found), Version.state == VersionState.PREPARED)
    ):
        found[lot_id].prepared = version


def _opening(tx: Tx, found: Mapping[str, LotFacts]) -> None:
    columns = (Opening.lot_id, Opening.closed_at, Opening.read_out_at, Opening.record_sha256)
    for row in tx.execute(select(*columns).where(Opening.lot_id.in_(found))):
        one = found[row.lot_id]
        one.closed_at, one.read_out_at = row.closed_at, row.read_out_at
        one.recorded = row.record_sha256 is not None
    for lot_id in tx.scalars(select(Committee.lot_id).where(Committee.lot_id.in_(found))):
        found[lot_id].appointed = True
    rounds = select(EvaluationRound).where(EvaluationRound.lot_id.in_(found))
    present = {row.lot_id: row for row in tx.scalars(rounds.order_by(EvaluationRound.number))}
    for lot_id, one_round in present.items():
        found[lot_id].evaluated_at = one_round.completed_at
    first = func.sum(case((Outcome.rank == 1, 1), else_=0))
    ranks = select(Outcome.lot_id, Outcome.number, func.count(Outcome.rank), first)
    of_rounds = ranks.where(Outcome.lot_id.in_(found)).group_by(Outcome.lot_id, Outcome.number)
    for lot_id, _, ranked, firsts in tx.execute(of_rounds.order_by(Outcome.number)):
        found[lot_id].ranked, found[lot_id].firsts = ranked, firsts


def _awarding(tx: Tx, found: Mapping[str, LotFacts]) -> None:
    for row in tx.scalars(select(Publicity).where(Publicity.lot_id.in_(found))):
        found[row.lot_id].publicity_at, found[row.lot_id].publicity_ends = row.published_at, row.ends_at
    for handover in tx.scalars(select(Handover).where(Handover.lot_id.in_(found))):
        found[handover.lot_id].handed_over_at = handover.at
    outs: dict[str, set[str]] = defaultdict(set)
    for lot_id, bid_id in tx.execute(
        select(Exclusion.lot_id, Exclusion.bid_id).where(Exclusion.lot_id.in_(found))
    ):
        outs[lot_id].add(bid_id)
    awards = select(Award, Report.sent_at).outerjoin(
        Report, (Report.lot_id == Award.lot_id) & (Report.n == Award.n)
    )
    for award, sent_at in tx.execute(awards.where(Award.lot_id.in_(found)).order_by(Award.n)):
        decision = Decision(
            award.n, award.decided_at, award.announced_at, sent_at, award.bid_id in outs[award.lot_id]
        )
        found[award.lot_id].awards.append(decision)
    contracts = select(Contract).where(Contract.lot_id.in_(found), Contract.state != ContractState.VOID)
    for contract in tx.scalars(contracts.order_by(Contract.version)):
        found[contract.lot_id].contract = contract
