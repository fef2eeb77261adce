"""A limit as a row keeps it: the moment, and what it was reckoned from, so that it can be explained and moved."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from govcore.calendar import Calendar
from trading.procedure.deadlines import Limit, reckon
from trading.procedure.rules import rule_set


def plain(limit: Limit) -> dict[str, Any]:
    """The limit for a JSON column; `from_plain` reads it."""
    return {
        "rule": limit.rule,
        "rule_set": limit.rule_set,
        "version": limit.version,
        "calendar": limit.calendar,
        "start": limit.start.isoformat(),
        "at": limit.at.isoformat(),
        "provisional": limit.provisional,
        "frozen": [[begin.isoformat(), end.isoformat()] for begin, end in limit.frozen],
    }


def from_plain(kept: dict[str, Any]) -> Limit:
    return Limit(
        at=_moment(kept["at"]),
        provisional=kept["provisional"],
        rule=kept["rule"],
        rule_set=kept["rule_set"],
        version=kept["version"],
        start=_moment(kept["start"]),
        frozen=tuple((_moment(begin), _moment(end)) for begin, end in kept["frozen"]),
        calendar=kept["calendar"],
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def reckon_again(limit: Limit, *, calendar: Calendar) -> Limit:
    """The same limit by another calendar, under the rule set it was made with.

    One that hangs on another (a complaint on a reply) is reckoned by its owner from the first of them.
    """
    return reckon(rule_set(limit.rule_set), limit.rule, limit.start, calendar=calendar, spans=limit.frozen)
