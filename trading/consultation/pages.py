"""Pages of a consultation: the group's and the purchaser's, and each supplier's own."""

from __future__ import annotations

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.errors import Problem
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.rendering import AnyRequest
from trading.consultation import calling, queries, service
from trading.consultation.policy import CHANGES_MAX, NOTES_MAX, REASON_MAX
from trading.procedure.competition import needs
from trading.procedure.words import COUNTING, named

READ, HOLD, CALL, TAKE_PART = (
    "consultation.read",
    "consultation.hold",
    "consultation.call",
    "consultation.take_part",
)


class Notes(msgspec.Struct, forbid_unknown_fields=True):
    notes: str = ""


class Changes(msgspec.Struct, forbid_unknown_fields=True):
    changes: str = ""


class Leaving(msgspec.Struct, forbid_unknown_fields=True):
    reason: str = ""


@get("/consultation/{lot_id:str}", permission=READ, sync_to_thread=True)
def show(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """How far the consultation is, and what comes next."""
    return _show(request, platform, lot_id, actor)


@post("/consultation/{lot_id:str}/talks/{bid_id:str}", permission=HOLD, sync_to_thread=True)
def note_talk(
    request: AnyRequest,
    lot_id: FromPath[str],
    bid_id: FromPath[str],
    data: URLEncodedBody[Notes],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Keep what the talk with one supplier came to."""
    try:
        with platform.db.transaction() as tx:
            service.note_talk(tx, lot_id, bid_id=bid_id, notes=data.notes, actor=actor, at=clock.now(tx))
    except service.NotesMissing as problem:
        return _show(request, platform, lot_id, actor, field=f"notes-{bid_id}", problem=problem)
    return redirect(f"/consultation/{lot_id}#response-{bid_id}")


@post("/consultation/{lot_id:str}/end", permission=HOLD, fresh=True, sync_to_thread=True)
def end(
    request: AnyRequest,
    lot_id: FromPath[str],
    data: URLEncodedBody[Changes],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """End the consultation."""
    try:
        with platform.db.transaction() as tx:
            service.end(tx, lot_id, changes=data.changes, actor=actor, at=clock.now(tx))
    except service.TooLong as problem:
        return _show(request, platform, lot_id, actor, field="changes", problem=problem)
    return redirect(f"/consultation/{lot_id}")


@post("/consultation/{lot_id:str}/call", permission=CALL, fresh=True, sync_to_thread=True)
def call(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    """Draft the round that takes the final offers."""
    with platform.db.transaction() as tx:
        tender, _ = calling.call(tx, platform.wrapper, platform.store, lot_id, actor=actor, at=clock.now(tx))
        tender_id = tender.id
    return redirect(f"/tenders/{tender_id}")


@get("/consultation/{lot_id:str}/mine", permission=TAKE_PART, sync_to_thread=True)
def mine(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """How the actor's own response stands, and until when its final offer is awaited."""
    return _mine(request, platform, lot_id, actor)


@post("/consultation/{lot_id:str}/mine/leave", permission=TAKE_PART, fresh=True, sync_to_thread=True)
def leave(
    request: AnyRequest,
    lot_id: FromPath[str],
    data: URLEncodedBody[Leaving],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Leave the consultation."""
    try:
        with platform.db.transaction() as tx:
            service.leave(tx, lot_id, reason=data.reason, actor=actor, at=clock.now(tx))
    except service.TooLong as problem:
        return _mine(request, platform, lot_id, actor, problem=problem)
    return redirect(f"/consultation/{lot_id}/mine")


def _show(
    request: AnyRequest,
    platform: Platform,
    lot_id: str,
    actor: Actor,
    *,
    field: str = "",
    problem: Problem | None = None,
) -> Response[str]:
    with platform.db.read() as tx:
        found = queries.consultation(tx, lot_id, actor=actor, at=clock.now(tx))
    return page(
        request,
        "consultation/consultation.html",
        status=problem.status if problem else 200,
        found=found,
        lot=found.context,
        least=named(found.least),
        needs=needs(found.context.rule_set, found.context.content.ground),
        counting=COUNTING,
        notes_max=NOTES_MAX,
        changes_max=CHANGES_MAX,
        field=field,
        problem=problem,
    )


def _mine(
    request: AnyRequest, platform: Platform, lot_id: str, actor: Actor, *, problem: Problem | None = None
) -> Response[str]:
    with platform.db.read() as tx:
        found = queries.mine(tx, lot_id, actor=actor)
    return page(
        request,
        "consultation/mine.html",
        status=problem.status if problem else 200,
        mine=found,
        lot=found.context,
        reason_max=REASON_MAX,
        problem=problem,
    )


PAGES = [show, note_talk, end, call, mine, leave]
