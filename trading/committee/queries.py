"""Reads of committees: who sits, whether the session is open to somebody, and who was in it when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select

from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, Role
from trading.committee.models import Committee, Presence, Promise, Requirement, SeatRow, Vote, Window
from trading.committee.policy import (
    Cause,
    Ground,
    Needs,
    NewSeat,
    SeatKind,
    SessionState,
    composition_fault,
    needs_of,
)
from trading.documents import queries as documents
from trading.opening.queries import party_orgs
from trading.tender.models import Lot
from trading.tender.queries import LotContext, lot_context
from trading.venue.models import Room
from trading.venue.policy import Use
from trading.venue.queries import BookingShown, RoomShown, bookings_of, committee_rooms


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A seat of a committee; a `void` one's conclusions count for nothing and are kept (实施条例 art. 48)."""

    user_id: str
    seat: int
    kind: SeatKind
    leader: bool
    since: datetime
    signed_in_at: datetime | None
    promised_at: datetime | None
    promise_sha256: str | None
    left_at: datetime | None
    left_ground: Ground | None
    left_reason: str
    replaced_by: int | None

    @property
    def void(self) -> bool:
        return self.left_at is not None

    def counted(self, then: datetime) -> bool:
        """Whether it was taken and not void at this moment."""
        return self.since <= then and (self.left_at is None or self.left_at > then)


@dataclass(frozen=True, slots=True, kw_only=True)
class Formed:
    """That a lot has its committee, how it came to be, and in what state its session is."""

    context: LotContext
    state: SessionState
    cause: Cause
    reason: str
    seated_by: str
    seated_at: datetime
    leader: int | None
    leader_at: datetime | None


def formed(tx: Tx, lot_id: str) -> Formed | None:
    """The lot's committee for services of later slices; nothing before its members are seated."""
    row = tx.get(Committee, lot_id)
    if row is None:
        return None
    return Formed(
        context=lot_context(tx, lot_id),
        state=SessionState(row.state),
        cause=Cause(row.cause),
        reason=row.reason,
        seated_by=row.seated_by,
        seated_at=row.seated_at,
        leader=row.leader,
        leader_at=row.leader_at,
    )


def seats(tx: Tx, lot_id: str) -> tuple[Seat, ...]:
    """All seats by their numbers, void ones too, for services of later slices."""
    leads = leader(tx, lot_id)
    rows = tx.scalars(select(SeatRow).where(SeatRow.lot_id == lot_id).order_by(SeatRow.number))
    return tuple(_seat(row, leads) for row in rows)


def active_seats(tx: Tx, lot_id: str) -> tuple[Seat, ...]:
    """The seats whose conclusions count."""
    return tuple(seat for seat in seats(tx, lot_id) if not seat.void)


def leader(tx: Tx, lot_id: str) -> int | None:
    """The seat that leads the committee; nothing before it was elected or named."""
    return tx.scalar(select(Committee.leader).where(Committee.lot_id == lot_id))


def seat_of(tx: Tx, lot_id: str, user_id: str) -> Seat | None:
    """Somebody's seat, void or not."""
    row = tx.scalar(select(SeatRow).where(SeatRow.lot_id == lot_id, SeatRow.user_id == user_id))
    if row is None:
        return None
    return _seat(row, tx.get_one(Committee, lot_id).leader)


def budget_fen(tx: Tx, context: LotContext) -> int:
    """The budget of the purchase: that of all its lots where the documents say it, else the lot's maximum price.

    A committee's size follows from it, drawn or appointed (G13 · 87号令 art. 47).
    """
    try:
        terms = documents.terms_of(documents.in_force(tx, context.tender_id))
    except NotFound:
        return context.max_price_fen
    return terms.budget_fen or context.max_price_fen


def is_complex(tx: Tx, lot_id: str) -> bool:
    """Whether the tenderer said that the project is technically complex or of great influence on society."""
    said = select(Requirement.is_complex).where(Requirement.lot_id == lot_id)
    return bool(tx.scalar(said.order_by(Requirement.number.desc()).limit(1)))


def names_leader(tx: Tx, lot_id: str) -> bool:
    """Whether the tender documents leave it to the tenderer to name the committee's leader (评标规定 art. 9)."""
    return lot_context(tx, lot_id).content.leader == "named"


def needs(tx: Tx, context: LotContext, *, members: int) -> Needs:
    """What a lot's committee of so many members must be, however they come to their seats (T14, G13)."""
    return needs_of(
        context.rule_set,
        budget_fen=budget_fen(tx, context),
        is_complex=is_complex(tx, context.lot_id),
        members=members,
        procedure=context.content.procedure,
    )


def least_size(tx: Tx, context: LotContext) -> int:
    """The fewest members of a lot's committee."""
    return needs(tx, context, members=0).members


def is_complete(tx: Tx, lot_id: str) -> bool:
    """Whether those who sit now make a lawful committee; not while a void seat waits for its substitute."""
    context = lot_context(tx, lot_id)
    now = [NewSeat(seat.user_id, seat.kind) for seat in active_seats(tx, lot_id)]
    return composition_fault(now, needs(tx, context, members=len(now))) is None


def member_names(tx: Tx, lot_id: str) -> list[str]:
    """The members by their seats, for the result notice of a government purchase (实施条例 art. 43)."""
    members = [seat.user_id for seat in active_seats(tx, lot_id)]
    names = identity.user_names(tx, members)
    return [names[user_id] for user_id in members]


def seating_centre(tx: Tx, lot_id: str) -> str:
    """The name of the centre whose staff seated the committee."""
    return identity.actor_of_user(tx, tx.get_one(Committee, lot_id).seated_by).org_name


def lots_of_member(tx: Tx, user_id: str) -> list[str]:
    """The lots on whose committees somebody sits now, the latest opening first."""
    query = select(SeatRow.lot_id).join(Lot, Lot.id == SeatRow.lot_id)
    mine = query.where(SeatRow.user_id == user_id, SeatRow.left_at.is_(None))
    return list(tx.scalars(mine.order_by(Lot.opening_at.desc(), Lot.code)))


def must_avoid(tx: Tx, context: LotContext, org_id: str | None) -> bool:
    """True for an organisation that bid in any opened lot of the tender, or that supervises it.

    Asked when a member is seated and whenever it enters, for people move (招标投标法 art. 37, 实施条例 art. 46).
    """
    return org_id == context.regulator.id or org_id in party_orgs(tx, context.tender_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A window of the session, from when to when, and the room and networks it is bound to."""

    number: int
    opened_at: datetime
    ends_at: datetime | None
    closed_at: datetime | None
    room: str | None
    networks: tuple[str, ...] | None
    """Nothing where members may come from anywhere."""

    def over(self, at: datetime) -> bool:
        """Whether its planned end has come, whether or not anybody closed it."""
        return self.ends_at is not None and self.ends_at <= at


def meetings(tx: Tx, lot_id: str) -> list[Meeting]:
    """The windows of a committee's session, the first one first."""
    query = select(Window, Room).outerjoin(Room, Room.id == Window.room_id).where(Window.lot_id == lot_id)
    return [
        Meeting(
            number=window.number,
            opened_at=window.opened_at,
            ends_at=window.ends_at,
            closed_at=window.closed_at,
            room=room.name if room else None,
            networks=tuple(room.networks) if room else None,
        )
        for window, room in tx.execute(query.order_by(Window.number))
    ]


def last_meeting(tx: Tx, lot_id: str) -> Meeting | None:
    """The window that nobody closed yet; its time may be over."""
    return next((one for one in meetings(tx, lot_id) if one.closed_at is None), None)


def sessions_over(tx: Tx, *, at: datetime) -> list[str]:
    """The lots whose committee's window has come to its planned end and was not closed."""
    return list(tx.scalars(select(Window.lot_id).where(Window.closed_at.is_(None), Window.ends_at <= at)))


def networks_of(tx: Tx, lot_id: str, seat: int, meeting: Meeting) -> tuple[str, ...] | None:
    """From where the seat's member may come: its own remote room's networks, else the meeting's."""
    own = select(Room.networks).join(SeatRow, SeatRow.room_id == Room.id)
    remote = tx.scalar(own.where(SeatRow.lot_id == lot_id, SeatRow.number == seat))
    return meeting.networks if remote is None else tuple(remote)


def is_present(tx: Tx, lot_id: str, seat: int, window: int) -> bool:
    """Whether the seat's member has come into this window and not left it."""
    here = (Presence.lot_id == lot_id, Presence.seat == seat, Presence.window == window)
    return bool(tx.scalar(select(exists().where(*here, Presence.left_at.is_(None)))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """That a member was in a window of the session."""

    window: int
    seat: int
    came_at: datetime
    left_at: datetime | None
    address: str


def stays(tx: Tx, lot_id: str) -> list[Stay]:
    """Who was in the session when, in the order in which they came."""
    rows = tx.scalars(
        select(Presence).where(Presence.lot_id == lot_id).order_by(Presence.came_at, Presence.seat)
    )
    return [
        Stay(window=row.window, seat=row.seat, came_at=row.came_at, left_at=row.left_at, address=row.address)
        for row in rows
    ]


def votes(tx: Tx, lot_id: str) -> dict[int, int]:
    """For whom each seat votes as leader."""
    rows = tx.scalars(select(Vote).where(Vote.lot_id == lot_id))
    return {row.seat: row.choice for row in rows}


UNSEEN = "—"
"""Stands for the name of somebody drawn who has not come yet (招标投标法 art. 37)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A committee's session as a member or the centre's staff see it; `present` are the seats in the open window.

    `named` says that the tenderer names the leader.
    """

    context: LotContext
    state: SessionState
    leader: int | None
    named: bool
    own: Seat | None
    seats: tuple[Seat, ...]
    meeting: Meeting | None
    over_since: datetime | None
    present: frozenset[int]
    votes: dict[int, int]
    names: dict[int, str]
    """Of the seats, for members in session and the centre; it learns who was drawn when the member signs in."""

    @property
    def in_session(self) -> bool:
        """Whether the one who asks sits on the committee and is in the open window."""
        return self.own is not None and not self.own.void and self.own.seat in self.present

    @property
    def working(self) -> bool:
        """Whether the one who asks may read and score now, as far as sign-in and promise go."""
        return self.in_session and self.own is not None and self.own.promised_at is not None


def session(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> Session:
    """The session, for its members, also of a void seat, and for the centre; `NotFound` for everybody else."""
    committee = tx.get(Committee, lot_id)
    own = seat_of(tx, lot_id, actor.user_id)
    if committee is None or (own is None and Role.CENTRE not in actor.roles):
        raise NotFound
    meeting = last_meeting(tx, lot_id)
    over = meeting is not None and meeting.over(at)
    here = select(Presence.seat).where(Presence.lot_id == lot_id, Presence.left_at.is_(None))
    present = frozenset(() if over else tx.scalars(here))
    every = seats(tx, lot_id)
    inside = own is not None and not own.void and own.seat in present
    open_to_all = inside or committee.cause != Cause.DRAWN
    known = [seat.user_id for seat in every if open_to_all or seat.signed_in_at is not None]
    names = identity.user_names(tx, known)
    sees_names = inside or Role.CENTRE in actor.roles
    return Session(
        context=lot_context(tx, lot_id),
        state=SessionState(committee.state),
        leader=committee.leader,
        named=names_leader(tx, lot_id),
        own=own,
        seats=every,
        meeting=None if over else meeting,
        over_since=meeting.ends_at if meeting is not None and over else None,
        present=present,
        votes=votes(tx, lot_id),
        names={seat.seat: names.get(seat.user_id, UNSEEN) for seat in every} if sees_names else {},
    )


def promise_text(tx: Tx, sha256: str) -> str:
    """The promise that a member accepted, as it was read."""
    return tx.get_one(Promise, sha256).text


@dataclass(frozen=True, slots=True, kw_only=True)
class Seating:
    """What the centre's staff see of a committee: whom they could appoint, or the session of those who sit."""

    context: LotContext
    least: int
    experts: tuple[tuple[str, str], ...]
    representatives: tuple[tuple[str, str], ...]
    session: Session | None
    stays: tuple[Stay, ...]
    meetings: tuple[Meeting, ...]
    rooms: tuple[RoomShown, ...]
    booked: BookingShown | None
    """The booking for the evaluation that is not over."""


def seating(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> Seating:
    """The committee to be, or the one that is, for the centre; `NotFound` for everybody else."""
    if Role.CENTRE not in actor.roles:
        raise NotFound
    context = lot_context(tx, lot_id)
    sent = identity.users_with_role(tx, Role.TENDERER, org_id=context.tenderer.id)
    booked = bookings_of(tx, lot_id)
    return Seating(
        context=context,
        least=least_size(tx, context),
        experts=_by_name(tx, identity.users_with_role(tx, Role.EXPERT)),
        representatives=_by_name(tx, sent),
        session=None if tx.get(Committee, lot_id) is None else session(tx, lot_id, actor=actor, at=at),
        stays=tuple(stays(tx, lot_id)),
        meetings=tuple(meetings(tx, lot_id)),
        rooms=tuple(committee_rooms(tx)),
        booked=next((one for one in booked if one.use is Use.EVALUATION and one.ends_at > at), None),
    )


def _by_name(tx: Tx, user_ids: list[str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(identity.user_names(tx, user_ids).items(), key=lambda entry: entry[1]))


def _seat(row: SeatRow, leader: int | None) -> Seat:
    return Seat(
        user_id=row.user_id,
        seat=row.number,
        kind=SeatKind(row.kind),
        leader=row.number == leader,
        since=row.since,
        signed_in_at=row.signed_in_at,
        promised_at=row.promised_at,
        promise_sha256=row.promise_sha256,
        left_at=row.left_at,
        left_ground=None if row.left_ground is None else Ground(row.left_ground),
        left_reason=row.left_reason,
        replaced_by=row.replaced_by,
    )
