"""Reads of mock openings: for the centre, and for the custodians of the lot."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from bidding_docs import capsules, dsse, summary
from bidding_docs import manifests as m
from bidding_docs.summary import SUMMARY_PART
from govcore.db import Tx
from govcore.errors import MoveNotAllowed, NotFound
from govcore.identity.models import Organisation
from govcore.identity.policy import Actor, Role, require
from trading.mock.models import MockBid, MockOpening, MockSeat
from trading.mock.policy import LIFE, Step, step_of, whole
from trading.mock.schemas import CapsuleGiven, EnvelopeGiven, MockBundle
from trading.tender import queries as tenders
from trading.tender.models import Lot, Tender
from trading.tender.policy import LotState, TenderState
from trading.tender.queries import LotContext


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatShown:
    """One custodian in a mock opening; `own` for those who ask."""

    index: int
    org: str
    key_given: bool
    released_at: datetime | None
    own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A mock opening as the centre and its custodians see it."""

    id: str
    lot: LotContext
    made_at: datetime
    sealed_at: datetime | None
    read_out_at: datetime | None
    step: Step
    seats: list[SeatShown]
    needed: int
    fields: tuple[summary.Field, ...]
    rows: list[dict[str, Any]]

    @property
    def ends_at(self) -> datetime:
        """When it is thrown away unless somebody does so before: after a day, or when the real opening comes."""
        last = self.made_at + LIFE
        return min(last, self.lot.deadline_at) if self.lot.deadline_at else last

    @property
    def own(self) -> SeatShown | None:
        return next((seat for seat in self.seats if seat.own), None)


def running_of(tx: Tx, lot_id: str) -> str | None:
    return tx.scalar(select(MockOpening.id).where(MockOpening.lot_id == lot_id))


def bids_of(tx: Tx, mock_id: str) -> list[MockBid]:
    return list(tx.scalars(select(MockBid).where(MockBid.mock_id == mock_id).order_by(MockBid.number)))


def seats_of(tx: Tx, mock_id: str) -> list[MockSeat]:
    return list(tx.scalars(select(MockSeat).where(MockSeat.mock_id == mock_id).order_by(MockSeat.index)))


def running(tx: Tx, *, actor: Actor) -> list[Shown]:
    """The mock openings under way: all for the centre, their own for custodians."""
    require(actor, "mock.see")
    query = select(MockOpening.id).order_by(MockOpening.made_at)
    if Role.CENTRE not in actor.roles:
        own = select(MockSeat.mock_id).where(MockSeat.org_id == actor.org_id)
        query = query.where(MockOpening.id.in_(own))
    return [one(tx, mock_id, actor=actor) for mock_id in tx.scalars(query)]


def one(tx: Tx, mock_id: str, *, actor: Actor) -> Shown:
    """A mock opening for the centre and the lot's custodians; it does not exist for anybody else."""
    require(actor, "mock.see")
    mock, seats = tx.get(MockOpening, mock_id), seats_of(tx, mock_id)
    if mock is None or not (Role.CENTRE in actor.roles or any(seat.org_id == actor.org_id for seat in seats)):
        raise NotFound
    lot = tenders.lot_context(tx, mock.lot_id)
    names = {org.id: org.name for org in tx.scalars(select(Organisation))}
    return Shown(
        id=mock.id,
        lot=lot,
        made_at=mock.made_at,
        sealed_at=mock.sealed_at,
        read_out_at=mock.read_out_at,
        step=_step(mock, seats, lot.rule_set.custodians.k),
        seats=[
            SeatShown(
                index=seat.index,
                org=names[seat.org_id],
                key_given=seat.recipient is not None,
                released_at=seat.released_at,
                own=seat.org_id == actor.org_id and Role.CUSTODIAN in actor.roles,
            )
            for seat in seats
        ],
        needed=lot.rule_set.custodians.k,
        fields=whole(lot.content.forms()).fields,
        rows=mock.read_out or [],
    )


def bundle(tx: Tx, mock_id: str, *, actor: Actor) -> MockBundle:
    """The sealed test bids with the actor's own capsules; `NotFound` for who is no custodian of the lot."""
    require(actor, "mock.take_part")
    mock = tx.get(MockOpening, mock_id)
    seat = next((one for one in seats_of(tx, mock_id) if one.org_id == actor.org_id), None)
    if mock is None or seat is None:
        raise NotFound
    if mock.key_manifest is None or mock.closed_event is None or mock.authority is None:
        raise MoveNotAllowed(move="mock.release", state="keys")
    holder = capsules.custodian(seat.index)
    return MockBundle(
        custodian=seat.index,
        recipient=seat.recipient or "",
        blob=seat.blob or b"",
        key_manifest=mock.key_manifest,
        closed_event=mock.closed_event.decode(),
        authority=mock.authority,
        bids=[
            EnvelopeGiven(
                bid.envelope.decode(),
                bid.certificate,
                [CapsuleGiven(SUMMARY_PART, base64.b64decode(bid.capsules[holder]))],
            )
            for bid in bids_of(tx, mock_id)
        ],
    )


def lots_to_rehearse(tx: Tx, *, at: datetime) -> list[tuple[str, str]]:
    """The lots with an opening ahead and no mock opening under way, the next opening first, by id and name."""
    free = Lot.id.not_in(select(MockOpening.lot_id)), Lot.state == LotState.OPEN, Lot.deadline_at > at
    query = select(Lot.id, Lot.name, Tender.title).join(Tender, Tender.id == Lot.tender_id)
    query = query.where(Tender.state == TenderState.PUBLISHED, *free).order_by(Lot.deadline_at, Lot.code)
    return [(row.id, f"{row.title} · {row.name}") for row in tx.execute(query)]


def steps(tx: Tx) -> dict[str, Step]:
    """What each mock opening waits for, for the sweep."""
    found = {}
    for mock in tx.scalars(select(MockOpening)):
        needed = tenders.lot_context(tx, mock.lot_id).rule_set.custodians.k
        found[mock.id] = _step(mock, seats_of(tx, mock.id), needed)
    return found


def to_seal(tx: Tx, mock_id: str) -> tuple[LotContext, list[m.Custodian]]:
    """The lot, and its custodians with their test keys."""
    mock = tx.get_one(MockOpening, mock_id)
    named = [
        m.Custodian(
            index=seat.index,
            role=seat.role,
            cert_sha256=seat.cert_sha256 or "",
            client="platform",
            recipients={m.OPENING: seat.recipient or ""},
        )
        for seat in seats_of(tx, mock_id)
    ]
    return tenders.lot_context(tx, mock.lot_id), named


def to_open(tx: Tx, mock_id: str) -> tuple[LotContext, list[MockBid], list[m.ShareRelease]]:
    """The lot, the sealed test bids and the releases that came."""
    mock = tx.get_one(MockOpening, mock_id)
    raw = [seat.release for seat in seats_of(tx, mock_id) if seat.release is not None]
    releases = [m.parse(dsse.Envelope.decode(one).payload, m.ShareRelease) for one in raw]
    return tenders.lot_context(tx, mock.lot_id), bids_of(tx, mock_id), releases


def _step(mock: MockOpening, seats: list[MockSeat], needed: int) -> Step:
    return step_of(
        keys=sum(seat.recipient is not None for seat in seats),
        seats=len(seats),
        sealed=mock.sealed_at is not None,
        releases=sum(seat.released_at is not None for seat in seats),
        needed=needed,
        read_out=mock.read_out_at is not None,
    )
