"""Reads of analyses: the committee in its session, the regulator after the read-out, the tenderer after the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.policy import Actor, Role
from trading.committee import blind
from trading.committee.queries import seat_of
from trading.committee.service import check_in_session
from trading.evaluation.queries import completed_at
from trading.likeness.models import Analysis
from trading.likeness.policy import Found, pairs
from trading.opening.queries import OpenedBid, opened_bids
from trading.ordered import Progress, progress
from trading.tender.queries import LotContext, lot_context


@dataclass(frozen=True, slots=True)
class Unread:
    """A file of a bid of which nothing, or not everything, could be read; without a name the whole part."""

    bid: int
    part: str
    name: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two bids and the signs that they share."""

    first: OpenedBid
    second: OpenedBid
    found: tuple[Found, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisShown:
    """A lot's analysis: how far it is, and what was found when it was last finished.

    `held_back` signs lie in parts that the one who asks judges blind.
    """

    context: LotContext
    order: Progress
    bids: tuple[OpenedBid, ...]
    shown_at: datetime | None
    found: tuple[Found, ...]
    pairs: tuple[Pair, ...]
    unread: tuple[Unread, ...]
    held_back: int

    @property
    def labels(self) -> Mapping[str, str]:
        """What the documents call each part."""
        return {part.id: part.label for part in self.context.content.parts}


def show(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> AnalysisShown:
    """The analysis of a lot, for who may see it; `NotFound` for everybody else."""
    context = check_may_read(tx, lot_id, actor=actor, at=at)
    row, bids = tx.get(Analysis, lot_id), opened_bids(tx, lot_id)
    every = msgspec.convert(row.found if row else [], list[Found])
    hidden = _hidden_parts(tx, context, actor)
    found = tuple(one for one in every if hidden.isdisjoint(one.parts))
    by_number = {bid.number: bid for bid in bids}
    unread = msgspec.convert(row.unread if row else [], tuple[Unread, ...])
    return AnalysisShown(
        context=context,
        order=progress(row, at=at),
        bids=tuple(bids),
        shown_at=row.shown_at if row else None,
        found=found,
        pairs=tuple(
            Pair(by_number[first], by_number[second], tuple(ones))
            for (first, second), ones in pairs(found).items()
            if first in by_number and second in by_number
        ),
        unread=tuple(one for one in unread if one.part not in hidden),
        held_back=len(every) - len(found),
    )


def check_may_read(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> LotContext:
    """The lot, for a member in the session, its regulator, and its tenderer once the report is there; else the refusal.

    Who applied or responded is read out to nobody: there the regulator waits for the report as well.
    """
    context = lot_context(tx, lot_id)
    if seat_of(tx, lot_id, actor.user_id) is not None:
        check_in_session(tx, lot_id, actor=actor, at=at)
        return context
    reported = completed_at(tx, lot_id) is not None
    watches = Role.REGULATOR in actor.roles and actor.org_id == context.regulator.id
    own = Role.TENDERER in actor.roles and actor.org_id == context.tenderer.id
    if not (watches and (context.content.reads_out or reported)) and not (own and reported):
        raise NotFound
    return context


def _hidden_parts(tx: Tx, context: LotContext, actor: Actor) -> frozenset[str]:
    """The parts that a member judges under code names: a sign in them would tell whose they are."""
    if seat_of(tx, context.lot_id, actor.user_id) is None or not blind.is_blind(tx, context.lot_id):
        return frozenset()
    return blind.blind_parts(context)
