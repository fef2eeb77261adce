"""The committee for the centre's staff, as pages: appoint it, open and close its session."""

from __future__ import annotations

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.authority.proposals import ReasonMissing
from govcore.errors import Problem
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.rendering import AnyRequest
from trading.committee import meeting, queries, service
from trading.committee.policy import GROUND_WORDS, PROPOSED_GROUNDS, NewSeat, SeatKind

MEMBER = "m-"
REPRESENTATIVE = "r-"
REFUSED = (
    service.CommitteeSize,
    service.TooFewExperts,
    service.ExpertMustAvoid,
    service.ExpertOfPurchaser,
    ReasonMissing,
)
"""What the form shows beside its fields."""


class RoomForm(msgspec.Struct, forbid_unknown_fields=True):
    room: str = ""


@get("/evaluation/{lot_id:str}/committee", permission="committee.appoint", sync_to_thread=True)
def committee(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """Appoint the committee, or see its session."""
    return _committee(request, platform, lot_id, actor)


@post("/evaluation/{lot_id:str}/committee", permission="committee.appoint", sync_to_thread=True)
def appoint(
    request: AnyRequest,
    lot_id: FromPath[str],
    data: URLEncodedBody[dict[str, str]],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    chosen = [name for name in data if name.startswith((MEMBER, REPRESENTATIVE))]
    experts = [NewSeat(name.removeprefix(MEMBER)) for name in chosen if name.startswith(MEMBER)]
    sent = [
        NewSeat(name.removeprefix(REPRESENTATIVE), SeatKind.REPRESENTATIVE)
        for name in chosen
        if name.startswith(REPRESENTATIVE)
    ]
    reason = data.get("reason", "")
    try:
        with platform.db.transaction() as tx:
            service.appoint(
                tx, lot_id, members=[*experts, *sent], reason=reason, actor=actor, at=clock.now(tx)
            )
    except REFUSED as problem:
        return _committee(request, platform, lot_id, actor, chosen=chosen, reason=reason, problem=problem)
    return redirect(f"/evaluation/{lot_id}/committee")


@post("/evaluation/{lot_id:str}/committee/open", permission="committee.convene", sync_to_thread=True)
def open_session(
    lot_id: FromPath[str],
    data: URLEncodedBody[RoomForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    """Let the committee meet in the chosen room."""
    with platform.db.transaction() as tx:
        meeting.open_session(tx, lot_id, room_id=data.room or None, actor=actor, at=clock.now(tx))
    return redirect(f"/evaluation/{lot_id}/committee")


@post("/evaluation/{lot_id:str}/committee/close", permission="committee.convene", sync_to_thread=True)
def close_session(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    """End the meeting: nobody reads or scores until it is opened again."""
    with platform.db.transaction() as tx:
        meeting.close_session(tx, lot_id, actor=actor, at=clock.now(tx))
    return redirect(f"/evaluation/{lot_id}/committee")


def _committee(
    request: AnyRequest,
    platform: Platform,
    lot_id: str,
    actor: Actor,
    *,
    chosen: list[str] | None = None,
    reason: str = "",
    problem: Problem | None = None,
) -> Response[str]:
    with platform.db.read() as tx:
        found = queries.seating(tx, lot_id, actor=actor)
    context = {"found": found, "lot": found.context, "chosen": chosen or [], "reason": reason}
    status = problem.status if problem else 200
    return page(
        request,
        "committee/appoint.html",
        status=status,
        member=MEMBER,
        representative=REPRESENTATIVE,
        problem=problem,
        grounds=[(ground, GROUND_WORDS[ground]) for ground in PROPOSED_GROUNDS],
        ground_words=GROUND_WORDS,
        **context,
    )


PAGES = [committee, appoint, open_session, close_session]
