"""A lot's procedure on the clock: what the law asks for, what happened, what stood still; one row for each.

A row is a line of a table and a bar beside it, both drawn from the same moments; nothing depends on bids before T.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from govcore.calendar import Calendar
from govcore.errors import Detail
from trading.clarification.schemas import ClarificationShown
from trading.desk.facts import LotFacts
from trading.desk.queries import LotLine
from trading.procedure import deadlines
from trading.procedure.deadlines import Limit
from trading.procedure.explaining import address_of
from trading.procedure.policy import CHANGE_TO_DEADLINE, ISSUE_TO_DEADLINE, Regime, RuleSet, binds
from trading.procedure.rules import rule_set
from trading.procedure.words import article_of, length_of
from trading.tender.periods import FINAL_OFFERS
from trading.tender.policy import ENDED, LotState, Step

_EDGE = 3.0
"""Percent of the width that stays free on both sides, so that the first and the last mark are whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A step or a limit; `text` is a key of the catalogue, `at` when it happened or will.

    `limit` is what the law sets, counted from `start`; `least` says that it is the earliest moment, not the last.
    """

    text: str
    data: dict[str, object] = field(default_factory=dict)
    at: datetime | None = None
    start: datetime | None = None
    limit: Limit | None = None
    least: bool = False
    alone: bool = False
    """No act answers it: it only says until when something is possible."""
    chosen: bool = False
    """The law does not oblige this project to it: the tenderer follows it by choice."""
    rules: RuleSet | None = None
    from_: float | None = None
    to: float | None = None
    mark: float | None = None

    @property
    def article(self) -> Detail | None:
        return article_of(self.rules[self.limit.rule]) if self.rules and self.limit else None

    @property
    def length(self) -> Detail | None:
        return length_of(self.rules[self.limit.rule]) if self.rules and self.limit else None

    @property
    def explained(self) -> str:
        return address_of(self.limit) if self.limit else ""

    @property
    def late(self) -> bool:
        """Whether it came after its limit, or before an earliest one."""
        if self.limit is None or self.at is None:
            return False
        return self.at < self.limit.at if self.least else self.at >= self.limit.at


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The rows of a lot in the order of time; all positions are percent of the width."""

    rows: tuple[Row, ...]
    now: float
    frozen: tuple[tuple[float, float], ...]
    """From where to where something stood still, as position and width."""


def timeline_of(
    lot: LotLine,
    facts: LotFacts,
    clarified: list[ClarificationShown],
    *,
    calendar: Calendar,
    at: datetime,
) -> Timeline:
    """The timeline of a published lot, as everybody may see it."""
    counted = _Counted(lot, facts, rule_set(lot.rule_set), calendar, at)
    rows = [row for row in _rows(counted, clarified) if row.at or row.limit]
    ends = [one.ended_at or at for one in facts.holds]
    moments = [at, *ends, *(one.began_at for one in facts.holds)]
    moments += [
        moment for row in rows for moment in (row.at, row.start, row.limit and row.limit.at) if moment
    ]
    scale = _Scale(min(moments), max(moments))
    frozen = [(scale.of(one.began_at), scale.of(one.ended_at or at)) for one in facts.holds]
    return Timeline(
        rows=tuple(_placed(row, scale) for row in rows),
        now=scale.of(at),
        frozen=tuple((begin, round(max(end - begin, 0.5), 1)) for begin, end in frozen),
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    first: datetime
    last: datetime

    def of(self, moment: datetime) -> float:
        whole = max((self.last - self.first) / timedelta(microseconds=1), 1.0)
        part = (moment - self.first) / timedelta(microseconds=1) / whole
        return round(_EDGE + part * (100 - 2 * _EDGE), 1)


def _placed(row: Row, scale: _Scale) -> Row:
    begin = scale.of(row.start) if row.start and row.limit else None
    end = scale.of(row.limit.at) if row.limit else None
    if begin is not None and end is not None and begin > end:
        begin, end = end, begin
    return replace(row, from_=begin, to=end, mark=scale.of(row.at) if row.at else None)


@dataclass(frozen=True, slots=True)
class _Counted:
    """What the rows are reckoned from."""

    lot: LotLine
    facts: LotFacts
    rules: RuleSet
    calendar: Calendar
    at: datetime

    @property
    def bought(self) -> bool:
        return self.rules.regime is Regime.GP

    def row(
        self,
        text: str,
        rule: str,
        start: datetime,
        at: datetime | None,
        step: Step | None = None,
        **data: object,
    ) -> Row:
        """A row whose limit a rule sets from `start`, without the time in which `step` stood still."""
        spans = self.facts.frozen(step, self.at) if step else ()
        limit = deadlines.reckon(self.rules, rule, start, calendar=self.calendar, spans=spans)
        least = self.rules[rule].kind.value in ("gap", "window")
        lot = self.lot
        bound = binds(self.rules[rule], mandatory=lot.mandatory, state_funded=lot.state_funded)
        return Row(
            text=text,
            data=data,
            at=at,
            start=start,
            limit=limit,
            least=least,
            chosen=not bound,
            rules=self.rules,
        )


def _rows(one: _Counted, clarified: list[ClarificationShown]) -> Iterator[Row]:
    lot, facts = one.lot, one.facts
    if lot.published_at is None:
        return
    yield Row(text="Final offers called for" if lot.final else "Tender published", at=lot.published_at)
    yield from _before_the_deadline(one, clarified, lot.published_at)
    if lot.state == LotState.FAILED and facts.read_out_at is None:
        yield Row(text="Failed: too few bids; they stay sealed and go back unopened", at=facts.closed_at)
        return
    if lot.state in ENDED:
        return
    yield Row(text="All bids read out", at=facts.read_out_at)
    yield Row(text="Report of the committee", at=facts.evaluated_at)
    if facts.evaluated_at is not None:
        yield from _purchase(one, facts.evaluated_at) if one.bought else _publicity(one, facts.evaluated_at)
    yield from _award(one)


def _before_the_deadline(
    one: _Counted, clarified: list[ClarificationShown], published_at: datetime
) -> Iterator[Row]:
    deadline = one.lot.deadline_at
    rules, procedure = one.rules, one.lot.procedure
    sale = rules.under("G02" if one.bought else "T02", procedure).id
    if not one.lot.final:
        yield one.row("Documents are given out at least until", sale, published_at, None)
    if deadline is None:
        return
    if not one.bought:
        limit = deadlines.last_moment(one.rules, "T07", deadline)
        yield Row(
            text="Last moment to object to the documents",
            start=published_at,
            limit=limit,
            rules=one.rules,
            alone=True,
        )
    for change in (change for change in clarified if change.touches_bids):
        yield one.row(
            "Change no. {n} published; bids close no earlier than",
            rules.under(CHANGE_TO_DEADLINE[rules.regime], procedure).id,
            change.released_at,
            deadline,
            n=change.number,
        )
    least = FINAL_OFFERS if one.lot.final else rules.under(ISSUE_TO_DEADLINE[rules.regime], procedure).id
    yield one.row("Bids close and are opened", least, published_at, deadline)


def _publicity(one: _Counted, evaluated_at: datetime) -> Iterator[Row]:
    facts = one.facts
    yield one.row("Candidates published", "T18.start", evaluated_at, facts.publicity_at, Step.PUBLICITY)
    if facts.publicity_at is not None:
        yield one.row("End of publicity", "T18", facts.publicity_at, facts.publicity_ends)


def _purchase(one: _Counted, evaluated_at: datetime) -> Iterator[Row]:
    facts = one.facts
    yield one.row("Report given to the purchaser", "G16", evaluated_at, facts.handed_over_at, Step.AWARD)
    if facts.handed_over_at is not None:
        decided = facts.awards[0].decided_at if facts.awards else None
        text = "The purchaser decides; silence chooses the first"
        yield one.row(text, "G16.decide", facts.handed_over_at, decided, Step.AWARD)


def _award(one: _Counted) -> Iterator[Row]:
    facts, award = one.facts, one.facts.award
    if award is None:
        return
    if not one.bought:
        yield Row(text="Award decided", at=award.decided_at)
        yield one.row(
            "Report to the supervising department", "T20", award.decided_at, award.reported_at, Step.AWARD
        )
    else:
        yield one.row("Result published", "G17", award.decided_at, award.announced_at, Step.AWARD)
    if award.announced_at is None or award.out:
        return
    made = facts.contract
    signed_at = made.signed_at if made else None
    rule = "G18" if one.bought else "T21"
    yield one.row("Contract signed", rule, award.announced_at, signed_at, Step.CONTRACT)
    if one.bought and made is not None and signed_at is not None:
        yield one.row("Contract published", "G18.publish", signed_at, made.published_at, Step.CONTRACT)
