"""The committee writes to one bidder: a question, a low price to explain; and reads what came back."""

from __future__ import annotations

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.downloads import disposition
from govcore.web.params import PathNumber
from govcore.web.rendering import AnyRequest
from trading.review import requests
from trading.review import room as rooms
from trading.review.policy import QUESTION_MAX, RequestKind
from trading.review.room_pages import KIND_WORDS, Why
from trading.review.service import NotLeader
from trading.tender.pages import band


class Question(msgspec.Struct, forbid_unknown_fields=True):
    kind: RequestKind = RequestKind.CLARIFICATION
    text: str = ""


@get("/review/{lot_id:str}/bids/{bid_id:str}/ask", permission="review.vote", sync_to_thread=True)
def question(
    request: AnyRequest,
    lot_id: FromPath[str],
    bid_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
    kind: FromQuery[RequestKind] = RequestKind.CLARIFICATION,
) -> Response[str]:
    """The form for a question to one bidder."""
    return _question(request, platform, lot_id, bid_id, actor, given=Question(kind=kind))


@post("/review/{lot_id:str}/bids/{bid_id:str}/ask", permission="review.vote", sync_to_thread=True)
def ask(
    request: AnyRequest,
    lot_id: FromPath[str],
    bid_id: FromPath[str],
    data: URLEncodedBody[Question],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Send the question in the committee's name."""
    if data.kind is RequestKind.CORRECTION:
        raise NotFound
    try:
        with platform.db.transaction() as tx:
            at = clock.now(tx)
            requests.ask(tx, lot_id, bid_id=bid_id, kind=data.kind, text=data.text, actor=actor, at=at)
    except (requests.QuestionText, requests.StillWaiting) as problem:
        return _question(request, platform, lot_id, bid_id, actor, given=data, problem=problem)
    return redirect(f"/review/{lot_id}/bids/{bid_id}#asked")


def _question(
    request: AnyRequest,
    platform: Platform,
    lot_id: str,
    bid_id: str,
    actor: Actor,
    *,
    given: Question,
    problem: Problem | None = None,
) -> Response[str]:
    with platform.db.read() as tx:
        found = rooms.room(tx, lot_id, actor=actor, at=clock.now(tx))
    if not found.seat.leader:
        raise NotLeader
    lot = found.known.context
    return page(
        request,
        "review/ask.html",
        status=problem.status if problem else 200,
        lot=lot,
        line=found.line(bid_id),
        given=given,
        problem=problem,
        kinds=KIND_WORDS,
        minutes=lot.rule_set.seconds("review.answer_window") // 60,
        most=QUESTION_MAX,
        band=band(lot.rule_set),
    )


@post(
    "/review/{lot_id:str}/requests/{request_id:str}/withdraw", permission="review.vote", sync_to_thread=True
)
def withdraw(
    lot_id: FromPath[str],
    request_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    """Take a question back before it is answered."""
    with platform.db.transaction() as tx:
        requests.withdraw(tx, lot_id, request_id=request_id, actor=actor, at=clock.now(tx))
    return redirect(f"/review/{lot_id}#requests")


@post("/review/{lot_id:str}/bids/{bid_id:str}/price-judgement", permission="review.vote", sync_to_thread=True)
def judge_price(
    lot_id: FromPath[str],
    bid_id: FromPath[str],
    data: URLEncodedBody[Why],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    """Put to the vote whether a low price was explained."""
    with platform.db.transaction() as tx:
        requests.judge_price(tx, lot_id, bid_id=bid_id, why=data.why, actor=actor, at=clock.now(tx))
    return redirect(f"/review/{lot_id}/bids/{bid_id}")


@get(
    "/review/{lot_id:str}/requests/{request_id:str}/files/{number:int}",
    permission="review.vote",
    sync_to_thread=True,
)
def answer_file(
    lot_id: FromPath[str],
    request_id: FromPath[str],
    number: PathNumber,
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[bytes]:
    """A file that came with an answer, for the committee."""
    with platform.db.read() as tx:
        found = rooms.room(tx, lot_id, actor=actor, at=clock.now(tx))
    file = next((one for one in found.files.get(request_id, ()) if one.number == number), None)
    if file is None:
        raise NotFound
    headers = {"content-disposition": disposition(file.name), "cache-control": "no-store"}
    return Response(
        platform.store.get(file.store_key), media_type="application/octet-stream", headers=headers
    )


PAGES = [question, ask, withdraw, judge_price, answer_file]
