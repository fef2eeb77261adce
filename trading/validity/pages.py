"""The page of a lot's validity: the tenderer's side offers to extend it, a bidder answers for its own bid."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, MultipartBody, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.clock import BEIJING
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.params import PathNumber
from govcore.web.rendering import AnyRequest
from guarantees.letter import MAX_SIZE
from trading.tender.pages import band
from trading.validity import papers, queries, service
from trading.validity.policy import REASON_MAX, RULE, Said, days_of


class OfferForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    last_day: str = ""
    answer_by: str = ""
    reason: str = ""


@get("/lots/{lot_id:str}/validity", permission="validity.read", sync_to_thread=True)
def show(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """Until when the bids bind, and the open offer."""
    return _shown(request, platform, lot_id, actor)


@post("/lots/{lot_id:str}/validity/offers", permission="validity.offer", fresh=True, sync_to_thread=True)
def offer(
    request: AnyRequest,
    lot_id: FromPath[str],
    data: URLEncodedBody[OfferForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect | Response[str]:
    """Offer the bidders still in to be bound longer."""
    try:
        with platform.db.transaction() as tx:
            found = queries.bound(tx, lot_id, actor=actor)
            deadline = found.context.deadline_at
            last, answer_by = _moment(data.last_day), _moment(data.answer_by)
            days = days_of(deadline, last + timedelta(days=1), zone=BEIJING) if deadline and last else 0
            service.offer(
                tx,
                lot_id,
                days=max(days, 0),
                answer_by=answer_by or found.first_end,
                reason=data.reason,
                actor=actor,
                at=clock.now(tx),
            )
    except service.WrongOffer as problem:
        return _shown(request, platform, lot_id, actor, problem=problem, entered=data)
    return redirect(f"/lots/{lot_id}/validity")


@post("/lots/{lot_id:str}/validity/answer", permission="validity.answer", fresh=True, sync_to_thread=True)
def answer(
    lot_id: FromPath[str],
    data: MultipartBody[dict[str, Any]],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    """Accept or refuse, with the letter for the longer time where there is one."""
    file = data.get("letter")
    letter = file.file.read(MAX_SIZE + 1) if isinstance(file, UploadFile) and file.filename else None
    said = Said.ACCEPTED if data.get("said") == Said.ACCEPTED else Said.REFUSED
    with platform.db.transaction() as tx:
        service.answer(tx, lot_id, said=said, letter=letter, actor=actor, at=clock.now(tx))
    return redirect(f"/lots/{lot_id}/validity")


@get("/lots/{lot_id:str}/validity/{n:int}/request.pdf", permission="validity.read", sync_to_thread=True)
def request_letter(
    lot_id: FromPath[str],
    n: PathNumber,
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
    bid: FromQuery[str] = "",
) -> Response[bytes]:
    """The tenderer's letter to one bidder; a bidder gets its own."""
    with platform.db.read() as tx:
        found = queries.bound(tx, lot_id, actor=actor)
    asked, own = _offer(found, n), _bid(found, bid)
    return _paper(papers.request_letter(found.context, asked, own.bidder), f"validity-{n}-request.pdf")


@get("/lots/{lot_id:str}/validity/{n:int}/reply.pdf", permission="validity.read", sync_to_thread=True)
def reply_letter(
    lot_id: FromPath[str],
    n: PathNumber,
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
    bid: FromQuery[str] = "",
) -> Response[bytes]:
    """A bidder's answer on paper, for itself and the tenderer's side."""
    with platform.db.read() as tx:
        found = queries.bound(tx, lot_id, actor=actor)
    asked, own = _offer(found, n), _bid(found, bid)
    if asked.id not in own.said:
        raise NotFound
    pdf = papers.reply_letter(found.context, asked, own, own.said[asked.id])
    return _paper(pdf, f"validity-{n}-reply.pdf")


def _shown(
    request: AnyRequest,
    platform: Platform,
    lot_id: str,
    actor: Actor,
    *,
    problem: Problem | None = None,
    entered: OfferForm | None = None,
) -> Response[str]:
    with platform.db.read() as tx:
        found, at = queries.bound(tx, lot_id, actor=actor), clock.now(tx)
    return page(
        request,
        "validity/validity.html",
        status=problem.status if problem else 200,
        found=found,
        lot=found.context,
        running=found.context.state in queries.BOUND,
        open_offer=found.open_offer(at),
        at=at,
        rule=RULE,
        reason_max=REASON_MAX,
        problem=problem,
        entered=entered or OfferForm(),
        band=band(found.context.rule_set),
    )


def _offer(found: queries.Bound, n: int) -> queries.OfferShown:
    offer = next((one for one in found.offers if one.n == n), None)
    if offer is None:
        raise NotFound
    return offer


def _bid(found: queries.Bound, bid_id: str) -> queries.BidBound:
    bid = next((one for one in found.bids if one.bid_id == bid_id or not found.own_side), None)
    if bid is None:
        raise NotFound
    return bid


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=BEIJING)
    except ValueError:
        return None


def _paper(content: bytes, name: str) -> Response[bytes]:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="application/pdf", headers=headers)


PAGES = [show, offer, answer, request_letter, reply_letter]
