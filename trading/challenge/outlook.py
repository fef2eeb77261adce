"""What everybody may know of a tender's objections: until when what can be filed, what stands still and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from govcore.calendar.queries import calendar_of
from govcore.db import Tx
from govcore.errors import Detail, NotFound
from trading.challenge import clocks, facts
from trading.challenge.policy import Kind, Stage, kinds_of, way
from trading.procedure.deadlines import Limit
from trading.procedure.policy import RuleSet
from trading.procedure.words import article_of
from trading.tender import queries as tenders
from trading.tender.queries import LotContext
from trading.tender.suspensions import HeldFor, holds_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """What can be filed about a lot: until `limit`, without an end where that is empty; not while `open` is false."""

    lot: LotContext
    kind: Kind
    stage: Stage
    open: bool
    over: bool
    limit: Limit | None
    rule: str
    article: Detail | None
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    tender_id: str
    tender_code: str
    title: str
    regime: str
    rules: RuleSet
    department: str
    lots: tuple[LotContext, ...]
    chances: tuple[Chance, ...]
    standing: tuple[tuple[LotContext, HeldFor], ...]
    past: tuple[tuple[LotContext, HeldFor], ...]

    @property
    def terms(self) -> Mapping[str, str]:
        """What its pages say otherwise than about works."""
        return self.lots[0].terms

    @property
    def kinds(self) -> list[Kind]:
        return kinds_of(self.regime)

    @property
    def stages(self) -> list[Stage]:
        """The stages that can be filed about now, for any of the kinds."""
        return list(dict.fromkeys(one.stage for one in self.chances if one.open))

    @property
    def all_stages(self) -> list[Stage]:
        return list(dict.fromkeys(one.stage for one in self.chances))


def first_lot(tx: Tx, tender_id: str) -> LotContext:
    """The first lot of a published tender; `NotFound` for every other."""
    lots = tenders.lots_of(tx, tender_id)
    if not lots:
        raise NotFound
    return tenders.published_lot(tx, lots[0].id)


def outlook_of(tx: Tx, tender_id: str, *, at: datetime) -> Outlook:
    """The same for everybody; `NotFound` before the tender is published."""
    first = first_lot(tx, tender_id)
    lots = [tenders.lot_context(tx, lot.id) for lot in tenders.lots_of(tx, tender_id)]
    holds = [(lot, one) for lot in lots for one in holds_of(tx, lot.lot_id)]
    chances = [
        _chance(tx, lot, kind, stage, at)
        for kind in kinds_of(first.rule_set.regime)
        for stage in _stages(first, kind)
        for lot in lots
    ]
    return Outlook(
        tender_id=tender_id,
        tender_code=first.tender_code,
        title=first.title,
        regime=first.rule_set.regime,
        rules=first.rule_set,
        department=first.regulator.name,
        lots=tuple(lots),
        chances=tuple(chances),
        standing=tuple(pair for pair in holds if pair[1].ended_at is None or at < pair[1].ended_at),
        past=tuple(pair for pair in holds if pair[1].ended_at is not None and pair[1].ended_at <= at),
    )


def _stages(lot: LotContext, kind: Kind) -> list[Stage]:
    """The stages of this round: its documents are those of a prequalification, or of a tender."""
    found = way(lot.rule_set.regime, kind)
    other = Stage.DOCUMENTS if lot.content.prequalifies else Stage.PQ_DOCUMENTS
    return [stage for stage in found.reply if stage is not other] if found else []


def _chance(tx: Tx, lot: LotContext, kind: Kind, stage: Stage, at: datetime) -> Chance:
    found = way(lot.rule_set.regime, kind)
    assert found is not None  # the kinds are the regime's own
    rule, limit, is_open = found.last.get(stage), None, True
    try:
        anchors = facts.anchors_of(tx, lot, at=at)
        limit = clocks.filing_limit(lot.rule_set, found, stage, anchors, calendar=calendar_of(tx), at=at)
    except clocks.NotYet:
        is_open = False
    over = limit is not None and at >= limit.at
    return Chance(
        lot=lot,
        kind=kind,
        stage=stage,
        open=is_open and not over,
        over=over,
        limit=limit,
        rule=rule or "",
        article=article_of(lot.rule_set[rule]) if rule else None,
        verified=lot.rule_set[rule].verified if rule else True,
    )
