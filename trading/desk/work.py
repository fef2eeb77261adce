"""What each role must do next, and until when: derived from the state of things, never stored."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from govcore.db import Tx
from govcore.identity.policy import Actor, Role
from govcore.platform import Platform
from trading.desk.queries import LotLine, lots_at_work
from trading.desk.sources import (
    awarding,
    bidding,
    challenging,
    clarifying,
    consulting,
    custody,
    drawing,
    evaluating,
    opening,
    preparing,
    reviewing,
    two_people,
    watching,
)
from trading.desk.task import Desk, Source, Task

SIDE = frozenset({Role.TENDERER, Role.AGENCY})
WATCHERS = SIDE | {Role.CENTRE, Role.REGULATOR}

LOT_SOURCES: tuple[tuple[frozenset[Role], Source], ...] = (
    (SIDE, preparing.drafts),
    (SIDE, preparing.to_retender),
    (SIDE, preparing.documents),
    (SIDE, preparing.keys),
    (SIDE, preparing.draw_keys),
    (SIDE, clarifying.clarifications),
    (WATCHERS, opening.bidding),
    (SIDE | {Role.CENTRE}, opening.openings),
    (SIDE, opening.hall_objections),
    (WATCHERS, opening.standstills),
    (WATCHERS, opening.suspensions),
    (frozenset({Role.CENTRE}), evaluating.committees),
    (frozenset({Role.CENTRE}), evaluating.too_short),
    (SIDE, reviewing.qualifications),
    (SIDE, consulting.calls),
    (SIDE, evaluating.evaluations),
    (SIDE, evaluating.leaders),
    (SIDE, awarding.awards),
    (SIDE, awarding.validity_ends),
    (SIDE, awarding.contracts),
    (SIDE, awarding.deposits),
)
"""What asks about the lots of a desk alone: on a first page and, of one project, in its room."""

OWN_SOURCES: tuple[tuple[frozenset[Role], Source], ...] = (
    (frozenset({Role.CUSTODIAN}), custody.seats),
    (frozenset({Role.CUSTODIAN}), custody.draw_keys),
    (frozenset({Role.BIDDER}), bidding.bids),
    (frozenset({Role.BIDDER}), bidding.confirmations),
    (frozenset({Role.BIDDER}), bidding.at_openings),
    (frozenset({Role.BIDDER}), bidding.questions),
    (frozenset({Role.BIDDER}), bidding.bound),
    (frozenset({Role.BIDDER}), bidding.deposits),
    (frozenset({Role.BIDDER}), bidding.won),
    (frozenset({Role.BIDDER}), reviewing.asked),
    (frozenset({Role.BIDDER}), consulting.suppliers),
    (frozenset({Role.EXPERT, Role.TENDERER}), reviewing.votes),
    (frozenset({Role.EXPERT, Role.TENDERER}), consulting.groups),
    (frozenset({Role.CENTRE}), drawing.draws),
    (SIDE, drawing.shortages),
    (frozenset({Role.EXPERT}), drawing.calls),
    (frozenset({Role.EXPERT}), evaluating.sheets),
    (frozenset({Role.BANK}), watching.refund_orders),
    (frozenset({Role.AUDITOR}), watching.log_checks),
    (SIDE, watching.records_to_answer),
    (frozenset({Role.CENTRE}), watching.records_to_decide),
    (frozenset({Role.REGULATOR}), watching.letters),
    (frozenset({Role.REGULATOR}), watching.reports),
)
"""What concerns the actor, whatever lot it is about."""


def tasks_of(tx: Tx, platform: Platform, *, actor: Actor, at: datetime) -> list[Task]:
    """The tasks of all the actor's roles, the most urgent first; nothing of anybody else's."""
    desk = Desk(tx, platform, actor, at, lots_at_work(tx, actor=actor, at=at))
    found = [*_asked(desk, LOT_SOURCES), *_asked(desk, OWN_SOURCES)]
    return _sorted([*found, *two_people.acts(desk), *challenging.cases(desk)], at)


def tasks_in(tx: Tx, platform: Platform, lots: list[LotLine], *, actor: Actor, at: datetime) -> list[Task]:
    """The actor's tasks about these lots, which the caller has found that it may see; the most urgent first."""
    desk = Desk(tx, platform, actor, at, lots)
    found = _asked(desk, LOT_SOURCES)
    return _sorted([*found, *two_people.acts_on_lots(desk), *challenging.cases_about(desk)], at)


def _asked(desk: Desk, sources: Iterable[tuple[frozenset[Role], Source]]) -> list[Task]:
    return [task for roles, source in sources if roles & set(desk.actor.roles) for task in source(desk)]


def _sorted(tasks: list[Task], at: datetime) -> list[Task]:
    return sorted(
        tasks, key=lambda task: (task.kind not in ("danger", "warning"), task.due is None, task.due or at)
    )
