"""Seat a committee, let its members in, and void the seat of one who must leave."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from govcore.audit.service import record
from govcore.authority.proposals import checked_reason
from govcore.clock import BEIJING, start_text
from govcore.db import Tx
from govcore.errors import MoveNotAllowed, NotFound, Problem
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, Role, require
from trading.committee import queries
from trading.committee.drawing_queries import bidders
from trading.committee.models import Committee, Presence, SeatRow, Vote
from trading.committee.policy import (
    EVALUABLE,
    SEATABLE,
    Cause,
    Fault,
    Ground,
    Needs,
    NewSeat,
    SeatKind,
    SessionState,
    composition_fault,
    from_networks,
)
from trading.committee.queries import Meeting, Seat
from trading.experts import queries as experts
from trading.experts.policy import Standing
from trading.tender.policy import Step
from trading.tender.queries import LotContext, lot_context
from trading.tender.suspensions import check_running, keep_running


class LotNotOpened(Problem):
    code = "E_NOT_OPENED"
    text = "The bids of this lot have not been opened, so it cannot be evaluated."


class CommitteeSize(Problem):
    """招标投标法 art. 37, 政府采购货物和服务招标投标管理办法 art. 47."""

    code = "E_COMMITTEE_SIZE"
    status = 422
    text = "A committee needs an odd number of different members, at least {least} ({basis})."


class TooFewExperts(Problem):
    """招标投标法 art. 37, 政府采购货物和服务招标投标管理办法 art. 47."""

    code = "E_COMMITTEE_EXPERTS"
    status = 422
    text = "Of {members} members at least {experts} must be experts: two thirds ({basis})."


class NotAnExpert(Problem):
    code = "E_NOT_EXPERT"
    status = 422
    text = "Only active experts can be members of a committee."


class ExpertOfPurchaser(Problem):
    """政府采购货物和服务招标投标管理办法 art. 47: only as the purchaser's representative."""

    code = "E_EXPERT_PURCHASER"
    status = 422
    text = "Staff of the tenderer or its agency cannot sit as experts (招标投标法 art. 37; 87号令 art. 47)."


class OutsidePool(Problem):
    code = "E_EXPERT_POOL"
    status = 422
    text = "This expert is not in the pool today: the time in it is over or has not begun, or the expert is suspended."


class NotARepresentative(Problem):
    code = "E_NOT_REPRESENTATIVE"
    status = 422
    text = "The tenderer is represented by its own staff only."


class ExpertMustAvoid(Problem):
    """招标投标法 art. 37: nobody with an interest in a bidder."""

    code = "E_EXPERT_AVOIDS"
    status = 422
    text = "Experts who work for a bidder of this tender or its supervisor must not evaluate it (招标投标法 art. 37)."


class CommitteeExists(Problem):
    code = "E_COMMITTEE_EXISTS"
    text = "This lot has its committee already."


class SeatTaken(Problem):
    code = "E_SEAT_TAKEN"
    text = "This person has sat on this committee already; a void seat never becomes good again."


class NotAMember(Problem):
    code = "E_NOT_MEMBER"
    status = 403
    text = "You are not a member of this lot's committee."


class SeatVoid(NotAMember):
    """招标投标法实施条例 art. 48."""

    code = "E_SEAT_VOID"
    text = "You have left this committee; what you concluded is void (实施条例 art. 48)."


class SessionClosed(Problem):
    code = "E_SESSION_CLOSED"
    text = "The committee does not meet now: the centre's clerk opens and closes its session (E20 art. 33)."


class OutsideNetwork(Problem):
    code = "E_SESSION_NETWORK"
    status = 403
    text = "You are not in the committee's room: it is let in from the room's own network only (E20 art. 33)."


class NotSignedIn(Problem):
    code = "E_SESSION_SIGN_IN"
    text = "Sign in to the committee's session first."


class PromiseMissing(Problem):
    code = "E_PROMISE"
    text = "Read and accept the promise first."


class SessionOver(SessionClosed):
    code = "E_SESSION_OVER"
    text = "The session's time is over since {since}; the centre's clerk can open another one."


NOT_NOW = (SessionClosed, OutsideNetwork, NotSignedIn, PromiseMissing)
"""What the session's page helps a member with; every other refusal stands."""


def appoint(
    tx: Tx, lot_id: str, *, members: Sequence[NewSeat], reason: str, actor: Actor, at: datetime
) -> None:
    """Appoint the committee of an opened lot without a draw: lawful for special projects only, and with its reason.

    招标投标法 art. 37: where a draw finds nobody who is fit, by how special or complex the project is.
    """
    require(actor, "committee.appoint")
    seat_members(
        tx, lot_id, members=members, cause=Cause.APPOINTED, reason=checked_reason(reason), actor=actor, at=at
    )


def seat_members(
    tx: Tx,
    lot_id: str,
    *,
    members: Sequence[NewSeat],
    cause: Cause,
    actor: Actor,
    at: datetime,
    reason: str = "",
) -> None:
    """Seat a lot's committee, once, in the order given; the caller has found that this actor may.

    Drawn members may be seated from the closing on, when it is known who bids.
    """
    context = lot_context(tx, lot_id)
    states = SEATABLE if cause is Cause.DRAWN else EVALUABLE
    if context.state not in states or context.content.prequalifies:
        raise LotNotOpened
    keep_running(tx, lot_id, Step.EVALUATION, at)
    check_composition(members, queries.needs(tx, context, members=len(members)))
    for member in members:
        check_member(tx, context, member)
        check_pool(tx, context, member, at=at)
    if tx.get(Committee, lot_id) is not None:
        raise CommitteeExists
    tx.add(
        Committee(
            lot_id=lot_id,
            round=context.round,
            state=SessionState.SEATED,
            cause=cause,
            reason=reason,
            seated_by=actor.user_id,
            seated_at=at,
        )
    )
    try:
        tx.flush()
    except IntegrityError as error:
        raise CommitteeExists from error
    tx.add_all(_row(lot_id, number, member, at=at) for number, member in enumerate(members, start=1))
    tx.flush()
    data = {
        "lot": context.lot_code,
        "cause": cause,
        "reason": reason,
        "members": [member.user_id for member in members],
    }
    record(tx, "committee.seated", subject=lot_id, actor=actor.user_id, at=at, data=data)


def check_composition(members: Sequence[NewSeat], needs: Needs) -> None:
    """Raise `CommitteeSize` or `TooFewExperts` unless these would make a lawful committee."""
    fault = composition_fault(members, needs)
    if fault is Fault.EXPERTS:
        raise TooFewExperts(members=len(members), experts=needs.experts, basis=needs.basis)
    if fault is not None:
        raise CommitteeSize(least=needs.members, basis=needs.basis)


def check_member(tx: Tx, context: LotContext, member: NewSeat) -> None:
    """Raise the refusal that keeps this person from this seat."""
    if member.kind is SeatKind.REPRESENTATIVE:
        if member.user_id not in identity.users_with_role(tx, Role.TENDERER, org_id=context.tenderer.id):
            raise NotARepresentative
        return
    if member.user_id not in identity.users_with_role(tx, Role.EXPERT):
        raise NotAnExpert
    home = identity.actor_of_user(tx, member.user_id).org_id
    if home in (context.tenderer.id, context.agency.id):
        raise ExpertOfPurchaser
    if queries.must_avoid(tx, context, home):
        raise ExpertMustAvoid


def check_pool(tx: Tx, context: LotContext, member: NewSeat, *, at: datetime) -> None:
    """Hold somebody who has an entry in the pool against it: the period, and the employer that it names.

    Who was appointed for a special project may have none (招标投标法 art. 37).
    """
    found = experts.pooled(tx, member.user_id, on=at.astimezone(BEIJING).date())
    if member.kind is SeatKind.REPRESENTATIVE or found is None:
        return
    employer, standing = found
    if standing is not Standing.READY:
        raise OutsidePool
    if employer in (context.tenderer.uscc, context.agency.uscc):
        raise ExpertOfPurchaser
    if employer in bidders(tx, context.lot_id).codes | {context.regulator.uscc}:
        raise ExpertMustAvoid


def void_seat(tx: Tx, lot_id: str, seat: int, *, ground: Ground, reason: str, by: str, at: datetime) -> None:
    """Void a seat for good: its member leaves at once, its conclusions count for nothing and are kept.

    Only for a lawful ground (实施条例 art. 48). A leader's committee elects again.
    """
    committee = held(tx, lot_id)
    voided = tx.execute(
        update(SeatRow)
        .where(SeatRow.lot_id == lot_id, SeatRow.number == seat, SeatRow.left_at.is_(None))
        .values(left_at=at, left_ground=ground, left_reason=reason)
        .returning(SeatRow.number)
    ).one_or_none()
    if voided is None:
        raise NotFound if tx.get(SeatRow, (lot_id, seat)) is None else SeatVoid
    here = (Presence.lot_id == lot_id, Presence.seat == seat, Presence.left_at.is_(None))
    tx.execute(update(Presence).where(*here).values(left_at=at))
    if committee.leader == seat:
        committee.leader = committee.leader_at = None
        tx.execute(delete(Vote).where(Vote.lot_id == lot_id))
    data = {"lot": lot_context(tx, lot_id).lot_code, "seat": seat, "ground": ground, "reason": reason}
    record(tx, "committee.seat_voided", subject=lot_id, actor=by, at=at, data=data)


def declare_conflict(tx: Tx, lot_id: str, *, reason: str, actor: Actor, at: datetime) -> None:
    """Leave the committee, as its member, for a reason to avoid it that is found only now: at any time, at once."""
    require(actor, "committee.sit")
    seat = own_seat(tx, lot_id, actor)
    reason = checked_reason(reason)
    void_seat(tx, lot_id, seat.seat, ground=Ground.CONFLICT, reason=reason, by=actor.user_id, at=at)


def seat_substitute(
    tx: Tx,
    lot_id: str,
    seat: int,
    *,
    member: NewSeat,
    cause: Cause,
    actor: Actor,
    at: datetime,
    reason: str = "",
) -> int:
    """Give somebody a new seat in place of a void one, and return its number; the caller has found that this actor may.

    What the void seat concluded is concluded anew by the new one (实施条例 art. 48).
    """
    committee = held(tx, lot_id)
    context = lot_context(tx, lot_id)
    keep_running(tx, lot_id, Step.EVALUATION, at)
    old = tx.get(SeatRow, (lot_id, seat))
    if old is None:
        raise NotFound
    if old.left_at is None or old.replaced_by is not None:
        raise MoveNotAllowed(move="committee.substitute", state="replaced" if old.left_at else "seated")
    if old.kind != member.kind:
        raise NotAnExpert if old.kind == SeatKind.EXPERT else NotARepresentative
    check_member(tx, context, member)
    check_pool(tx, context, member, at=at)
    if queries.seat_of(tx, lot_id, member.user_id) is not None:
        raise SeatTaken
    number = tx.scalars(select(func.max(SeatRow.number)).where(SeatRow.lot_id == lot_id)).one() + 1
    tx.add(_row(lot_id, number, member, at=at))
    old.replaced_by = number
    committee.screened_for = None
    tx.flush()
    data = {
        "lot": context.lot_code,
        "seat": number,
        "for": seat,
        "cause": cause,
        "reason": reason,
        "members": [member.user_id],
    }
    record(tx, "committee.substituted", subject=lot_id, actor=actor.user_id, at=at, data=data)
    return number


def check_in_session(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> Seat:
    """The actor's seat, if all that lets a member read and write is there; else the refusal that names what is not.

    That is: a seat that is not void, nothing to avoid, an open window, the room's network, a sign-in, a promise.
    """
    seat = own_seat(tx, lot_id, actor)
    check_running(tx, lot_id, Step.EVALUATION, at)
    if queries.must_avoid(tx, lot_context(tx, lot_id), actor.org_id):
        raise ExpertMustAvoid
    meeting = check_place(tx, lot_id, seat, actor, at=at)
    if not queries.is_present(tx, lot_id, seat.seat, meeting.number):
        raise NotSignedIn
    if seat.promised_at is None:
        raise PromiseMissing
    return seat


def keep_in_session(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> Seat:
    """`check_in_session` for who writes: no window is closed and no seat voided before this transaction ends."""
    tx.execute(select(Committee.lot_id).where(Committee.lot_id == lot_id).with_for_update(read=True))
    return check_in_session(tx, lot_id, actor=actor, at=at)


def own_seat(tx: Tx, lot_id: str, actor: Actor) -> Seat:
    """The actor's seat; raise `NotAMember` without one and `SeatVoid` for one that was left."""
    seat = queries.seat_of(tx, lot_id, actor.user_id)
    if seat is None:
        raise NotAMember
    if seat.void:
        raise SeatVoid
    return seat


def check_place(tx: Tx, lot_id: str, seat: Seat, actor: Actor, *, at: datetime) -> Meeting:
    """The open window; raise `SessionClosed` without one, `OutsideNetwork` for who asks from elsewhere."""
    meeting = queries.last_meeting(tx, lot_id)
    if meeting is None:
        raise SessionClosed
    if meeting.ends_at is not None and meeting.over(at):
        raise SessionOver(since=start_text(meeting.ends_at))
    networks = queries.networks_of(tx, lot_id, seat.seat, meeting)
    if networks is not None and not from_networks(actor.address, networks):
        raise OutsideNetwork
    return meeting


def held(tx: Tx, lot_id: str) -> Committee:
    """The committee, locked until the transaction ends; `NotFound` while there is none."""
    row = tx.scalar(select(Committee).where(Committee.lot_id == lot_id).with_for_update())
    if row is None:
        raise NotFound
    return row


def _row(lot_id: str, number: int, member: NewSeat, *, at: datetime) -> SeatRow:
    return SeatRow(
        lot_id=lot_id,
        number=number,
        user_id=member.user_id,
        kind=member.kind,
        room_id=member.room_id,
        since=at,
    )
