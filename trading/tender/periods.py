"""How long a round must be open before its deadline: for bids, or for applications to be prequalified."""

from __future__ import annotations

from datetime import datetime, timedelta

from govcore.calendar import Calendar
from govcore.db import Tx
from trading.procedure.deadlines import check_gap, window_end
from trading.procedure.policy import (
    CHANGE_TO_APPLICATIONS,
    CHANGE_TO_DEADLINE,
    ISSUE_TO_DEADLINE,
    Parameter,
    Regime,
    RuleSet,
)
from trading.procedure.rules import rule_set
from trading.tender.models import Tender
from trading.tender.overrides import is_overridden
from trading.tender.queries import content_of
from trading.tender.schemas import TenderContent

FINAL_OFFERS = "final_offer.least"
_A_MOMENT = timedelta(seconds=1)


def check_time_to_deadline(
    tx: Tx, tender: Tender, published_at: datetime, deadline: datetime, *, calendar: Calendar
) -> None:
    """Raise `PeriodTooShort` where the round is open for less than T01 or G04, applications T03 or G03."""
    rules = rule_set(tender.rule_set)
    content = content_of(tender)
    if content.prequalifies:
        days = content.available_days or 0
        check_applications(rules, published_at, deadline, available_days=days, calendar=calendar)
        return
    least = least_time(rules, content)
    if not is_overridden(tx, tender.id, least):
        check_gap(rules, least, published_at, deadline, calendar=calendar)


def least_time(rules: RuleSet, content: TenderContent) -> str:
    """The rule of the time for bids: T01 or G04, of which a consultation has its own (214号 art. 10).

    For final offers the law leaves the time to the group (214号 art. 21).
    """
    return (
        FINAL_OFFERS if content.final else rules.under(ISSUE_TO_DEADLINE[rules.regime], content.procedure).id
    )


def change_rule(rules: RuleSet, content: TenderContent) -> Parameter:
    """How long before the deadline a change is published: T04 or G05, for applications T05 or G05.prequalification."""
    asks = CHANGE_TO_APPLICATIONS if content.prequalifies else CHANGE_TO_DEADLINE
    return rules.under(asks[rules.regime], content.procedure)


def check_applications(
    rules: RuleSet, published_at: datetime, deadline: datetime, *, available_days: int, calendar: Calendar
) -> None:
    """TB: five days after the last day on which the documents are issued (T02, T03); GP: five working days (G03)."""
    if rules.regime is Regime.GP:
        check_gap(rules, "G03", published_at, deadline, calendar=calendar)
        return
    by_rule = window_end(rules, "T02", published_at, calendar=calendar).at - _A_MOMENT
    last = max(by_rule, published_at + timedelta(days=available_days))
    check_gap(rules, "T03", last, deadline, calendar=calendar)
