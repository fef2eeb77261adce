"""The committee's review as pages: the table of bids and gates, one bid to vote on, gates to close."""

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
from trading.procedure.competition import Stage
from trading.procedure.words import named
from trading.review import room as rooms
from trading.review import service
from trading.review.facts import ALL
from trading.review.policy import REASON_MAX, RequestKind
from trading.review.room import Cell, Room
from trading.review.service import ChangeReason, Said, VerdictReason
from trading.tender.pages import band

Entered = dict[str, str]

KIND_WORDS = {
    RequestKind.CLARIFICATION: "Clarification by the bidder",
    RequestKind.ABNORMAL_PRICE: "Explanation of a low price",
    RequestKind.CORRECTION: "Arithmetic correction",
}


class Raised(msgspec.Struct, forbid_unknown_fields=True):
    cause: str = ""
    why: str = ""


class Why(msgspec.Struct, forbid_unknown_fields=True):
    why: str = ""


@get("/review/{lot_id:str}", permission="review.vote", sync_to_thread=True)
def room(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """All bids and gates, and how far the review is."""
    found = _read(platform, lot_id, actor)
    return page(
        request,
        "review/room.html",
        room=found,
        lot=found.known.context,
        kinds=KIND_WORDS,
        band=band(found.known.context.rule_set),
    )


@get("/review/{lot_id:str}/bids/{bid_id:str}", permission="review.vote", sync_to_thread=True)
def ballot(
    request: AnyRequest,
    lot_id: FromPath[str],
    bid_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """One bid at all gates."""
    return _ballot(request, _read(platform, lot_id, actor), bid_id)


@post("/review/{lot_id:str}/bids/{bid_id:str}", permission="review.vote", sync_to_thread=True)
def vote(
    request: AnyRequest,
    lot_id: FromPath[str],
    bid_id: FromPath[str],
    data: URLEncodedBody[Entered],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Keep what was said about a bid, and show the next one."""
    found = _read(platform, lot_id, actor)
    said = [
        Said(cell.gate.node, data[field] == "yes", data.get(f"reason-{cell.gate.node}", ""))
        for cell in found.line(bid_id).cells
        if cell.asked and data.get(field := f"passed-{cell.gate.node}") in ("yes", "no")
    ]
    try:
        with platform.db.transaction() as tx:
            at = clock.now(tx)
            service.vote(tx, lot_id, bid_id=bid_id, said=said, why=data.get("why", ""), actor=actor, at=at)
    except (VerdictReason, ChangeReason) as problem:
        return _ballot(request, found, bid_id, entered=data, problem=problem)
    after = _read(platform, lot_id, actor).next_bid
    return redirect(f"/review/{lot_id}/bids/{after}" if after else f"/review/{lot_id}")


@post("/review/{lot_id:str}/bids/{bid_id:str}/cause", permission="review.vote", sync_to_thread=True)
def raise_cause(
    request: AnyRequest,
    lot_id: FromPath[str],
    bid_id: FromPath[str],
    data: URLEncodedBody[Raised],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Put a cause of the law against a bid to the committee's vote."""
    try:
        with platform.db.transaction() as tx:
            at = clock.now(tx)
            service.raise_gate(
                tx, lot_id, bid_id=bid_id, cause_id=data.cause, why=data.why, actor=actor, at=at
            )
    except (VerdictReason, service.UnknownCause, service.AskFirst, service.AlreadyRaised) as problem:
        found = _read(platform, lot_id, actor)
        return _ballot(request, found, bid_id, raised=data, raised_problem=problem)
    return redirect(f"/review/{lot_id}/bids/{bid_id}")


@get("/review/{lot_id:str}/close", permission="review.vote", sync_to_thread=True)
def closing(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """What closing the gates would settle, for the leader to check once more."""
    found = _read(platform, lot_id, actor)
    if not found.seat.leader:
        raise service.NotLeader
    lot = found.known.context
    return page(request, "review/close.html", room=found, lot=lot, band=band(lot.rule_set))


@post("/review/{lot_id:str}/close", permission="review.vote", fresh=True, sync_to_thread=True)
def close(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    """Close every gate at which all members have voted."""
    nodes = [gate.node for gate in _read(platform, lot_id, actor).closable]
    with platform.db.transaction() as tx:
        service.close_gates(tx, lot_id, nodes=nodes, actor=actor, at=clock.now(tx))
    return redirect(f"/review/{lot_id}")


@get("/review/{lot_id:str}/competition", permission="review.vote", sync_to_thread=True)
def competition(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """Too few valid bids: what the law says, and the committee's vote on whether to go on."""
    return _competition(request, _read(platform, lot_id, actor))


@post("/review/{lot_id:str}/competition", permission="review.vote", sync_to_thread=True)
def ask_competition(
    request: AnyRequest,
    lot_id: FromPath[str],
    data: URLEncodedBody[Entered],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Put the question to the committee, or vote on it."""
    found = _read(platform, lot_id, actor)
    try:
        with platform.db.transaction() as tx:
            at = clock.now(tx)
            if found.competition is None:
                service.ask_competition(tx, lot_id, why=data.get("why", ""), actor=actor, at=at)
            else:
                passed = service.chosen(data.get("passed", ""))
                said = Said(found.competition.gate.node, passed, data.get("reason", ""))
                service.vote(tx, lot_id, bid_id=ALL, said=[said], why=data.get("why", ""), actor=actor, at=at)
    except (service.NothingChosen, service.WhyMissing, ChangeReason) as problem:
        return _competition(request, found, entered=data, problem=problem)
    return redirect(f"/review/{lot_id}/competition")


def _competition(
    request: AnyRequest, found: Room, *, entered: Entered | None = None, problem: Problem | None = None
) -> Response[str]:
    lot = found.known.context
    wrong = {service.NothingChosen: "passed", service.WhyMissing: "reason"} if found.competition else {}
    return page(
        request,
        "review/competition.html",
        status=problem.status if problem else 200,
        room=found,
        lot=lot,
        cell=found.competition,
        entered=entered or {},
        problem=problem,
        wrong=wrong.get(type(problem), "why") if problem else "",
        least=named(lot.least(Stage.RESPONSIVE)),
        reason_max=REASON_MAX,
        band=band(lot.rule_set),
    )


def _ballot(
    request: AnyRequest,
    found: Room,
    bid_id: str,
    *,
    entered: Entered | None = None,
    problem: Problem | None = None,
    raised: Raised | None = None,
    raised_problem: Problem | None = None,
) -> Response[str]:
    line, lot = found.line(bid_id), found.known.context
    refused = problem or raised_problem
    return page(
        request,
        "review/ballot.html",
        status=refused.status if refused else 200,
        room=found,
        line=line,
        lot=lot,
        entered=entered,
        problem=problem,
        wrong=_wrong(line.cells, entered, problem),
        raised=raised,
        raised_problem=raised_problem,
        kinds=KIND_WORDS,
        reason_max=REASON_MAX,
        band=band(lot.rule_set),
    )


def _wrong(cells: tuple[Cell, ...], entered: Entered | None, problem: Problem | None) -> str:
    """The field that a refusal is about."""
    if isinstance(problem, ChangeReason):
        return "why"
    for cell in cells if problem and entered else ():
        node = cell.gate.node
        reason = (entered or {}).get(f"reason-{node}", "").strip()
        if (entered or {}).get(f"passed-{node}") == "no" and not 0 < len(reason) <= REASON_MAX:
            return f"reason-{node}"
    return ""


def _read(platform: Platform, lot_id: str, actor: Actor) -> Room:
    with platform.db.read() as tx:
        return rooms.room(tx, lot_id, actor=actor, at=clock.now(tx))


PAGES = [room, ballot, vote, raise_cause, closing, close, competition, ask_competition]
