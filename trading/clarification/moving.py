"""What a clarification does to the deadline T: whether it has to move, to when, and how (T04, T05, G05)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from govcore.calendar import Calendar
from govcore.calendar.queries import calendar_of
from govcore.clock import BEIJING, start_text
from govcore.db import Tx
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor, require
from trading.clarification import moves, queries
from trading.clarification.models import Clarification
from trading.clarification.policy import Move
from trading.clarification.queries import Party
from trading.clarification.schemas import EffectShown, Preparation
from trading.procedure import deadlines
from trading.procedure.policy import DAYS, SECONDS, RuleSet, Unit
from trading.procedure.rules import rule_set
from trading.procedure.words import article_of, length_of
from trading.tender import keys
from trading.tender.models import Lot
from trading.tender.periods import change_rule
from trading.tender.policy import bidding_open
from trading.tender.queries import content_of


class BiddingOver(Problem):
    code = "E_CLARIFICATION_LATE"
    text = "No lot of this tender takes bids any more; nothing can be clarified or changed."


class DeadlineTooNear(Problem):
    """A change that touches bids is released only together with a schedule that leaves bidders their days."""

    code = "E_DEADLINE_NEAR"
    text = (
        "{rule} · {article}: in {lot} fewer than {period} are left until the deadline. "
        "It has to move to {earliest} or later, by a schedule that two people of the tenderer sign."
    )


def open_lots(lots: Sequence[Lot], at: datetime) -> list[Lot]:
    """The lots that take bids now: a clarification is about these."""
    return [lot for lot in lots if bidding_open(lot.state, lot.deadline_at, at)]


def effects(tx: Tx, held: Party, row: Clarification, *, at: datetime) -> list[EffectShown]:
    """For every lot that takes bids: the rule, what is left, and the earliest lawful deadline where it must move."""
    touches = queries.content_of(row).touches_bids
    return [_effect(tx, held, row, lot, touches=touches, at=at) for lot in open_lots(held.lots, at)]


def _effect(tx: Tx, held: Party, row: Clarification, lot: Lot, *, touches: bool, at: datetime) -> EffectShown:
    assert lot.deadline_at is not None  # it takes bids
    rules, calendar = rule_set(held.tender.rule_set), calendar_of(tx)
    rule = change_rule(rules, content_of(held.tender))
    judged = judge(rules, rule.id, at, lot.deadline_at, calendar=calendar)
    staged = row.schedules.get(lot.id)
    return EffectShown(
        lot_id=lot.id,
        lot_number=lot.number,
        lot_name=lot.name,
        rule=rule.id,
        basis=[(article.law, article.number) for article in rule.basis],
        rule_set=rules.id,
        version=rules.version,
        calendar=calendar.version,
        released_on=at.astimezone(BEIJING).date().isoformat(),
        deadline_at=lot.deadline_at,
        left=judged.left,
        least=rule.number,
        unit=rule.unit,
        earliest=judged.earliest if touches else None,
        suggested=judged.suggested if touches else None,
        moved_to=keys.deadline_in(staged) if staged else None,
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """What is left from a release to a deadline in the rule's unit; null moments where the deadline may stay."""

    left: int
    earliest: datetime | None
    suggested: datetime | None


def judge(
    rules: RuleSet, rule: str, released_at: datetime, deadline: datetime, *, calendar: Calendar
) -> Judged:
    """Hold a deadline against the least distance from a change that touches bids: T04, T05, G05.

    The suggested deadline is on a working day, at the old one's hour.
    """
    left = _left(rules[rule].unit, released_at, deadline, calendar)
    limit = deadlines.earliest(rules, rule, released_at, calendar=calendar).at
    if limit <= deadline:
        return Judged(left, None, None)
    if rules[rule].unit not in DAYS:
        return Judged(left, limit, limit)
    day = deadlines.suggested(rules, rule, released_at, calendar=calendar).at.astimezone(BEIJING).date()
    hour = deadline.astimezone(BEIJING).time()
    return Judged(left, limit, datetime.combine(day, hour, BEIJING).astimezone(UTC))


def _left(unit: Unit, start: datetime, end: datetime, calendar: Calendar) -> int:
    first, last = start.astimezone(BEIJING).date(), end.astimezone(BEIJING).date()
    if unit is Unit.WORKING_DAY:
        return calendar.working_days_between(first, last)
    if unit is Unit.DAY:
        return (last - first).days
    return int((end - start).total_seconds()) // SECONDS[unit]


def preparation(tx: Tx, tender_id: str, *, actor: Actor, at: datetime) -> Preparation:
    """The clarification in preparation with its effects now; `NotFound` when there is none, or for others."""
    row = queries.preparation_of(tx, tender_id, actor=actor)
    if row is None:
        raise NotFound
    held = queries.party(tx, tender_id, actor=actor)
    return Preparation(
        id=row.id,
        number=row.number,
        state=row.state,
        content=queries.content_of(row),
        effects=effects(tx, held, row, at=at),
        returned_for=row.returned_for,
    )


def keep_schedule(tx: Tx, clarification_id: str, lot_id: str, envelope: str, *, actor: Actor) -> None:
    """Keep a lot's next schedule, signed by two of the tenderer's people, for the moment of the release."""
    require(actor, "schedule.sign")
    row, party = moves.held(tx, clarification_id, Move.RELEASE, actor=actor)
    if lot_id not in {lot.id for lot in party.lots}:
        raise NotFound
    keys.check_schedule(tx, lot_id, envelope.encode(), actor=actor)
    row.schedules = row.schedules | {lot_id: envelope}


def short(found: Sequence[EffectShown]) -> list[EffectShown]:
    """The lots whose deadline must move further than the signed schedules move it."""
    return [
        one
        for one in found
        if one.earliest is not None and (one.moved_to is None or one.moved_to < one.earliest)
    ]


def check(found: Sequence[EffectShown]) -> None:
    """Raise `BiddingOver`, or `DeadlineTooNear` for a lot whose deadline must move further than it does."""
    if not found:
        raise BiddingOver
    for one in short(found):
        rule = rule_set(one.rule_set)[one.rule]
        raise DeadlineTooNear(
            rule=one.rule,
            article=article_of(rule),
            lot=one.lot_name,
            period=length_of(rule),
            earliest=start_text(one.earliest or one.deadline_at),
        )


def move(tx: Tx, row: Clarification, *, actor: Actor) -> None:
    """Let the kept schedules count: the lots' only deadlines from this transaction on."""
    for lot_id in sorted(row.schedules):
        keys.put_schedule(tx, lot_id, row.schedules[lot_id].encode(), actor=actor)
