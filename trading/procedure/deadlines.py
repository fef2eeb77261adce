"""Periods counted as the law counts them: from aware moments to the moment a day ends, or to the second.

Days are days of Beijing. The first day is not counted; a day ends at 24:00, which is the moment the next one begins.
A moment that a period ends at is the first that is no longer in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from govcore.calendar import Calendar, Due, RollPolicy
from govcore.clock import BEIJING, start_text
from govcore.errors import Problem
from trading.procedure.policy import DAYS, SECONDS, Kind, Parameter, RuleSet, Unit
from trading.procedure.spans import Span, moved, union
from trading.procedure.words import article_of, length_of

_DAY = timedelta(days=1)
_SALE = frozenset({"T02", "G02", "G02.consultation"})
"""The sale of documents, whose first day some centres count."""


class Limit(NamedTuple):
    """A moment that a rule sets, and all that is needed to explain or reckon it again."""

    at: datetime
    provisional: bool
    rule: str
    rule_set: str
    version: str
    start: datetime
    frozen: tuple[Span, ...] = ()
    calendar: str = ""

    @property
    def last_day(self) -> date:
        """The Beijing day it falls in; of a period that ends at 24:00, the day that ends then."""
        return _day(self.at - timedelta(microseconds=1))


class PeriodTooShort(Problem):
    code = "E_PERIOD"
    text = "{rule} · {article}: at least {period} must lie between; the earliest moment is {earliest}."


def earliest(rules: RuleSet, rule: str, start: datetime, *, calendar: Calendar) -> Limit:
    """The earliest lawful moment of what must keep a distance from `start` (GAP)."""
    one = rules.period(rule, Kind.GAP)
    if one.unit not in DAYS:
        return _limit(rules, one, start, _after(one, start))
    counted = _counted(one, _day(start), one.number, calendar)
    at = _midnight(counted.day + _DAY if is_strict(rules) else counted.day)
    return _limit(rules, one, start, at, counted.provisional, calendar=calendar)


def suggested(rules: RuleSet, rule: str, start: datetime, *, calendar: Calendar) -> Limit:
    """The earliest lawful moment, moved later to a working day where the rule set says so; never earlier."""
    limit = earliest(rules, rule, start, calendar=calendar)
    if rules[rule].unit not in DAYS or rules.choice("min_period.move_to_workday") != "YES":
        return limit
    moved = calendar.rolled(_day(limit.at))
    return limit._replace(at=_midnight(moved.day), provisional=limit.provisional or moved.provisional)


def check_gap(rules: RuleSet, rule: str, start: datetime, end: datetime, *, calendar: Calendar) -> None:
    """Raise `PeriodTooShort`, naming rule and article, when `end` comes too soon after `start`."""
    limit = earliest(rules, rule, start, calendar=calendar)
    if end < limit.at:
        one = rules[rule]
        raise PeriodTooShort(
            rule=rule, article=article_of(one), period=length_of(one), earliest=start_text(limit.at)
        )


def window_end(rules: RuleSet, rule: str, start: datetime, *, calendar: Calendar) -> Limit:
    """The end of a time that something stays open (WINDOW): 24:00 of a working day; then the next act is lawful."""
    one = rules.period(rule, Kind.WINDOW)
    if one.unit not in DAYS:
        return _limit(rules, one, start, _after(one, start))
    raw = _counted(one, _day(start), one.number - counts_first_day(rules, rule), calendar)
    last = calendar.rolled(raw.day)
    provisional = raw.provisional or last.provisional
    return _limit(rules, one, start, _midnight(last.day + _DAY), provisional, calendar=calendar)


def last_moment(rules: RuleSet, rule: str, deadline: datetime) -> Limit:
    """The end of the last day before a deadline (LAST_DAY), never moved by holidays; it moves with the deadline."""
    one = rules.period(rule, Kind.LAST_DAY)
    if one.unit not in DAYS:
        at = deadline - timedelta(seconds=one.number * SECONDS[one.unit])
        return _limit(rules, one, deadline, at)
    return _limit(rules, one, deadline, _midnight(_day(deadline) - one.number * _DAY + _DAY))


def due(
    rules: RuleSet,
    rule: str,
    start: datetime,
    *,
    calendar: Calendar,
    frozen: Sequence[Span] = (),
    uncounted: Sequence[Span] = (),
) -> Limit:
    """Until when something must be done (DUE, moved off holidays), may last (CAP) or is valid (TERM, both never moved).

    `frozen` are suspensions that are over; a rule that they stop runs so much longer. One that still lasts is given
    with the present moment as its end. `uncounted` is time that the rule itself leaves out.
    """
    one = rules.period(rule, Kind.DUE, Kind.CAP, Kind.TERM)
    stops = union(frozen) if frozen and one.freezes else ()
    if one.unit not in DAYS:
        left_out = sum((end - begin for begin, end in uncounted), timedelta(0))
        at = moved(_after(one, start) + left_out, start=start, frozen=stops)
        return _limit(rules, one, start, at, frozen=tuple(uncounted) or stops)
    told = list(uncounted)
    added = sum(_days_lost(one, begin, end, calendar) for begin, end in told)
    last = _last_day(rules, one, start, added, calendar)
    for begin, end in stops:
        if begin >= _midnight(last.day + _DAY):
            break
        if end > start:
            told.append((begin, end))
        added += _days_lost(one, max(begin, start), end, calendar)
        last = _last_day(rules, one, start, added, calendar)
    at = _midnight(last.day + _DAY)
    return _limit(rules, one, start, at, last.provisional, frozen=tuple(told), calendar=calendar)


def reckon(
    rules: RuleSet, rule: str, start: datetime, *, calendar: Calendar, spans: Sequence[Span] = ()
) -> Limit:
    """The limit that a period sets, whatever its kind; `spans` are suspensions, or what the rule itself leaves out."""
    one = rules.period(rule)
    if one.kind is Kind.GAP:
        return earliest(rules, rule, start, calendar=calendar)
    if one.kind is Kind.WINDOW:
        return window_end(rules, rule, start, calendar=calendar)
    if one.kind is Kind.LAST_DAY:
        return last_moment(rules, rule, start)
    if one.freezes:
        return due(rules, rule, start, calendar=calendar, frozen=spans)
    return due(rules, rule, start, calendar=calendar, uncounted=spans)


def is_strict(rules: RuleSet) -> bool:
    """Whether a least period needs whole days after the first."""
    return rules.choice("min_period.strict") == "YES"


def counts_first_day(rules: RuleSet, rule: str) -> bool:
    """Whether the first day of this window counts, which only a sale of documents may do."""
    return rule in _SALE and rules.choice("sale_period.counting") == "START_INCLUDED"


def _last_day(rules: RuleSet, one: Parameter, start: datetime, added: int, calendar: Calendar) -> Due:
    raw = _counted(one, _day(start), one.number + added, calendar)
    if one.kind is not Kind.DUE or one.unit is Unit.WORKING_DAY:
        return raw
    return calendar.rolled(raw.day, RollPolicy(rules.choice("roll.policy")))


def _days_lost(one: Parameter, begin: datetime, end: datetime, calendar: Calendar) -> int:
    """What a suspension adds: days between its two dates, or the working days after the first up to the last."""
    first, last = _day(begin), _day(end)
    if one.unit is Unit.WORKING_DAY:
        return calendar.working_days_between(first, last)
    return max((last - first).days, 0)


def _counted(one: Parameter, start: date, days: int, calendar: Calendar) -> Due:
    if one.unit is Unit.WORKING_DAY:
        return calendar.due_after(start, days)
    return Due(start + days * _DAY, provisional=False)


def _after(one: Parameter, start: datetime) -> datetime:
    return start + timedelta(seconds=one.number * SECONDS[one.unit])


def _day(moment: datetime) -> date:
    return moment.astimezone(BEIJING).date()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), BEIJING).astimezone(UTC)


def _limit(
    rules: RuleSet,
    one: Parameter,
    start: datetime,
    at: datetime,
    provisional: bool = False,
    *,
    frozen: tuple[Span, ...] = (),
    calendar: Calendar | None = None,
) -> Limit:
    version = calendar.version if calendar else ""
    return Limit(at, provisional, one.id, rules.id, rules.version, start, frozen, version)
