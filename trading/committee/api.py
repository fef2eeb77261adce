"""Committees and their session: JSON."""

from __future__ import annotations

from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from govcore import clock
from govcore.identity.policy import Actor
from govcore.platform import Platform
from trading.committee import leading, meeting, queries, service
from trading.committee.policy import PROMISE_VERSION, NewSeat, SeatKind, promise_digest
from trading.committee.promising import promise_of
from trading.committee.schemas import (
    Conflict,
    ForLeader,
    NewCommittee,
    NewWindow,
    Promised,
    SeatShown,
    SessionShown,
)


@post(
    "/api/lots/{lot_id:str}/committee", permission="committee.appoint", sync_to_thread=True, status_code=201
)
def appoint_committee(
    lot_id: FromPath[str],
    data: JSONBody[NewCommittee],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Appoint, without a draw and for a reason, who evaluates an opened lot."""
    members = [NewSeat(user_id) for user_id in data.members]
    members += [NewSeat(user_id, SeatKind.REPRESENTATIVE) for user_id in data.representatives]
    with platform.db.transaction() as tx:
        service.appoint(tx, lot_id, members=members, reason=data.reason, actor=actor, at=clock.now(tx))


@get("/api/lots/{lot_id:str}/committee", permission="committee.see", sync_to_thread=True)
def show_session(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> SessionShown:
    """The session and its seats, for members and the centre."""
    text = promise_of(platform)
    with platform.db.read() as tx:
        found = queries.session(tx, lot_id, actor=actor, at=clock.now(tx))
    return SessionShown(
        lot_id=lot_id,
        state=found.state,
        leader=found.leader,
        leader_named=found.named,
        own_seat=found.own.seat if found.own else None,
        promise=text,
        promise_sha256=promise_digest(text),
        promise_version=PROMISE_VERSION,
        seats=[
            SeatShown(
                seat=seat.seat,
                kind=seat.kind,
                leader=seat.leader,
                present=seat.seat in found.present,
                promised_at=seat.promised_at,
                void=seat.void,
                replaced_by=seat.replaced_by,
            )
            for seat in found.seats
        ],
    )


@post(
    "/api/lots/{lot_id:str}/committee/window",
    permission="committee.convene",
    sync_to_thread=True,
    status_code=204,
)
def open_window(
    lot_id: FromPath[str],
    data: JSONBody[NewWindow],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Let the committee meet."""
    with platform.db.transaction() as tx:
        meeting.open_session(
            tx, lot_id, room_id=data.room, ends_at=data.ends_at, actor=actor, at=clock.now(tx)
        )


@delete("/api/lots/{lot_id:str}/committee/window", permission="committee.convene", sync_to_thread=True)
def close_window(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> None:
    """End the committee's meeting."""
    with platform.db.transaction() as tx:
        meeting.close_session(tx, lot_id, actor=actor, at=clock.now(tx))


@put(
    "/api/lots/{lot_id:str}/committee/presence",
    permission="committee.sit",
    sync_to_thread=True,
    status_code=204,
)
def come(lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]) -> None:
    """Sign in to the open window."""
    with platform.db.transaction() as tx:
        meeting.sign_in(tx, lot_id, actor=actor, at=clock.now(tx))


@delete("/api/lots/{lot_id:str}/committee/presence", permission="committee.sit", sync_to_thread=True)
def go(lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]) -> None:
    """Sign out of the window."""
    with platform.db.transaction() as tx:
        meeting.sign_out(tx, lot_id, actor=actor, at=clock.now(tx))


@put(
    "/api/lots/{lot_id:str}/committee/promise",
    permission="committee.sit",
    sync_to_thread=True,
    status_code=204,
)
def give_promise(
    lot_id: FromPath[str],
    data: JSONBody[Promised],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Accept the promise by the hash of its text."""
    with platform.db.transaction() as tx:
        meeting.promise(
            tx,
            lot_id,
            text=promise_of(platform),
            version=PROMISE_VERSION,
            sha256=data.sha256,
            actor=actor,
            at=clock.now(tx),
        )


@put(
    "/api/lots/{lot_id:str}/committee/vote", permission="committee.sit", sync_to_thread=True, status_code=204
)
def vote(
    lot_id: FromPath[str],
    data: JSONBody[ForLeader],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Vote for a seat as the committee's leader."""
    with platform.db.transaction() as tx:
        leading.vote(tx, lot_id, choice=data.seat, actor=actor, at=clock.now(tx))


@post(
    "/api/lots/{lot_id:str}/committee/conflict",
    permission="committee.sit",
    sync_to_thread=True,
    status_code=204,
)
def declare_conflict(
    lot_id: FromPath[str],
    data: JSONBody[Conflict],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Leave the committee for a reason to avoid the evaluation; it cannot be taken back."""
    with platform.db.transaction() as tx:
        service.declare_conflict(tx, lot_id, reason=data.reason, actor=actor, at=clock.now(tx))


ROUTES = [
    appoint_committee,
    show_session,
    open_window,
    close_window,
    come,
    go,
    give_promise,
    vote,
    declare_conflict,
]
