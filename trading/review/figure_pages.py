"""The committee's work on one bid's price: its arithmetic, the policies it is granted, how it is adjusted."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.confined import TooMuch
from govcore.errors import Problem
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.sheet_reading import NotASheet
from govcore.web import page, redirect
from govcore.web.rendering import AnyRequest
from trading.opening.parts import small_files
from trading.review import corrections, pricing
from trading.review import room as rooms
from trading.review.corrections import Correction, NothingToCorrect
from trading.review.policy import QUESTION_MAX, REASON_MAX
from trading.review.priced_bill import NoWorkbook, UnreadableBill, is_workbook, typed_over
from trading.review.pricing import GrantKind
from trading.review.requests import StillWaiting
from trading.review.room import Room
from trading.review.service import ChangeReason, NotLeader
from trading.review.statements import BadAmount, BadStatement, Typed, read_statement, yuan
from trading.tender.pages import band


class Sum(msgspec.Struct, forbid_unknown_fields=True):
    words: str = ""
    other: str = ""
    sections: str = ""
    lines: str = ""
    text: str = ""
    send: str = ""

    @property
    def typed(self) -> Typed:
        return Typed(words=self.words, other=self.other, sections=self.sections, lines=self.lines)


class Granted(msgspec.Struct, forbid_unknown_fields=True):
    kind: GrantKind
    item: str
    value: str = ""
    basis: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepShown:
    """A step of a correction as a person reads it; `what` is a key of the catalogue."""

    what: str
    of: str
    old: str
    new: str


def steps_of(detail: dict[str, Any]) -> list[StepShown]:
    """The steps of a kept or computed correction, in order."""
    return [
        StepShown(
            what=corrections.STEP_WORDS[one["step"]],
            of=one["of"] or "",
            old=_plain(one["inputs"][0]["value"]) if one["inputs"] else "",
            new=_plain(one["value"]),
        )
        for one in detail["steps"]
    ]


@get("/review/{lot_id:str}/bids/{bid_id:str}/correction", permission="review.vote", sync_to_thread=True)
def correction(
    request: AnyRequest,
    lot_id: FromPath[str],
    bid_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
    part: FromQuery[str] = "",
) -> Response[str]:
    """The form for how a bid states its price; with the lines of the workbook in a part of the bid, if one is named."""
    found, given = _read(platform, lot_id, actor), Sum()
    found.line(bid_id)
    try:
        if part:
            typed = _typed_over(platform, bid_id, part)
            given = Sum(sections=typed.sections, lines=typed.lines)
    except (NotASheet, UnreadableBill, NoWorkbook, TooMuch) as problem:
        return _correction(request, found, bid_id, given=given, problem=problem)
    return _correction(request, found, bid_id, given=given)


def _typed_over(platform: Platform, bid_id: str, part: str) -> Typed:
    """The rows of the first workbook of an opened part that is a priced bill."""
    files = [(content, name) for name, content in small_files(platform, bid_id, part, is_workbook)]
    if not files:
        raise NoWorkbook
    for book in files[:-1]:
        with suppress(NotASheet, UnreadableBill):
            return typed_over(*book)
    return typed_over(*files[-1])


@post("/review/{lot_id:str}/bids/{bid_id:str}/correction", permission="review.vote", sync_to_thread=True)
def propose(
    request: AnyRequest,
    lot_id: FromPath[str],
    bid_id: FromPath[str],
    data: URLEncodedBody[Sum],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Show what the correction comes to; asked once more, send it to the bidder."""
    found = _read(platform, lot_id, actor)
    try:
        figures = yuan(corrections.figures_of(found.known, bid_id))
        statement = read_statement(data.typed, figures=figures)
        if data.send != "yes":
            shown = corrections.computed(found.known, bid_id, statement)
            return _correction(request, found, bid_id, given=data, shown=shown)
        with platform.db.transaction() as tx:
            at = clock.now(tx)
            corrections.propose(
                tx, lot_id, bid_id=bid_id, statement=statement, text=data.text.strip(), actor=actor, at=at
            )
    except (BadStatement, BadAmount, NothingToCorrect, StillWaiting) as problem:
        return _correction(request, found, bid_id, given=data, problem=problem)
    return redirect(f"/review/{lot_id}/bids/{bid_id}#asked")


def _correction(
    request: AnyRequest,
    found: Room,
    bid_id: str,
    *,
    given: Sum,
    shown: Correction | None = None,
    problem: Problem | None = None,
) -> Response[str]:
    if not found.seat.leader:
        raise NotLeader
    lot = found.known.context
    return page(
        request,
        "review/correction.html",
        status=problem.status if problem else 200,
        lot=lot,
        line=found.line(bid_id),
        figures=corrections.figures_of(found.known, bid_id),
        given=given,
        shown=shown,
        steps=steps_of(shown.detail) if shown else [],
        problem=problem,
        field=problem.data.get("field", "lines") if problem else "",
        minutes=lot.rule_set.seconds("review.confirm_window") // 60,
        most=QUESTION_MAX,
        band=band(lot.rule_set),
    )


@get("/review/{lot_id:str}/bids/{bid_id:str}/price", permission="review.vote", sync_to_thread=True)
def price(
    request: AnyRequest,
    lot_id: FromPath[str],
    bid_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """The policies and adjustments of the documents, and what holds for this bid."""
    return _price(request, _read(platform, lot_id, actor), bid_id)


@post("/review/{lot_id:str}/bids/{bid_id:str}/price", permission="review.vote", sync_to_thread=True)
def grant(
    request: AnyRequest,
    lot_id: FromPath[str],
    bid_id: FromPath[str],
    data: URLEncodedBody[Granted],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Record one of them with its basis."""
    try:
        with platform.db.transaction() as tx:
            pricing.grant(
                tx,
                lot_id,
                bid_id=bid_id,
                kind=data.kind,
                item=data.item,
                value=data.value,
                basis=data.basis,
                why=data.why,
                actor=actor,
                at=clock.now(tx),
            )
    except (pricing.GrantBasis, pricing.GrantValue, pricing.GrantBrand, ChangeReason) as problem:
        return _price(request, _read(platform, lot_id, actor), bid_id, given=data, problem=problem)
    return redirect(f"/review/{lot_id}/bids/{bid_id}/price")


_GRANT_FIELDS: Mapping[type[Problem | None], str] = {
    pricing.GrantBasis: "basis",
    pricing.GrantValue: "value",
    pricing.GrantBrand: "value",
}


def _price(
    request: AnyRequest,
    found: Room,
    bid_id: str,
    *,
    given: Granted | None = None,
    problem: Problem | None = None,
) -> Response[str]:
    lot = found.known.context
    own = {(one.kind, one.item): one for one in found.known.grants if one.bid_id == bid_id}
    return page(
        request,
        "review/price.html",
        status=problem.status if problem else 200,
        room=found,
        lot=lot,
        line=found.line(bid_id),
        items=pricing.offered(lot),
        brands=found.known.brands,
        own=own,
        given=given,
        problem=problem,
        field=_GRANT_FIELDS.get(type(problem), "why"),
        reason_max=REASON_MAX,
        band=band(lot.rule_set),
    )


def _plain(value: str) -> str:
    """An exact fraction as people read it: a decimal where it is one with up to six places."""
    above, _, below = value.partition("/")
    scaled = int(above) * 10**6
    if scaled % int(below):
        return value
    whole, rest = divmod(abs(scaled // int(below)), 10**6)
    sign = "-" if scaled < 0 else ""
    return f"{sign}{whole:,}.{f'{rest:06d}'.rstrip('0').ljust(2, '0')}"


def _read(platform: Platform, lot_id: str, actor: Actor) -> Room:
    with platform.db.read() as tx:
        return rooms.room(tx, lot_id, actor=actor, at=clock.now(tx))


PAGES = [correction, propose, price, grant]
