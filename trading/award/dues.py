"""Until when each step of an award is due: reckoned by the round's rule set when asked, never stored."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from govcore.calendar.queries import calendar_of
from govcore.db import Tx
from trading.award import queries
from trading.award.models import Handover, Publicity, Report
from trading.award.policy import Basis
from trading.award.queries import Awarded
from trading.evaluation.queries import began_again_at, completed_at
from trading.procedure import deadlines
from trading.procedure.deadlines import Limit
from trading.procedure.policy import Parameter, Regime
from trading.tender.policy import LotState, Step
from trading.tender.queries import LotContext
from trading.tender.suspensions import frozen_of


@dataclass(frozen=True, slots=True, kw_only=True)
class DueStep:
    """Something that must be done in time; `text` is a key of the catalogue, `done_at` is empty while it is not.

    A time that `lapses` decides by its end, so nobody is late.
    """

    text: str
    limit: Limit
    rule: Parameter
    done_at: datetime | None = None
    lapses: bool = False

    def late(self, now: datetime) -> bool:
        """Whether it was done, or still waits, after its time."""
        return not self.lapses and (self.done_at or now) >= self.limit.at


def publicity_start(tx: Tx, context: LotContext) -> Limit:
    """When the candidates must be published (T18 · 实施条例 art. 54), from the moment the report was there."""
    received = completed_at(tx, context.lot_id)
    assert received is not None  # the lot is evaluated
    return _due(tx, context, "T18.start", received, Step.PUBLICITY)


def publicity_end(tx: Tx, context: LotContext, start: datetime) -> datetime:
    """When a publicity that begins now ends: 24:00 of a working day (T18 · 实施条例 art. 54)."""
    return deadlines.window_end(context.rule_set, "T18", start, calendar=calendar_of(tx)).at


def silence(tx: Tx, context: LotContext) -> Limit | None:
    """When silence chooses the first (G16 · 政府采购法实施条例 art. 43); nothing before the report was received."""
    received = received_at(tx, context.lot_id)
    return None if received is None else _due(tx, context, "G16.decide", received, Step.AWARD)


def received_at(tx: Tx, lot_id: str) -> datetime | None:
    """When the purchaser received the present report; nothing while it only has one from before a new evaluation."""
    given, again = tx.get(Handover, lot_id), began_again_at(tx, lot_id)
    return given.at if given is not None and (again is None or given.at >= again) else None


def contract(tx: Tx, context: LotContext, awarded_at: datetime) -> Limit:
    """When the contract of an award notice sent at this moment must be signed (T21, G18)."""
    rule = "G18" if context.rule_set.regime is Regime.GP else "T21"
    return _due(tx, context, rule, awarded_at, Step.CONTRACT)


def result_notice_end(tx: Tx, context: LotContext, published_at: datetime) -> datetime:
    """When the period of a result notice ends (G17 · 87号令 art. 69)."""
    found = deadlines.window_end(context.rule_set, "G17.notice", published_at, calendar=calendar_of(tx))
    return found.at


def report(tx: Tx, context: LotContext, decided_at: datetime) -> Limit:
    """When the written report to supervision is due (T20 · 招标投标法 art. 47)."""
    return _due(tx, context, "T20", decided_at, Step.AWARD)


def steps(tx: Tx, context: LotContext) -> list[DueStep]:
    """All that is or was due from the evaluation to the announced award, in the order of time."""
    if completed_at(tx, context.lot_id) is None:
        return []
    bought = context.rule_set.regime is Regime.GP
    found = _purchase_steps(tx, context) if bought else _tender_steps(tx, context)
    for award in queries.awards_of(tx, context.lot_id):
        if bought:
            limit = _due(tx, context, "G17", _decision_day(award), Step.AWARD)
            text = "Publish the result and send the award notice"
            found.append(_step(context, text, limit, award.announced_at))
        elif award.announced_at is not None and award.out is None:
            sent = tx.get(Report, (context.lot_id, award.n))
            limit = report(tx, context, award.decided_at)
            text = "Report the award to the supervising department"
            found.append(_step(context, text, limit, sent.sent_at if sent else None))
    return found


def _decision_day(award: Awarded) -> datetime:
    """A moment of the day of a decision: what silence decided at 24:00 belongs to the day that ended."""
    ended = award.basis is Basis.DEEMED
    return award.decided_at - timedelta(microseconds=1) if ended else award.decided_at


def _tender_steps(tx: Tx, context: LotContext) -> list[DueStep]:
    publicity = tx.get(Publicity, context.lot_id)
    if publicity is None and context.state != LotState.EVALUATED:
        return []
    begun = publicity.published_at if publicity and context.state != LotState.EVALUATED else None
    return [_step(context, "Publish the candidates", publicity_start(tx, context), begun)]


def _purchase_steps(tx: Tx, context: LotContext) -> list[DueStep]:
    received, done = received_at(tx, context.lot_id), completed_at(tx, context.lot_id)
    assert done is not None  # the caller asked
    limit = _due(tx, context, "G16", done, Step.AWARD)
    found = [_step(context, "Give the purchaser the report", limit, received)]
    ends = silence(tx, context)
    if ends is not None:
        first = next(iter(queries.awards_of(tx, context.lot_id)), None)
        text = "The purchaser decides; silence chooses the candidate ranked first"
        step = _step(context, text, ends, first.decided_at if first else None)
        found.append(replace(step, lapses=True))
    return found


def _step(context: LotContext, text: str, limit: Limit, done_at: datetime | None) -> DueStep:
    return DueStep(text=text, limit=limit, rule=context.rule_set[limit.rule], done_at=done_at)


def _due(tx: Tx, context: LotContext, rule: str, start: datetime, step: Step) -> Limit:
    frozen = frozen_of(tx, context.lot_id, step)
    return deadlines.due(context.rule_set, rule, start, calendar=calendar_of(tx), frozen=frozen)
