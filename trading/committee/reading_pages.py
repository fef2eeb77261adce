"""The reading room's pages: what there is to read, a PDF or two beside each other, and the files themselves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from urllib.parse import quote

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Stream

from govcore import clock
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.bundles import BUNDLES
from govcore.web.params import PathNumber
from govcore.web.ranges import piece_of
from govcore.web.rendering import AnyRequest, language
from trading.committee import reading
from trading.committee.reading import File, PartBlind, Shelf
from trading.committee.service import NOT_NOW
from trading.opening.parts import opened_archive
from trading.opening.queries import OpenedBid
from trading.opening.words import REMARK_WORDS
from trading.tender.schemas import PartRule

READING_WORDS = {
    "page": "Page {page} of {pages}",
    "no-bookmarks": "This file has no bookmarks.",
    "not-shown": "This file cannot be shown here. Open it by itself.",
}
"""Sentences of the viewer, by the keys that `frontend/src/reading` uses."""


@dataclass(frozen=True, slots=True)
class Pane:
    """A file in the viewer, and the same bid's others to change to."""

    bid: OpenedBid
    part: PartRule
    file: File
    files: list[File]
    key: str
    read: str
    """The ticket with which the viewer asks for pieces."""

    @property
    def href(self) -> str:
        return f"{self.bid.bid_id}/{self.part.id}/{self.file.n}"

    def note(self, tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> None:
        """Log that the member reads it."""
        bid_id, n = self.bid.bid_id, self.file.n
        reading.note_reading(tx, lot_id, bid_id=bid_id, part=self.part.id, file=n, actor=actor, at=at)


@get("/evaluation/{lot_id:str}/reading", permission="committee.sit", sync_to_thread=True)
def room(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
    bid: FromQuery[str] = "",
    part: FromQuery[str] = "",
) -> Response[str] | Redirect:
    """The bids and their parts; of the chosen one the files."""
    try:
        with platform.db.read() as tx:
            shelf = reading.shelf(tx, lot_id, actor=actor, at=clock.now(tx))
    except NOT_NOW:
        return redirect(f"/evaluation/{lot_id}/session")
    chosen, files = None, None
    if bid and part:
        chosen = shelf.find(bid, part)
        files = reading.files_of(platform, chosen[0], chosen[1], is_blind=chosen[2])
    return page(
        request,
        "committee/reading.html",
        shelf=shelf,
        lot=shelf.context,
        chosen=chosen,
        files=files,
        remarks=REMARK_WORDS,
        scanned=platform.scanner is not None,
    )


@get("/evaluation/{lot_id:str}/reading/view", permission="committee.sit", sync_to_thread=True)
def view(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
    a: FromQuery[str],
    b: FromQuery[str] = "",
) -> Response[str] | Redirect:
    """One PDF, or two beside each other: `bid.part.place` names each. Both are logged as read."""
    try:
        with platform.db.read() as tx:
            shelf = reading.shelf(tx, lot_id, actor=actor, at=clock.now(tx))
    except NOT_NOW:
        return redirect(f"/evaluation/{lot_id}/session")
    panes = [_pane(platform, shelf, key, actor=actor) for key in ((a, b) if b else (a,))]
    with platform.db.transaction() as tx:
        for pane in panes:
            pane.note(tx, lot_id, actor=actor, at=clock.now(tx))
    first = panes[0]
    others = [bid for bid in _beside(shelf, first) if bid.bid_id != first.bid.bid_id]
    translate = platform.catalogue.translator(language(request))
    return page(
        request,
        "committee/viewer.html",
        lot=shelf.context,
        panes=panes,
        others=others,
        beside=panes[1].bid.bid_id if len(panes) > 1 else "",
        words={key: translate(text) for key, text in READING_WORDS.items()},
        worker=BUNDLES["pdf-worker.js"].url,
    )


@get(
    "/evaluation/{lot_id:str}/reading/{bid_id:str}/{part:str}/{n:int}",
    permission="committee.sit",
    as_stored=True,
    sync_to_thread=True,
)
def file(
    request: AnyRequest,
    lot_id: FromPath[str],
    bid_id: FromPath[str],
    part: FromPath[str],
    n: PathNumber,
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
    save: FromQuery[bool] = False,
    read: FromQuery[str] = "",
) -> Stream:
    """A file of an opened bid, decrypted for the member who asks; every reading is logged.

    The viewer, which had its reading logged, shows its ticket and may ask for pieces.
    """
    ticket = reading.ticket(platform.keys, lot_id, bid_id=bid_id, part=part, n=n, actor=actor)
    logged = compare_digest(ticket.encode(), read.encode())
    with platform.db.read() as tx:
        bid, rule, is_blind = reading.shelf(tx, lot_id, actor=actor, at=clock.now(tx)).find(bid_id, part)
    with ExitStack() as opening:
        found, content = opening.enter_context(reading.opened_file(platform, bid, rule, n, is_blind=is_blind))
        if not logged:
            _note(platform, lot_id, bid_id, part, n, actor)
        piece = piece_of(request.headers.get("range", ""), content.size) if logged else None
        stack = opening.pop_all()  # from here on the answer closes it
    start, length = piece or (0, content.size)
    inside = found.media_type != "application/octet-stream" and not save
    headers = {
        "content-disposition": f"{'inline' if inside else 'attachment'}; filename*=UTF-8''{quote(found.name)}",
        "content-length": str(length),
        "cache-control": "no-store",
    }
    if logged:
        headers["accept-ranges"] = "bytes"
    if piece:
        headers["content-range"] = f"bytes {start}-{start + length - 1}/{content.size}"
    return Stream(
        _closing(stack, content.chunks(start, length)),
        media_type=found.media_type,
        headers=headers,
        status_code=206 if piece else 200,
    )


@get(
    "/api/lots/{lot_id:str}/bids/{bid_id:str}/opened/{part:str}",
    permission="committee.sit",
    sync_to_thread=True,
)
def read_opened_part(
    lot_id: FromPath[str],
    bid_id: FromPath[str],
    part: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Stream:
    """A part of an opened bid as its ZIP, decrypted for the committee's member who asks; every reading is logged."""
    with platform.db.read() as tx:
        _, _, is_blind = reading.shelf(tx, lot_id, actor=actor, at=clock.now(tx)).find(bid_id, part)
        if is_blind:
            raise PartBlind
    chunks = opened_archive(platform, bid_id, part)
    _note(platform, lot_id, bid_id, part, None, actor)
    headers = {
        "content-disposition": f'attachment; filename="{bid_id}-{part}.zip"',
        "cache-control": "no-store",
    }
    return Stream(chunks, media_type="application/zip", headers=headers)


def _note(platform: Platform, lot_id: str, bid_id: str, part: str, n: int | None, actor: Actor) -> None:
    """Log a reading that is not refused, before its first byte goes out."""
    with platform.db.transaction() as tx:
        reading.note_reading(tx, lot_id, bid_id=bid_id, part=part, file=n, actor=actor, at=clock.now(tx))


def _closing(stack: ExitStack, chunks: Iterator[bytes]) -> Iterator[bytes]:
    with stack:
        yield from chunks


def _pane(platform: Platform, shelf: Shelf, key: str, *, actor: Actor) -> Pane:
    """What `bid.part.place` names; without a place the part's first PDF."""
    names = key.split(".")
    if len(names) not in (2, 3):
        raise NotFound
    bid, part, is_blind = shelf.find(names[0], names[1])
    files = [one for one in reading.files_of(platform, bid, part, is_blind=is_blind) if one.viewed]
    wanted = [one for one in files if len(names) == 2 or str(one.n) == names[2]]
    if not wanted:
        raise NotFound
    file, lot_id = wanted[0], shelf.context.lot_id
    read = reading.ticket(platform.keys, lot_id, bid_id=bid.bid_id, part=part.id, n=file.n, actor=actor)
    return Pane(bid, part, file, files, f"{bid.bid_id}.{part.id}.{file.n}", read)


def _beside(shelf: Shelf, pane: Pane) -> tuple[OpenedBid, ...]:
    """The bids that can be laid beside this one: those of the same shelf."""
    return shelf.coded if pane.part in shelf.blind_parts else shelf.bids


PAGES = [room, view, file, read_opened_part]
