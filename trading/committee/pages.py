"""The committee for the centre's staff, as pages: appoint it, open and close its session."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.authority.proposals import ReasonMissing
from govcore.clock import BEIJING
from govcore.errors import Problem
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.rendering import AnyRequest
from trading.committee import meeting, queries, service, shortness
from trading.committee.policy import GROUND_WORDS, PROPOSED_GROUNDS, NewSeat, SeatKind

MEMBER = "m-"
USUAL = timedelta(hours=8)
"""How long a session is planned where no room is booked for it; the clerk changes it."""

REPRESENTATIVE = "r-"
REFUSED = (
    service.CommitteeSize,
    service.TooFewExperts,
    service.ExpertMustAvoid,
    service.ExpertOfPurchaser,
    ReasonMissing,
)
"""What the form shows beside its fields."""


class WindowForm(msgspec.Struct, forbid_unknown_fields=True):
    room: str = ""
    ends_at: str = ""


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


@post(
    "/evaluation/{lot_id:str}/committee/open",
    permission="committee.convene",
    sync_to_thread=True,
    status_code=200,
)
def open_session(
    request: AnyRequest,
    lot_id: FromPath[str],
    data: URLEncodedBody[WindowForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Let the committee meet in the chosen room until the time that was typed."""
    try:
        with platform.db.transaction() as tx:
            meeting.open_session(
                tx,
                lot_id,
                room_id=data.room or None,
                ends_at=_moment(data.ends_at),
                actor=actor,
                at=clock.now(tx),
            )
    except (meeting.SessionEnd, meeting.LeaderMissing) as problem:
        return _committee(request, platform, lot_id, actor, problem=problem)
    return redirect(f"/evaluation/{lot_id}/committee")


@post("/evaluation/{lot_id:str}/committee/close", permission="committee.convene", sync_to_thread=True)
def close_session(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    """End the meeting: nobody reads or scores until it is opened again."""
    with platform.db.transaction() as tx:
        meeting.close_session(tx, lot_id, actor=actor, at=clock.now(tx))
    return redirect(f"/evaluation/{lot_id}/committee")


def _moment(typed: str) -> datetime:
    """Beijing's time as a field gives it; what is none lies in the past, and is refused as such."""
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=BEIJING).astimezone(UTC)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)


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
        at = clock.now(tx)
        found = queries.seating(tx, lot_id, actor=actor, at=at)
        short = shortness.shortness_now(tx, lot_id, at=at)
    planned = found.booked.ends_at if found.booked else at + USUAL
    context = {"found": found, "lot": found.context, "chosen": chosen or [], "reason": reason}
    status = problem.status if problem else 200
    return page(
        request,
        "committee/appoint.html",
        status=status,
        member=MEMBER,
        representative=REPRESENTATIVE,
        problem=problem,
        short=short,
        planned=f"{planned.astimezone(BEIJING):%Y-%m-%dT%H:%M}",
        grounds=[(ground, GROUND_WORDS[ground]) for ground in PROPOSED_GROUNDS],
        ground_words=GROUND_WORDS,
        **context,
    )


PAGES = [committee, appoint, open_session, close_session]
