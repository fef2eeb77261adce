"""Why a moment is the moment it is, in words; made when somebody asks, never stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

from govcore.calendar import Calendar
from govcore.clock import BEIJING, end_text, start_text
from govcore.errors import Detail, Problem
from trading.procedure.deadlines import Limit, counts_first_day, is_strict
from trading.procedure.policy import DAYS, Kind, Parameter, RuleSet, Unit
from trading.procedure.words import article_of, length_of

_DAY = timedelta(days=1)
_FIRST_YEAR, _LAST_YEAR = 2000, 2100
_LISTED = 12
"""So many days are named one by one; of more, the first and the last."""

COUNTING_NAMES = {
    Kind.GAP: "At least {period} must lie between the two days.",
    Kind.WINDOW: "It stays open for {period}; what comes next is lawful from 00:00 of the following day.",
    Kind.LAST_DAY: "The last day is {period} before the deadline; it moves with the deadline, holidays do not move it.",
    Kind.DUE: "It must be done within {period}.",
    Kind.CAP: "It may last for {period} at most; holidays do not move the end.",
    Kind.TERM: "It is valid for {period}; holidays do not move the end.",
}

OPEN_WORDS = "It stays open for {period}."
FIRST_DAY_NAMES = {
    False: "Counting begins after {day}; that day itself is not counted.",
    True: "Counting begins with {day}, which is counted.",
}


class NoMoment(Problem):
    code = "E_MOMENT"
    status = 422
    text = "This is no moment: {given}. Write it as 2026-03-02T09:30, in Beijing time."


@dataclass(frozen=True, slots=True)
class Explanation:
    """A limit in sentences: keys of the catalogue with what fills them. `parameter` is the rule that sets it."""

    limit: Limit
    parameter: Parameter
    article: Detail
    lines: tuple[Detail, ...]


def explain(rules: RuleSet, limit: Limit, *, calendar: Calendar) -> Explanation:
    """Start, length, days left out, suspensions, why the end moved, and what is not certain about it."""
    one = rules[limit.rule]
    return Explanation(limit, one, article_of(one), tuple(_lines(rules, one, limit, calendar)))


def _lines(rules: RuleSet, one: Parameter, limit: Limit, calendar: Calendar) -> Iterator[Detail]:
    if one.kind is Kind.LAST_DAY:
        yield Detail("The deadline is {deadline}.", deadline=start_text(limit.start))
    elif one.unit in DAYS:
        first = counts_first_day(rules, one.id)
        yield Detail(FIRST_DAY_NAMES[first], day=_text(_day(limit.start)))
    else:
        yield Detail("Counting begins at {moment}.", moment=start_text(limit.start))
    by_the_clock = one.kind is Kind.WINDOW and one.unit not in DAYS
    yield Detail(OPEN_WORDS if by_the_clock else COUNTING_NAMES[one.kind], period=length_of(one))
    for begin, end in limit.frozen:
        yield Detail("Not counted: {begin} to {end}.", begin=start_text(begin), end=start_text(end))
    if one.unit in DAYS and one.kind is not Kind.LAST_DAY:
        yield from _about_days(rules, one, limit, calendar)
    yield _end(one, limit)
    if limit.provisional:
        yield Detail(
            "Provisional: the holiday notice for these days is not published yet and may move the end."
        )
    if not one.verified:
        yield Detail("This figure is a default that was not verified in the text of the law.")


def _about_days(rules: RuleSet, one: Parameter, limit: Limit, calendar: Calendar) -> Iterator[Detail]:
    first, last = _day(limit.start) + _DAY, _last(one, limit)
    days = [first + n * _DAY for n in range((last - first).days + 1)]
    known = [day for day in days if calendar.first <= day <= calendar.last]
    if one.unit is Unit.WORKING_DAY:
        off = [day for day in known if not calendar.is_working_day(day)]
        made_up = [day for day in known if day.weekday() >= 5 and calendar.is_working_day(day)]
        if off:
            yield Detail("Left out because offices are closed: {days}.", days=_listed(off))
        if made_up:
            yield Detail(
                "Counted although at a weekend, because offices make up for a holiday: {days}.",
                days=_listed(made_up),
            )
        return
    raw = _raw_last(rules, one, limit)
    if last > raw:
        closed = [day for day in days if raw <= day < last]
        yield Detail(
            "The period ends on {raw}, when offices are closed; it moves over {days} to {last}.",
            raw=_text(raw),
            days=_listed(closed),
            last=_text(last),
        )


def _raw_last(rules: RuleSet, one: Parameter, limit: Limit) -> date:
    """The last day as it would be without holidays, given what was not counted."""
    start = _day(limit.start)
    lost = sum((_day(end) - max(_day(begin), start)).days for begin, end in limit.frozen)
    whole = one.kind is Kind.GAP and is_strict(rules)
    return start + (one.number + lost + whole - counts_first_day(rules, one.id)) * _DAY


def _last(one: Parameter, limit: Limit) -> date:
    return _day(limit.at) if one.kind is Kind.GAP else limit.last_day


def _end(one: Parameter, limit: Limit) -> Detail:
    if one.kind is Kind.GAP:
        return Detail("The earliest lawful moment is {moment}.", moment=start_text(limit.at))
    return Detail("It ends at {moment}.", moment=end_text(limit.at))


def _listed(days: Sequence[date]) -> str:
    if len(days) > _LISTED:
        return f"{_text(days[0])} … {_text(days[-1])} ({len(days)})"
    return ", ".join(_text(day) for day in days)


def _day(moment: datetime) -> date:
    return moment.astimezone(BEIJING).date()


def _text(day: date) -> str:
    return day.isoformat()


def moment_of(text: str) -> datetime:
    """A moment of this century as somebody asks about it; without a zone it is Beijing time."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise NoMoment(given=text) from error
    if not _FIRST_YEAR < found.year < _LAST_YEAR:
        raise NoMoment(given=text)
    return found if found.tzinfo else found.replace(tzinfo=BEIJING)


def address_of(limit: Limit) -> str:
    """The page that explains a limit to whoever follows the link."""
    left_out = [("left_out", f"{_utc(begin)}/{_utc(end)}") for begin, end in limit.frozen]
    named = [("rule_set_id", limit.rule_set), ("rule", limit.rule), ("start", _utc(limit.start))]
    return f"/rules/explain?{urlencode([*named, *left_out])}"


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
