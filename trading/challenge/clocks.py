"""The clocks of cases: until when to file, reply, complain, accept and decide, each by its rule (domain: I1-I3).

Pure functions of a rule set, a calendar and facts. No due date is stored, so a new holiday notice moves what is not
met yet by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from govcore.calendar import Calendar
from govcore.clock import end_text
from govcore.errors import Problem
from trading.challenge.policy import COMPLAINTS, Stage, Way
from trading.procedure import deadlines
from trading.procedure.deadlines import Limit
from trading.procedure.policy import Regime, RuleSet
from trading.procedure.spans import Span
from trading.procedure.words import article_of


class TooLate(Problem):
    code = "E_CASE_LATE"
    text = "{rule} · {article}: this could be filed until {until} Beijing time."


class NotYet(Problem):
    code = "E_CASE_EARLY"
    text = "{rule} · {article}: there is nothing of this kind to object to yet."


class ReplyPending(Problem):
    code = "E_REPLY_PENDING"
    text = (
        "{rule} · {article}: the tenderer may still reply until {until} Beijing time. "
        "A complaint is possible once it has replied, or then."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchors:
    """The facts of a lot from which its periods run; empty is what has not happened.

    `received_at` is when this filer got the documents, as far as its receipt says. While the candidates' publicity is
    held by an earlier objection it goes on.
    """

    published_at: datetime | None = None
    deadline_at: datetime | None = None
    pq_deadline_at: datetime | None = None
    received_at: datetime | None = None
    opened_at: datetime | None = None
    publicity_from: datetime | None = None
    publicity_until: datetime | None = None
    publicity_held: bool = False
    result_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """The objection or challenge before a complaint: when it was filed, until when the reply was due, when it came."""

    filed_at: datetime
    due_at: datetime
    replied_at: datetime | None


def filing_limit(
    rules: RuleSet, way: Way, stage: Stage, anchors: Anchors, *, calendar: Calendar, at: datetime
) -> Limit | None:
    """Until when this can be filed; nothing where no rule sets an end. Raise `NotYet` before there is anything."""
    rule = way.last.get(stage)
    if rule is None:
        return None
    if way.regime is Regime.TB:
        return _objection_limit(rules, rule, stage, anchors, at=at)
    known = _should_have_known(rules, rule, stage, anchors, calendar=calendar)
    return deadlines.due(rules, rule, known, calendar=calendar)


def _objection_limit(
    rules: RuleSet, rule: str, stage: Stage, anchors: Anchors, *, at: datetime
) -> Limit | None:
    """Before the deadline for the documents, during the publicity for the result (实施条例 art. 22, 54)."""
    if stage is Stage.RESULT:
        if anchors.publicity_from is None or anchors.publicity_until is None:
            raise NotYet(rule=rule, article=article_of(rules[rule]))
        if anchors.publicity_held and at >= anchors.publicity_until:
            return None  # it cannot end before the reply (实施条例 art. 54), so it goes on
        return _set(rules, rule, anchors.publicity_from, anchors.publicity_until)
    deadline = anchors.pq_deadline_at if stage is Stage.PQ_DOCUMENTS else anchors.deadline_at
    if deadline is None:
        raise NotYet(rule=rule, article=article_of(rules[rule]))
    return deadlines.last_moment(rules, rule, deadline)


def _should_have_known(
    rules: RuleSet, rule: str, stage: Stage, anchors: Anchors, *, calendar: Calendar
) -> datetime:
    """The day a supplier should have known (政府采购法实施条例 art. 53, G22); of two days the one that favours it."""
    if stage in (Stage.DOCUMENTS, Stage.PQ_DOCUMENTS) and anchors.published_at is not None:
        notice = _end_of_notice(rules, "G01", anchors.published_at, calendar=calendar)
        return max(notice, anchors.received_at or notice)
    if stage is Stage.PROCESS and anchors.opened_at is not None:
        return anchors.opened_at
    if stage is Stage.RESULT and anchors.result_at is not None:
        return _end_of_notice(rules, "G17.notice", anchors.result_at, calendar=calendar)
    raise NotYet(rule="G22", article=article_of(rules["G22"]))


def _end_of_notice(rules: RuleSet, rule: str, published: datetime, *, calendar: Calendar) -> datetime:
    return _just_before(deadlines.window_end(rules, rule, published, calendar=calendar).at)


def check_filing(rules: RuleSet, limits: Iterable[Limit | None], *, at: datetime) -> None:
    """Raise `TooLate`, naming rule and article, when the last moment is over for any of the lots."""
    for limit in limits:
        if limit is not None and at >= limit.at:
            raise _late(rules, limit)


def reply_due(rules: RuleSet, way: Way, stage: Stage, received_at: datetime, *, calendar: Calendar) -> Limit:
    """Until when the tenderer must reply (T08, T19, G21); no suspension moves it."""
    return deadlines.due(rules, way.reply[stage], received_at, calendar=calendar)


def complaint_due(rules: RuleSet, known_at: datetime, prior: Prior | None, *, calendar: Calendar) -> Limit:
    """Until when a complaint can be filed (T29, G21.complaint).

    TB: ten days from knowing, plus the days from objection to reply; without a reply its due day stands for it, so the
    limit is another one once the reply comes. GP: fifteen working days from the end of the time for the reply, even
    where the reply came early.
    """
    rule = COMPLAINTS[rules.regime].last
    if prior is None:
        return deadlines.due(rules, rule, known_at, calendar=calendar)
    if rules.regime is Regime.GP:
        return deadlines.due(rules, rule, _just_before(prior.due_at), calendar=calendar)
    replied = prior.replied_at or _just_before(prior.due_at)
    return deadlines.due(rules, rule, known_at, calendar=calendar, uncounted=[(prior.filed_at, replied)])


def check_complaint(
    rules: RuleSet, known_at: datetime, prior: Prior | None, *, calendar: Calendar, at: datetime
) -> None:
    """Raise `ReplyPending` while the reply may still come, `TooLate` after the last moment."""
    limit = complaint_due(rules, known_at, prior, calendar=calendar)
    if prior is not None and prior.replied_at is None and at < prior.due_at:
        article = article_of(rules[limit.rule])
        raise ReplyPending(rule=limit.rule, article=article, until=end_text(prior.due_at))
    if at >= limit.at:
        raise _late(rules, limit)


def acceptance_due(rules: RuleSet, complete_at: datetime, *, calendar: Calendar) -> Limit:
    """Until when the regulator accepts, or says what is missing (T30; in procurement G21.supplement)."""
    return deadlines.due(rules, COMPLAINTS[rules.regime].accept, complete_at, calendar=calendar)


def decision_due(
    rules: RuleSet, accepted_at: datetime, pauses: Sequence[Span], *, calendar: Calendar
) -> Limit:
    """Until when it decides; testing, inspection and expert review do not count (T30.decide, G21.decide)."""
    rule = COMPLAINTS[rules.regime].decide
    return deadlines.due(rules, rule, accepted_at, calendar=calendar, uncounted=pauses)


def copies_due(rules: RuleSet, received_at: datetime, *, calendar: Calendar) -> Limit | None:
    rule = COMPLAINTS[rules.regime].copies
    return deadlines.due(rules, rule, received_at, calendar=calendar) if rule else None


def statement_due(rules: RuleSet, accepted_at: datetime, *, calendar: Calendar) -> Limit | None:
    """Until when the other side may make its statement, counted from the copy it gets on acceptance."""
    rule = COMPLAINTS[rules.regime].statement
    return deadlines.due(rules, rule, accepted_at, calendar=calendar) if rule else None


def order_cap(rules: RuleSet, ordered_at: datetime, *, calendar: Calendar) -> Limit | None:
    """When an order to suspend is over at the latest: a cap on a power, never moved off a holiday (GPL 57)."""
    rule = COMPLAINTS[rules.regime].order_cap
    return deadlines.due(rules, rule, ordered_at, calendar=calendar) if rule else None


def _late(rules: RuleSet, limit: Limit) -> TooLate:
    return TooLate(rule=limit.rule, article=article_of(rules[limit.rule]), until=end_text(limit.at))


def _set(rules: RuleSet, rule: str, start: datetime, at: datetime) -> Limit:
    """A limit that was published as it stands."""
    return Limit(at, False, rule, rules.id, rules.version, start)


def _just_before(end: datetime) -> datetime:
    """The last moment before a period's end: what is on its last day."""
    return end - timedelta(microseconds=1)
