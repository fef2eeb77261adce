"""The clocks of one case as people read them: what runs, until when, by which article, and whether it was met."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from govcore.calendar import Calendar
from govcore.db import Tx
from govcore.errors import Detail
from trading.challenge import clocks, facts
from trading.challenge.models import Case, Order
from trading.challenge.policy import CLOCK_WORDS, Kind, Stage, State, way
from trading.procedure.deadlines import Limit
from trading.procedure.explaining import explain
from trading.procedure.words import article_of
from trading.tender.queries import LotContext


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One due moment; `text` is a key of the catalogue. Met at `met_at`, running while that is empty."""

    text: str
    limit: Limit
    article: Detail
    verified: bool
    met_at: datetime | None = None
    why: tuple[Detail, ...] = ()
    """How the moment was reckoned; empty where nobody asked."""

    @property
    def at(self) -> datetime:
        return self.limit.at

    @property
    def running(self) -> bool:
        return self.met_at is None

    @property
    def late(self) -> bool:
        return self.met_at is not None and self.met_at >= self.limit.at


def clocks_of(
    tx: Tx,
    case: Case,
    lot: LotContext,
    orders: Sequence[Order],
    *,
    calendar: Calendar,
    at: datetime,
    explained: bool = False,
) -> list[Clock]:
    """Every clock of a case in the order of the procedure; `explained` with how each was reckoned."""
    if case.kind == Kind.COMPLAINT:
        found = _complaint(tx, case, lot, orders, calendar, at)
    else:
        found = _case(tx, case, lot, calendar)
    kept = [clock for clock in found if not (clock.running and case.state in _OVER)]
    if not explained:
        return kept
    rules = lot.rule_set
    return [replace(one, why=explain(rules, one.limit, calendar=calendar).lines) for one in kept]


_OVER = frozenset({State.WITHDRAWN, State.REFUSED})


def _case(tx: Tx, case: Case, lot: LotContext, calendar: Calendar) -> Iterator[Clock]:
    rules, found = lot.rule_set, way(lot.rule_set.regime, case.kind)
    if found is None:
        return
    due = clocks.reply_due(rules, found, Stage(case.stage), case.received_at, calendar=calendar)
    yield _clock(lot, "reply", due, case.settled_at)
    if case.kind == Kind.QUERY or case.state == State.WITHDRAWN:
        return
    prior = facts.prior_of(tx, lot, case)
    limit = clocks.complaint_due(rules, case.known_at, prior, calendar=calendar)
    complained = facts.complained_at(tx, case.id)
    yield _clock(lot, "complaint", limit, complained)


def _complaint(
    tx: Tx, case: Case, lot: LotContext, orders: Sequence[Order], calendar: Calendar, at: datetime
) -> Iterator[Clock]:
    rules = lot.rule_set
    accepted = case.accepted_at or (case.settled_at if case.state == State.REFUSED else None)
    due = clocks.acceptance_due(rules, case.complete_at, calendar=calendar)
    yield _clock(lot, "acceptance", due, accepted)
    if copies := clocks.copies_due(rules, case.complete_at, calendar=calendar):
        yield _clock(lot, "copies", copies, accepted)
    if case.accepted_at is None:
        return
    if statement := clocks.statement_due(rules, case.accepted_at, calendar=calendar):
        yield _clock(lot, "statement", statement, facts.stated_at(tx, case.id))
    pauses = facts.pauses_of(tx, case.id, at=at)
    decision = clocks.decision_due(rules, case.accepted_at, pauses, calendar=calendar)
    yield _clock(lot, "decision", decision, case.settled_at)
    for order in orders:
        if cap := clocks.order_cap(rules, order.ordered_at, calendar=calendar):
            yield _clock(lot, "order", cap, order.ended_at)


def _clock(lot: LotContext, name: str, limit: Limit, met_at: datetime | None) -> Clock:
    rule = lot.rule_set[limit.rule]
    return Clock(
        text=CLOCK_WORDS[name], limit=limit, article=article_of(rule), verified=rule.verified, met_at=met_at
    )
