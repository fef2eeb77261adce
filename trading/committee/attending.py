"""Who came, what each member is paid, and how its work was judged: by seats, names only where somebody is paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from govcore.audit.service import record
from govcore.authority.proposals import checked_reason
from govcore.db import Tx
from govcore.errors import NotFound, Problem
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, require
from govcore.keys import KeyWrapper
from govcore.vault import Vault
from trading.committee import drawing_queries, queries
from trading.committee.drawing_policy import fee_fen
from trading.committee.models import Arrival, SeatAppraisal, SeatRow
from trading.committee.policy import SeatKind
from trading.committee.queries import Seat
from trading.experts import queries as experts
from trading.experts import service as pool
from trading.experts.policy import NoteKind
from trading.tender.policy import LotState
from trading.tender.queries import LotContext, lot_context
from trading.venue.models import Room

LATE_AFTER = timedelta(minutes=15)
"""Later than this is noted as late: a default, not verified."""

GRADES = range(1, 6)
EVALUATED = frozenset(
    {LotState.EVALUATED, LotState.PUBLICITY, LotState.AWARDED, LotState.CONTRACTED, LotState.FAILED}
)


class NotExpected(Problem):
    code = "E_ARRIVAL_CODE"
    status = 422
    text = "Nobody with this code sits on this committee. Let the member show it once more."


class AnotherPlace(Problem):
    code = "E_ARRIVAL_PLACE"
    status = 403
    text = "This member's seat is in another centre's room; its arrival is noted by that centre's staff."


class NotEvaluatedYet(Problem):
    code = "E_NOT_EVALUATED_YET"
    text = "The evaluation is not over; fees and appraisals come after it."


class AppraisedAlready(Problem):
    code = "E_APPRAISED"
    text = "This seat was appraised already; an appraisal is not changed."


class GradeWrong(Problem):
    code = "E_GRADE"
    status = 422
    text = "A grade is a number from 1 to 5."


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatFacts:
    """A seat without its member: whether it came, in time, from where, and how its work was judged."""

    seat: int
    kind: SeatKind
    room: str
    arrived_at: datetime | None
    late: bool
    void: bool
    grade: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """What a member is paid for the hours it was in the session."""

    seat: int
    name: str
    seconds: int
    fen: int


def note_arrival(tx: Tx, vault: Vault, lot_id: str, code: str, *, actor: Actor, at: datetime) -> int:
    """Note that the member with this code came, by the staff of the place where its seat is; the seat's number.

    Saying it twice changes nothing.
    """
    require(actor, "committee.receive")
    found = [
        seat
        for seat in queries.active_seats(tx, lot_id)
        if drawing_queries.arrival_code(vault, lot_id, seat.user_id) == code.replace(" ", "")
    ]
    if not found:
        raise NotExpected(field="code")
    seat = found[0].seat
    host = _host(tx, lot_id, seat)
    if host is not None and host != actor.org_id:
        raise AnotherPlace
    if tx.get(Arrival, (lot_id, seat)) is None:
        tx.add(Arrival(lot_id=lot_id, seat=seat, arrived_at=at, noted_by=actor.user_id))
        tx.flush()
        record(tx, "committee.arrived", subject=lot_id, actor=actor.user_id, at=at, data={"seat": seat})
    return seat


def attendance(tx: Tx, lot_id: str, *, actor: Actor) -> tuple[LotContext, list[SeatFacts]]:
    """The seats with who came when, for the centre's staff and the tender's own side; nobody's name."""
    if not (actor.may("committee.receive") or _is_side(tx, lot_id, actor)):
        raise NotFound
    asked = drawing_queries.asked_of(tx, lot_id)
    arrivals = {
        row.seat: row.arrived_at for row in tx.scalars(select(Arrival).where(Arrival.lot_id == lot_id))
    }
    grades = {
        row.seat: row.grade for row in tx.scalars(select(SeatAppraisal).where(SeatAppraisal.lot_id == lot_id))
    }
    rooms = select(SeatRow.number, Room.name).join(Room, Room.id == SeatRow.room_id)
    places = dict(tx.execute(rooms.where(SeatRow.lot_id == lot_id)).all())
    facts = []
    for seat in queries.seats(tx, lot_id):
        came = arrivals.get(seat.seat)
        facts.append(
            SeatFacts(
                seat=seat.seat,
                kind=seat.kind,
                room=places.get(seat.seat, ""),
                arrived_at=came,
                late=bool(came and asked and came > asked.meets_at + LATE_AFTER),
                void=seat.void,
                grade=grades.get(seat.seat),
            )
        )
    return lot_context(tx, lot_id), facts


def fees(tx: Tx, lot_id: str, *, actor: Actor) -> tuple[LotContext, list[Fee]]:
    """What the experts are paid, by the hours in the session, once the evaluation is over."""
    require(actor, "committee.pay")
    context = lot_context(tx, lot_id)
    if context.state not in EVALUATED:
        raise NotEvaluatedYet
    seats = [one for one in queries.seats(tx, lot_id) if one.kind is SeatKind.EXPERT]
    names = identity.user_names(tx, [one.user_id for one in seats])
    spent = {one.seat: _spent(tx, lot_id, one) for one in seats}
    return context, [
        Fee(
            seat=one.seat,
            name=names[one.user_id],
            seconds=spent[one.seat],
            fen=fee_fen(context.rule_set, spent[one.seat]),
        )
        for one in seats
        if spent[one.seat]
    ]


def appraise(
    tx: Tx,
    wrapper: KeyWrapper,
    lot_id: str,
    seat: int,
    *,
    grade: int,
    reason: str,
    actor: Actor,
    at: datetime,
) -> None:
    """Judge the work of an expert's seat, once, by the tenderer or its agency; the pool keeps it as a credit note."""
    require(actor, "committee.appraise")
    if not _is_side(tx, lot_id, actor):
        raise NotFound
    if lot_context(tx, lot_id).state not in EVALUATED:
        raise NotEvaluatedYet
    if grade not in GRADES:
        raise GradeWrong(field="grade")
    reason = checked_reason(reason)
    member = next((one for one in queries.seats(tx, lot_id) if one.seat == seat), None)
    if member is None or member.kind is not SeatKind.EXPERT:
        raise NotFound
    tx.add(
        SeatAppraisal(
            lot_id=lot_id,
            seat=seat,
            grade=grade,
            reason=reason,
            appraised_by=actor.user_id,
            appraised_at=at,
        )
    )
    try:
        tx.flush()
    except IntegrityError as error:
        raise AppraisedAlready from error
    record(
        tx,
        "committee.appraised",
        subject=lot_id,
        actor=actor.user_id,
        at=at,
        data={"seat": seat, "grade": grade},
    )
    expert_id = experts.expert_of(tx, member.user_id)
    if expert_id is not None:
        pool.note(
            tx,
            wrapper,
            expert_id,
            kind=NoteKind.APPRAISAL,
            text=reason,
            grade=grade,
            lot_id=lot_id,
            actor=actor,
            at=at,
        )


def _is_side(tx: Tx, lot_id: str, actor: Actor) -> bool:
    context = lot_context(tx, lot_id)
    return actor.may("committee.appraise") and actor.org_id in (context.tenderer.id, context.agency.id)


def _host(tx: Tx, lot_id: str, seat: int) -> str | None:
    """The organisation that runs the seat's remote room; nothing for the session's own room."""
    query = select(Room.centre_id).join(SeatRow, SeatRow.room_id == Room.id)
    return tx.scalar(query.where(SeatRow.lot_id == lot_id, SeatRow.number == seat))


def _spent(tx: Tx, lot_id: str, seat: Seat) -> int:
    """Seconds in the session, all windows together; a stay ends with its window at the latest."""
    windows = {one.number: one for one in queries.meetings(tx, lot_id)}
    total = timedelta()
    for stay in queries.stays(tx, lot_id):
        window = windows[stay.window]
        end = stay.left_at or window.closed_at
        if stay.seat == seat.seat and end is not None:
            total += min(end, window.ends_at or end) - stay.came_at
    return int(total.total_seconds())
