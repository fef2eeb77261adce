"""Until when people may complain or challenge: periods that hang on others (实施条例 60, 政府采购法 52-55)."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from govcore.calendar import Calendar
from trading.procedure.deadlines import Limit, due, window_end
from trading.procedure.policy import DAYS, RuleSet

_MOMENT = timedelta(microseconds=1)


class Matter(StrEnum):
    """What a challenge is about (政府采购法实施条例 53)."""

    DOCUMENTS = "documents"
    PROCESS = "process"
    RESULT = "result"


def complaint_due(
    rules: RuleSet,
    known: datetime,
    *,
    calendar: Calendar,
    filed: datetime | None = None,
    replied: datetime | None = None,
    reply_rule: str = "T08",
) -> Limit:
    """Until when a tender may be complained about (实施条例 60); moved off holidays once.

    Where an objection had to come first, its own time is not counted: from `filed` to `replied`, or to the day the
    reply is due by while there is none. Reckon again when it comes.
    """
    if filed is None:
        return due(rules, "T29", known, calendar=calendar)
    reply = replied or within(due(rules, reply_rule, filed, calendar=calendar), rules)
    return due(rules, "T29", known, calendar=calendar, uncounted=[(filed, reply)])


def known_at(rules: RuleSet, matter: Matter, moment: datetime, *, calendar: Calendar) -> datetime:
    """When a supplier should have known (政府采购法实施条例 53).

    `moment` is for the documents when they were received, for the process when the stage ended, for the result
    when it was published: then the end of its notice period counts. Who received no documents has `end_of_notice`.
    """
    if matter is not Matter.RESULT:
        return moment
    return within(window_end(rules, "G17.notice", moment, calendar=calendar), rules)


def end_of_notice(rules: RuleSet, published: datetime, *, calendar: Calendar) -> datetime:
    """When who did not receive the documents should have known of them: the end of the notice period."""
    return within(window_end(rules, "G01", published, calendar=calendar), rules)


def challenge_due(rules: RuleSet, known: datetime, *, calendar: Calendar) -> Limit:
    """Until when a purchase may be challenged (政府采购法 52)."""
    return due(rules, "G21.challenge", known, calendar=calendar)


def challenge_complaint_due(rules: RuleSet, received: datetime, *, calendar: Calendar) -> Limit:
    """Until when a challenge received then may become a complaint: after the time for the reply, however early it came
    (政府采购法 55)."""
    reply = due(rules, "G21.reply", received, calendar=calendar)
    return due(rules, "G21.complaint", within(reply, rules), calendar=calendar)


def within(limit: Limit, rules: RuleSet) -> datetime:
    """The last moment inside a period, from which another begins."""
    return limit.at - _MOMENT if rules[limit.rule].unit in DAYS else limit.at
