"""One thing to do, whoever asks for it; and the desk at which it is found."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from govcore.authority import queries as authority
from govcore.authority.queries import ProposalView
from govcore.calendar import Calendar
from govcore.calendar.queries import calendar_of
from govcore.db import Tx
from govcore.errors import Detail
from govcore.identity.policy import Actor, Role
from govcore.platform import Platform
from trading.desk.facts import LotFacts, facts_of
from trading.desk.queries import LotLine
from trading.procedure import deadlines
from trading.procedure.deadlines import Limit
from trading.procedure.explaining import address_of
from trading.procedure.rules import rule_set
from trading.procedure.words import article_of
from trading.tender.policy import Step

ACCOUNT = "--user NAME --password-file FILE --keys FOLDER"
"""What every signing command asks for; nobody else's computer ever holds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One thing to do; texts are keys of the catalogue, `command` is typed.

    Where a rule of the procedure sets the time, `limit` is that rule's, and the page links to its explanation.
    """

    text: str
    data: dict[str, object] = field(default_factory=dict)
    href: str = ""
    by: datetime | None = None
    limit: Limit | None = None
    article: str = ""
    word: str = "To do"
    kind: str = "warning"
    command: str = ""
    about: LotLine | None = None

    @property
    def due(self) -> datetime | None:
        return self.limit.at if self.limit else self.by

    @property
    def explained(self) -> str:
        """The page that says why it is due when it is."""
        return address_of(self.limit) if self.limit else ""

    @property
    def basis(self) -> Detail | None:
        """The articles of the rule behind it."""
        return article_of(rule_set(self.limit.rule_set)[self.limit.rule]) if self.limit else None

    def overdue(self, at: datetime) -> bool:
        """Whether something that is to be done was not done in time."""
        return self.word in ("To do", "Overdue") and self.due is not None and self.due <= at


@dataclass(frozen=True)
class Desk:
    """Who looks, when, and at which lots; what is known of them is read once for all of them."""

    tx: Tx
    platform: Platform
    actor: Actor
    at: datetime
    lots: list[LotLine]

    @cached_property
    def facts(self) -> Mapping[str, LotFacts]:
        return facts_of(self.tx, [lot.lot_id for lot in self.lots])

    @cached_property
    def waiting(self) -> list[ProposalView]:
        """What waits for a second person and concerns the actor."""
        return authority.waiting(self.tx, actor=self.actor, at=self.at)

    @cached_property
    def calendar(self) -> Calendar:
        return calendar_of(self.tx)

    @cached_property
    def own(self) -> list[LotLine]:
        """The lots that the actor tenders, as tenderer or for it as agency."""
        return [lot for lot in self.lots if self.is_tenderer(lot) or self.is_agency(lot)]

    def is_tenderer(self, lot: LotLine) -> bool:
        return Role.TENDERER in self.actor.roles and lot.tenderer_id == self.actor.org_id

    def is_agency(self, lot: LotLine) -> bool:
        return Role.AGENCY in self.actor.roles and lot.agency_id == self.actor.org_id

    def due(self, lot: LotLine, rule: str, start: datetime, step: Step) -> Limit:
        """When the lot's rule makes something due, suspensions of that step left out."""
        frozen = self.facts[lot.lot_id].frozen(step, self.at)
        return deadlines.due(rule_set(lot.rule_set), rule, start, calendar=self.calendar, frozen=frozen)


Source = Callable[[Desk], Iterator[Task]]
"""What a slice contributes: the tasks that its facts mean for the actor of a desk, about no lots but the desk's."""


def one_per_tender(lots: Collection[LotLine]) -> list[LotLine]:
    """The first lot of each tender, in the order given."""
    found: dict[str, LotLine] = {}
    for lot in lots:
        found.setdefault(lot.tender_id, lot)
    return list(found.values())
