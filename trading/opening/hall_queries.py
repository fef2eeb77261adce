"""Reads of the hall: its history, who signed in, objections, confirmations; what a reader may do there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.models import Organisation, User
from govcore.identity.policy import Actor, Role
from trading.opening import queries
from trading.opening.hall_bids import HallBid
from trading.opening.models import (
    Attendance,
    Confirmation,
    HallObjection,
    Opening,
    OpeningBid,
    PartProgress,
    PastStage,
    SealObjection,
)
from trading.opening.models import Hall as HallRow
from trading.opening.models import HallEvent as Event
from trading.opening.own_keys import OwnKeys, asked_of, own_line
from trading.opening.pausing import confirm_until
from trading.opening.policy import SIGN_IN_BEFORE, UNKNOWN, OpeningState
from trading.opening.queries import Hall
from trading.tender.queries import LotContext


@dataclass(frozen=True, slots=True)
class HallFact:
    """One fact of the hall's history."""

    seq: int
    at: datetime
    kind: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Attendee:
    capacity: str
    organisation: str
    person: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionShown:
    """An objection to the seals (`manifest_sha256` is what the receipt names) or to the opening (`text`)."""

    id: str
    bidder: str
    raised_at: datetime
    text: str
    answered_at: datetime | None
    answer: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """What people said and did in the hall; the same for everybody."""

    attendance: list[Attendee]
    seal_objections: list[ObjectionShown]
    objections: list[ObjectionShown]
    confirmed: dict[str, datetime]
    confirm_until: datetime | None
    facts: list[HallFact]

    @property
    def seq(self) -> int:
        """The number of the newest fact shown."""
        return self.facts[-1].seq if self.facts else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mine:
    """What the reader may do in this hall now."""

    capacity: str | None
    may_sign_in: bool
    signed_in: bool
    bid: HallBid | None
    own_keys: OwnKeys | None
    may_note_outage: bool
    may_object: bool
    may_object_to_seals: bool
    may_confirm: bool
    confirmed_at: datetime | None
    to_attribute: list[HallBid]
    to_reply: list[ObjectionShown]
    to_answer: list[ObjectionShown]

    @property
    def empty(self) -> bool:
        return self.capacity is None and not self.to_answer


def hall_facts(tx: Tx, lot_id: str, *, after: int = 0) -> list[HallFact]:
    """The hall's history after a number, in its order: the same for everybody."""
    query = select(Event).where(Event.lot_id == lot_id, Event.seq > after).order_by(Event.seq)
    return [HallFact(one.seq, one.at, one.kind, one.data) for one in tx.scalars(query)]


def hall_heads(tx: Tx, lot_ids: Collection[str]) -> dict[str, int]:
    """The number of the last fact of each of these halls; a hall without history is left out."""
    rows = tx.execute(select(HallRow.lot_id, HallRow.last_seq).where(HallRow.lot_id.in_(lot_ids)))
    return {row.lot_id: row.last_seq for row in rows}


def progress(tx: Tx, lot_ids: Collection[str]) -> dict[str, int]:
    """A number for each hall that grows while its large parts are decrypted and checked."""
    done = func.sum(PartProgress.done) + func.count(PartProgress.checked_at)
    rows = tx.execute(
        select(OpeningBid.lot_id, done.label("done"))
        .join(PartProgress, PartProgress.bid_id == OpeningBid.bid_id)
        .where(OpeningBid.lot_id.in_(lot_ids))
        .group_by(OpeningBid.lot_id)
    )
    return {row.lot_id: int(row.done) for row in rows}


def record_of(tx: Tx, lot_id: str, *, opens: str) -> tuple[str, str]:
    """Key and SHA-256 of a stage's record, the present one's without a stage; `NotFound` before it is made."""
    opening = tx.get(Opening, lot_id)
    past = tx.get(PastStage, (lot_id, opens))
    if past is not None:
        return past.record_key, past.record_sha256
    if opening is None or opening.record_key is None or opens not in ("", opening.opens):
        raise NotFound
    return opening.record_key, opening.record_sha256 or ""


def hall_and_floor(tx: Tx, lot_id: str) -> tuple[Hall, Floor]:
    """The hall of a published lot and what people did in it.

    The history is read first: what is shown is never behind the number of its newest fact.
    """
    facts = hall_facts(tx, lot_id)
    hall = queries.hall(tx, lot_id)
    seconds = hall.lot.rule_set.seconds("opening.confirmation")
    until = confirm_until(tx, lot_id, hall.read_out_at, seconds=seconds) if hall.read_out_at else None
    return hall, Floor(
        facts=facts,
        attendance=attendance(tx, lot_id),
        seal_objections=seal_objections(tx, lot_id),
        objections=objections(tx, lot_id),
        confirmed=confirmations(tx, lot_id, opens=hall.opens),
        confirm_until=until,
    )


def attendance(tx: Tx, lot_id: str) -> list[Attendee]:
    """Who signed in, in the order of signing in."""
    rows = tx.execute(
        select(Attendance, Organisation.name, User.name)
        .join(Organisation, Organisation.id == Attendance.org_id)
        .join(User, User.id == Attendance.user_id)
        .where(Attendance.lot_id == lot_id)
        .order_by(Attendance.at, Attendance.org_id)
    )
    return [Attendee(one.capacity, organisation, person, one.at) for one, organisation, person in rows]


def objections(tx: Tx, lot_id: str) -> list[ObjectionShown]:
    """The objections to the opening with their answers, oldest first."""
    rows = tx.execute(
        select(HallObjection, Organisation.name)
        .join(Organisation, Organisation.id == HallObjection.org_id)
        .where(HallObjection.lot_id == lot_id)
        .order_by(HallObjection.raised_at, HallObjection.id)
    )
    return [_shown(one, bidder, one.text) for one, bidder in rows]


def seal_objections(tx: Tx, lot_id: str) -> list[ObjectionShown]:
    """The objections to the seals with their answers, oldest first."""
    rows = tx.execute(
        select(SealObjection, Organisation.name)
        .join(Organisation, Organisation.id == SealObjection.org_id)
        .where(SealObjection.lot_id == lot_id)
        .order_by(SealObjection.raised_at, SealObjection.id)
    )
    return [_shown(one, bidder, "") for one, bidder in rows]


def _shown(one: SealObjection | HallObjection, bidder: str, text: str) -> ObjectionShown:
    return ObjectionShown(
        id=one.id,
        bidder=bidder,
        raised_at=one.raised_at,
        text=text,
        answered_at=one.answered_at,
        answer=one.answer,
    )


def unanswered(tx: Tx, lot_ids: Collection[str]) -> list[tuple[str, str]]:
    """Objections to openings that wait for an answer: the lot, and who objects."""
    rows = tx.execute(
        select(HallObjection.lot_id, Organisation.name)
        .join(Organisation, Organisation.id == HallObjection.org_id)
        .where(HallObjection.lot_id.in_(lot_ids), HallObjection.answered_at.is_(None))
        .order_by(HallObjection.raised_at)
    )
    return [(row.lot_id, row.name) for row in rows]


def to_confirm(tx: Tx, *, actor: Actor) -> list[str]:
    """The lots just read out in which the actor's organisation has not confirmed its line."""
    confirmed = select(Confirmation.bid_id).where(
        Confirmation.bid_id == OpeningBid.bid_id, Confirmation.opens == Opening.opens
    )
    query = (
        select(OpeningBid.lot_id)
        .join(Opening, Opening.lot_id == OpeningBid.lot_id)
        .where(OpeningBid.org_id == actor.org_id, Opening.state == OpeningState.READ_OUT, ~confirmed.exists())
    )
    return list(tx.scalars(query.order_by(Opening.read_out_at)))


def confirmations(tx: Tx, lot_id: str, *, opens: str) -> dict[str, datetime]:
    """When each bid's line of a stage's read-out was confirmed, by bid."""
    rows = tx.execute(
        select(Confirmation.bid_id, Confirmation.at)
        .join(OpeningBid, OpeningBid.bid_id == Confirmation.bid_id)
        .where(OpeningBid.lot_id == lot_id, Confirmation.opens == opens)
    )
    return {row.bid_id: row.at for row in rows}


def host_capacity(lot: LotContext, actor: Actor) -> str | None:
    """In which capacity somebody who is no bidder takes part: by the lot's parties, the centre in every opening."""
    parties = {Role.TENDERER: lot.tenderer.id, Role.AGENCY: lot.agency.id, Role.REGULATOR: lot.regulator.id}
    for role, org_id in parties.items():
        if role in actor.roles and actor.org_id == org_id:
            return str(role)
    return str(Role.CENTRE) if Role.CENTRE in actor.roles else None


def mine(tx: Tx, hall: Hall, floor: Floor, *, actor: Actor, at: datetime) -> Mine:
    """What the actor may do in the hall; nothing of it depends on bids before the closing."""
    lot = hall.lot
    bid = own_line(hall, actor) if actor.may("opening.object") else None
    capacity = host_capacity(lot, actor) or (Role.BIDDER if bid else None)
    going = hall.state not in (OpeningState.FAILED, OpeningState.RECORDED)
    begun = hall.state != "bidding" or (lot.opening_at is not None and at >= lot.opening_at - SIGN_IN_BEFORE)
    open_ = going and (floor.confirm_until is None or at < floor.confirm_until)
    signed_in = actor.signed_in and tx.get(Attendance, (lot.lot_id, actor.org_id)) is not None
    replies = capacity in (Role.TENDERER, Role.AGENCY) and actor.may("opening.reply")
    confirmed_at = floor.confirmed.get(bid.bid_id) if bid else None
    return Mine(
        capacity=capacity,
        may_sign_in=capacity is not None
        and going
        and begun
        and not signed_in
        and actor.may("opening.attend"),
        signed_in=signed_in,
        bid=bid,
        own_keys=asked_of(hall, bid, at=at) if bid and actor.may("opening.give_share") else None,
        may_note_outage=actor.may("opening.judge")
        and actor.org_id == lot.regulator.id
        and hall.state in (OpeningState.SEALED, OpeningState.RELEASED),
        may_object=bid is not None and open_,
        may_object_to_seals=actor.may("opening.object") and hall.state == OpeningState.SEALED,
        may_confirm=bid is not None
        and open_
        and hall.state == OpeningState.READ_OUT
        and confirmed_at is None,
        confirmed_at=confirmed_at,
        to_attribute=[one for one in hall.bids if replies and one.fault == UNKNOWN],
        to_reply=[one for one in floor.objections if replies and one.answered_at is None],
        to_answer=[
            one for one in floor.seal_objections if actor.may("opening.answer") and one.answered_at is None
        ],
    )
