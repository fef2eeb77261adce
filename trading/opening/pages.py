"""The opening hall: one shared screen, live for everybody and whole without JavaScript; what people do in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from jinja2 import Environment
from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, MultipartBody, URLEncodedBody
from litestar.response import Redirect, ServerSentEvent, Stream

from govcore import clock
from govcore.clock import start_text
from govcore.db import Tx
from govcore.errors import NotSignedIn
from govcore.identity.policy import Actor
from govcore.identity.sessions import token_hash
from govcore.pdf.capitals import rmb_capitals
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.cookies import session_token
from govcore.web.downloads import download
from govcore.web.params import PathNumber, QueryNumber
from govcore.web.rendering import AnyRequest, fragment, language
from trading.draws import words as draw_words
from trading.opening import (
    attribution,
    drawing,
    hall_queries,
    hosting,
    looking,
    objections,
    participation,
    prolonging,
    queries,
    words,
)
from trading.opening.live import Draw, Halls, Watcher
from trading.opening.policy import WINDOW_NAMES, OpeningState, Window
from trading.opening.schemas import Cause, Words
from trading.procedure.words import article_of
from trading.tender import queries as tenders
from trading.tender.pages import band

RECEIPT_LIMIT = 100_000


@get("/lots/{lot_id:str}/opening", permission="public", sync_to_thread=True)
def hall_page(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
    view: FromQuery[str] = "",
    renew: FromQuery[str] = "",
) -> Response[str]:
    """The hall of a published lot; before its deadline it says what will happen and nothing about bids."""
    with platform.db.read() as tx:
        screen = _screen(tx, platform, lot_id)
        mine = hall_queries.mine(tx, screen["hall"], screen["floor"], actor=actor, at=clock.now(tx))
        prolongable = prolonging.open_windows(tx, screen["lot"]) if actor.may("opening.conclude") else {}
        kept_back = looking.kept_back(tx, lot_id) if actor.may("opening.conclude") else []
    return page(
        request,
        "opening/hall.html",
        **screen,
        mine=mine,
        projector=view == "projector",
        renew=renew == "10",
        final=_is_over(screen["hall"]),
        kept_back=kept_back,
        prolongable=_choices(prolongable, platform.catalogue.translator(language(request))),
        band=band(screen["lot"].rule_set),
    )


@get("/lots/{lot_id:str}/opening/mine", permission="opening.attend", sync_to_thread=True)
def my_part(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """What the reader may do in the hall now; the page asks for it again when something has happened."""
    with platform.db.read() as tx:
        hall, floor = hall_queries.hall_and_floor(tx, lot_id)
        mine = hall_queries.mine(tx, hall, floor, actor=actor, at=clock.now(tx))
    response = page(
        request, "opening/mine.html", lot=hall.lot, hall=hall, floor=floor, mine=mine, capacities=_CAPACITIES
    )
    response.headers["cache-control"] = "no-store"
    return response


@get("/api/lots/{lot_id:str}/opening/stream", permission="public")
async def hall_stream(
    request: AnyRequest, lot_id: FromPath[str], actor: NamedDependency[Actor], after: QueryNumber = 0
) -> ServerSentEvent:
    """The hall's history from a number on, live: each fact once and in order, then the screen that shows it.

    It ends when the reader's session ends or its rights change, and is refused to a session that has ended.
    """
    token = session_token(request)
    if token and not actor.signed_in:
        raise NotSignedIn
    await sync_to_thread(_published, request.app.state.platform, lot_id)
    halls = _halls(request)
    watcher = Watcher(lot_id, language(request), token_hash(token) if token else "", actor)
    halls.check_room_for(watcher)
    last = request.headers.get("last-event-id", "")
    seq = int(last) if last.isascii() and last.isdigit() else after
    return ServerSentEvent(halls.messages(watcher, after=max(0, seq)), headers={"Cache-Control": "no-store"})


@get("/lots/{lot_id:str}/opening/record.pdf", permission="public", sync_to_thread=True)
def record_pdf(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    stage: FromQuery[str] = "",
) -> Response[None] | Stream:
    """The record of the present or of an earlier stage as it was stored."""
    with platform.db.read() as tx:
        lot = tenders.published_lot(tx, lot_id)
        key, sha256 = hall_queries.record_of(tx, lot_id, opens=stage)
    name = f"opening-{lot.lot_code}.pdf"
    data = platform.store.get(key)
    return download(request, lambda: iter([data]), name=name, sha256=sha256, size=len(data))


@post("/lots/{lot_id:str}/opening/sign-in", permission="opening.attend", sync_to_thread=True)
def sign_in(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    with platform.db.transaction() as tx:
        participation.sign_in(tx, lot_id, actor=actor, at=clock.now(tx))
    return _back(lot_id)


@post("/lots/{lot_id:str}/opening/objection", permission="opening.object", sync_to_thread=True)
def object_to_opening(
    lot_id: FromPath[str],
    data: URLEncodedBody[Words],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    with platform.db.transaction() as tx:
        participation.object_to_opening(tx, lot_id, text=data.text, actor=actor, at=clock.now(tx))
    return _back(lot_id)


@post(
    "/lots/{lot_id:str}/opening/bids/{number:str}/cause",
    permission="opening.attribute",
    fresh=True,
    sync_to_thread=True,
)
def decide_cause(
    lot_id: FromPath[str],
    number: PathNumber,
    data: URLEncodedBody[Cause],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    """Say who answers for a bid that did not open, where nobody could."""
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        hosting.decide(tx, lot_id, number, fault=data.fault, reason=data.reason, actor=actor, at=at)
    return _back(lot_id)


@post(
    "/lots/{lot_id:str}/opening/objections/{objection_id:str}/reply",
    permission="opening.reply",
    sync_to_thread=True,
)
def reply(
    lot_id: FromPath[str],
    objection_id: FromPath[str],
    data: URLEncodedBody[Words],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    with platform.db.transaction() as tx:
        participation.reply(tx, objection_id, text=data.text, actor=actor, at=clock.now(tx))
    return _back(lot_id)


@post("/lots/{lot_id:str}/opening/confirmation", permission="opening.confirm", sync_to_thread=True)
def confirm(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    with platform.db.transaction() as tx:
        participation.confirm(tx, lot_id, actor=actor, at=clock.now(tx))
    return _back(lot_id)


@post(
    "/lots/{lot_id:str}/opening/seal-objection",
    permission="opening.object",
    sync_to_thread=True,
    request_max_body_size=4 * RECEIPT_LIMIT,
)
def object_to_seals(
    lot_id: FromPath[str],
    data: MultipartBody[dict[str, Any]],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    """Object to the committed set with the file of one's own receipt."""
    file = data.get("receipt")
    receipt = file.file.read(RECEIPT_LIMIT) if isinstance(file, UploadFile) else b""
    with platform.db.transaction() as tx:
        objections.raise_objection(
            tx, platform.keys, platform.wrapper, lot_id, receipt, actor=actor, at=clock.now(tx)
        )
    return _back(lot_id)


@post(
    "/lots/{lot_id:str}/opening/seal-objections/{objection_id:str}/answer",
    permission="opening.answer",
    sync_to_thread=True,
)
def answer_seal_objection(
    lot_id: FromPath[str],
    objection_id: FromPath[str],
    data: URLEncodedBody[Words],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    with platform.db.transaction() as tx:
        objections.answer(tx, objection_id, text=data.text, actor=actor, at=clock.now(tx))
    return _back(lot_id)


@post("/lots/{lot_id:str}/opening/draw", permission="opening.draw_again", sync_to_thread=True)
def draw_again(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    """Announce the draw of this opening again, after it became void."""
    with platform.db.transaction() as tx:
        drawing.announce_again(tx, lot_id, actor=actor, at=clock.now(tx))
    return _back(lot_id)


_CAPACITIES = words.CAPACITY_WORDS


def _screen(tx: Tx, platform: Platform, lot_id: str) -> dict[str, Any]:
    """All that the shared screen shows: the same for every reader."""
    hall, floor = hall_queries.hall_and_floor(tx, lot_id)
    deadline = hall.lot.deadline_at
    return {
        "lot": hall.lot,
        "hall": hall,
        "floor": floor,
        "closed": deadline is not None and clock.now(tx) >= deadline,
        "capitals": rmb_capitals,
        "events": platform.registry.events,
        "codes": words.CODE_WORDS,
        "findings": words.FINDING_WORDS,
        "pauses": words.PAUSE_WORDS,
        "faults": words.FAULT_WORDS,
        "windows": WINDOW_NAMES,
        "article_of": article_of,
        "capacities": _CAPACITIES,
        "draw": drawing.shown(tx, hall.lot),
        "parties": draw_words.PARTY_NAMES,
        "draw_states": draw_words.STATE_WORDS,
    }


def _choices(windows: Mapping[Window, datetime], words: Callable[..., str]) -> list[tuple[str, str]]:
    """The windows that can be prolonged, each with when it ends."""
    return [(one, f"{words(WINDOW_NAMES[one])} · {start_text(until)}") for one, until in windows.items()]


def _is_over(hall: queries.Hall) -> bool:
    """True when nothing on the screen will change any more: no stage to come, no part still to be checked."""
    if hall.state != OpeningState.RECORDED:
        return hall.state == OpeningState.FAILED
    read_out = {hall.opens, *(one.opens for one in hall.past)}
    checked = all(part.code or part.done >= part.total for bid in hall.bids for part in bid.progress)
    return checked and read_out >= set(hall.lot.content.stages())


def _halls(request: AnyRequest) -> Halls:
    """The live halls of this process, made when the first reader comes."""
    state = request.app.state
    if "halls" not in state:
        state["halls"] = Halls(state.platform, _drawing(state.platform, state.templates))
    halls: Halls = state["halls"]
    return halls


@get("/opening/codes", permission="public", sync_to_thread=True)
def codes_page(request: AnyRequest, platform: NamedDependency[Platform]) -> Response[str]:
    """Every code of the protocol with whose fault it is and what follows."""
    rows = attribution.table(platform.catalogue.translator(language(request)))
    return page(request, "opening/codes.html", rows=rows)


def _drawing(platform: Platform, templates: Environment) -> Draw:
    def draw(tx: Tx, lot_id: str, lang: str) -> str:
        screen = _screen(tx, platform, lot_id)
        return fragment(platform, templates, "opening/screen.html", lang=lang, now=clock.now(tx), **screen)

    return draw


def _published(platform: Platform, lot_id: str) -> None:
    with platform.db.read() as tx:
        tenders.published_lot(tx, lot_id)


def _back(lot_id: str) -> Redirect:
    return redirect(f"/lots/{lot_id}/opening#mine")


PAGES = [
    hall_page,
    my_part,
    hall_stream,
    record_pdf,
    sign_in,
    object_to_opening,
    decide_cause,
    reply,
    confirm,
    object_to_seals,
    answer_seal_objection,
    draw_again,
    codes_page,
]
