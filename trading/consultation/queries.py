"""Reads of consultations: for the group in session and the purchaser's side, and for each supplier its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, Role
from trading.committee.service import check_in_session
from trading.consultation.models import Departure, Ending, Talk
from trading.consultation.policy import remaining, unheard
from trading.opening.queries import OpenedBid, all_read_out, opened_bids
from trading.procedure.competition import Stage
from trading.procedure.policy import Parameter
from trading.review.facts import Facts, facts
from trading.tender.models import Admitted, Lot, Tender
from trading.tender.policy import LotState, TenderState
from trading.tender.queries import LotContext, lot_context, visible_tender


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One response and how it stands: why it is out, what was talked about, that its supplier left."""

    bid: OpenedBid
    out: str | None
    talk: Talk | None
    left_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consultation:
    """The consultation of a lot; `final` is the round of the final offers once it is called for."""

    context: LotContext
    lines: tuple[Line, ...]
    passing: tuple[str, ...]
    reviewed: bool
    ending: Ending | None
    final: Tender | None
    leads: bool = False

    @property
    def remaining(self) -> list[str]:
        """The responses whose suppliers are talked with, and then asked for their final offers."""
        return remaining(self.passing, [line.bid.bid_id for line in self.lines if line.left_at is not None])

    @property
    def unheard(self) -> list[str]:
        return unheard(self.remaining, [line.bid.bid_id for line in self.lines if line.talk is not None])

    @property
    def least(self) -> Parameter:
        """How many must remain (财库〔2014〕214号 art. 21, 财库〔2015〕124号)."""
        return self.context.least(Stage.REMAINING)

    @property
    def enough(self) -> bool:
        return len(self.remaining) >= self.least.number

    @property
    def open(self) -> bool:
        return self.context.state == LotState.OPENED


@dataclass(frozen=True, slots=True, kw_only=True)
class Mine:
    """How a supplier stands in a consultation; of anybody else it tells nothing."""

    context: LotContext
    bid: OpenedBid
    out: str | None
    left_at: datetime | None
    ending: Ending | None
    final: LotContext | None

    @property
    def takes_part(self) -> bool:
        """Whether it can be talked with, or leave."""
        return self.out is None and self.left_at is None and self.ending is None


def consultation(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> Consultation:
    """For the group's members in session and for the purchaser's side; `NotFound` for everybody else.

    What a supplier offered and what was talked about is nobody else's (财库〔2014〕214号 art. 19).
    """
    context = lot_context(tx, lot_id)
    if not context.content.consults or not all_read_out(tx, lot_id):
        raise NotFound
    if own_side(context, actor):
        return consultation_of(tx, facts(tx, lot_id))
    if not {Role.EXPERT, Role.TENDERER} & set(actor.roles):
        raise NotFound
    seat = check_in_session(tx, lot_id, actor=actor, at=at)
    return consultation_of(tx, facts(tx, lot_id), leads=seat.leader)


def consultation_of(tx: Tx, known: Facts, *, leads: bool = False) -> Consultation:
    """The consultation that follows from a lot's review, for services and tasks."""
    lot_id = known.context.lot_id
    talks = {row.bid_id: row for row in tx.scalars(select(Talk).where(Talk.lot_id == lot_id))}
    gone = departures(tx, lot_id)
    return Consultation(
        context=known.context,
        lines=tuple(
            Line(
                bid=bid,
                out=_out(known, bid),
                talk=talks.get(bid.bid_id),
                left_at=gone.get(bid.bid_id),
            )
            for bid in known.bids
        ),
        passing=tuple(bid.bid_id for bid in known.passing),
        reviewed=bool(known.seats) and all(known.settled(gate) for gate in known.gates),
        ending=tx.get(Ending, lot_id),
        final=final_round(tx, lot_id),
        leads=leads,
    )


def _out(known: Facts, bid: OpenedBid) -> str | None:
    failed = known.failed(bid.bid_id)
    if failed is not None:
        return failed[1]
    return None if bid in known.passing else ""


def departures(tx: Tx, lot_id: str) -> Mapping[str, datetime]:
    """When the suppliers of these responses left."""
    rows = tx.execute(select(Departure.bid_id, Departure.left_at).where(Departure.lot_id == lot_id))
    return {row.bid_id: row.left_at for row in rows}


def left_by(tx: Tx, lot_id: str) -> Mapping[str, datetime]:
    """When suppliers left, by their credit codes."""
    gone = departures(tx, lot_id)
    codes = {bid.bid_id: bid.uscc for bid in opened_bids(tx, lot_id)} if gone else {}
    return {codes[bid_id]: at for bid_id, at in gone.items()}


def final_round(tx: Tx, lot_id: str) -> Tender | None:
    """The round of the final offers for a lot, as long as it was not given up."""
    query = select(Tender).join(Lot, Lot.tender_id == Tender.id).where(Lot.previous_id == lot_id)
    return tx.scalar(query.where(Tender.state != TenderState.ABANDONED))


def mine(tx: Tx, lot_id: str, *, actor: Actor) -> Mine:
    """How the actor's organisation stands; `NotFound` for who did not respond.

    Whether a response is out is told once the consultation has ended, or the lot with it.
    """
    context = lot_context(tx, lot_id)
    if not context.content.consults or not all_read_out(tx, lot_id):
        raise NotFound
    known = facts(tx, lot_id)
    bid = next((one for one in known.bids if one.org_id == actor.org_id), None)
    if bid is None:
        raise NotFound
    ending = tx.get(Ending, lot_id)
    return Mine(
        context=context,
        bid=bid,
        out=_out(known, bid) if ending is not None else None,
        left_at=departures(tx, lot_id).get(bid.bid_id),
        ending=ending,
        final=_called(tx, lot_id, actor),
    )


def _called(tx: Tx, lot_id: str, actor: Actor) -> LotContext | None:
    """The lot of the final offers, once it is published and the actor's organisation is asked."""
    tender = final_round(tx, lot_id)
    if tender is None or tender.state != TenderState.PUBLISHED:
        return None
    if actor.org_id is None or tx.get(Admitted, (tender.id, actor.org_id)) is None:
        return None
    return lot_context(tx, tx.scalars(select(Lot.id).where(Lot.previous_id == lot_id)).one())


def people_of(tx: Tx, found: Consultation) -> list[str]:
    """The bidders' people of everybody who responded."""
    return _people(tx, [line.bid.org_id for line in found.lines])


def people_asked(tx: Tx, tender_id: str) -> list[str]:
    """The people of those who are asked for final offers."""
    rows = tx.scalars(
        select(Admitted.org_id).where(Admitted.tender_id == tender_id).order_by(Admitted.org_id)
    )
    return _people(tx, rows)


def _people(tx: Tx, org_ids: Iterable[str]) -> list[str]:
    return [user for org in org_ids for user in identity.users_with_role(tx, Role.BIDDER, org_id=org)]


def own_side(context: LotContext, actor: Actor) -> bool:
    tenderer = Role.TENDERER in actor.roles and actor.org_id == context.tenderer.id
    return tenderer or (Role.AGENCY in actor.roles and actor.org_id == context.agency.id)


def to_call(tx: Tx, lot_id: str, *, actor: Actor) -> Consultation:
    """A lot of the actor's agency, for the call for final offers; `NotFound` for everybody else."""
    context = lot_context(tx, lot_id)
    visible_tender(tx, context.tender_id, actor=actor)
    if Role.AGENCY not in actor.roles or context.agency.id != actor.org_id or not context.content.consults:
        raise NotFound
    return consultation_of(tx, facts(tx, lot_id))
