"""Checks for everybody: an evaluation or a draw computed again from its file, by the code of the command line."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import MultipartBody

from govcore.errors import Problem
from govcore.platform import Platform
from govcore.web import page
from govcore.web.rendering import AnyRequest, language
from trading.draws import queries as draws
from trading.draws import replay, replay_words
from trading.evaluation import bundle_queries, bundles, recompute, recompute_words
from trading.evaluation.signature_checks import verify_signatures

FILE_LIMIT = 2 << 20
"""Far above what twenty bids and two hundred criteria need; larger files are checked on one's own machine."""

MOST_BIDS = 300
"""A benchmark found step by step looks at all bids for each that it drops."""

MOST_LINES = 500


class NoFile(Problem):
    code = "E_NO_FILE"
    status = 422
    text = "Choose the file."


class TooLargeHere(Problem):
    code = "E_TOO_LARGE_HERE"
    status = 422
    text = "This file is too large to be checked here; check it on your own computer with the command below."


class NoBundle(Problem):
    code = "E_NOT_A_BUNDLE"
    status = 422
    text = "This file is no evaluation bundle: it goes wrong at {place}."


class NoDraw(Problem):
    code = "E_NOT_A_DRAW"
    status = 422
    text = "This file is no draw's document: it goes wrong at {place}."


@dataclass(frozen=True, slots=True)
class Line:
    """One check in words; `holds` is None for what this form of the file cannot show."""

    words: str
    holds: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What came out: of which file, its lines, and where this site publishes exactly this file, if it does."""

    sha256: str
    verdict: str
    right: bool
    lines: Sequence[Line]
    left_out: int
    published: str | None


@get("/verify/evaluation", permission="public", sync_to_thread=True)
def evaluation_page(request: AnyRequest) -> Response[str]:
    return _page(request, "evaluation")


@post(
    "/verify/evaluation",
    permission="public",
    cost=30,
    sync_to_thread=True,
    status_code=200,
    request_max_body_size=FILE_LIMIT + (64 << 10),
)
def check_evaluation(
    request: AnyRequest, data: MultipartBody[dict[str, Any]], platform: NamedDependency[Platform]
) -> Response[str]:
    """Compute the result in an uploaded bundle again; nothing of the file is kept."""
    try:
        raw = _content(data)
        bundle = _bundle(raw)
        checks = recompute.verify(bundle) + verify_signatures(bundle)
    except Problem as problem:
        return _page(request, "evaluation", problem=problem)
    spoken = _spoken(request)
    lines = [Line(recompute_words.told(one, spoken), one.holds) for one in checks]
    with platform.db.read() as tx:
        tender_id = bundle_queries.publisher(tx, hashlib.sha256(raw).hexdigest())
    href = f"/tenders/{tender_id}" if tender_id else None
    verdict = recompute_words.verdict(_failed(lines), spoken)
    return _page(request, "evaluation", checked=_checked(raw, lines, verdict, published=href))


@get("/verify/draw", permission="public", sync_to_thread=True)
def draw_page(request: AnyRequest) -> Response[str]:
    return _page(request, "draw")


@post(
    "/verify/draw",
    permission="public",
    cost=30,
    sync_to_thread=True,
    status_code=200,
    request_max_body_size=FILE_LIMIT + (64 << 10),
)
def check_draw(
    request: AnyRequest, data: MultipartBody[dict[str, Any]], platform: NamedDependency[Platform]
) -> Response[str]:
    """Compute an uploaded draw again, step by step; nothing of the file is kept."""
    try:
        raw = _content(data)
        document = _draw(raw)
    except Problem as problem:
        return _page(request, "draw", problem=problem)
    spoken = _spoken(request)
    lines = [Line(replay_words.told(one, spoken), one.holds) for one in replay.verify(document)]
    with platform.db.read() as tx:
        ours = draws.published_document(tx, document["draw_id"])
    href = f"/draws/{document['draw_id']}" if ours == document else None
    verdict = replay_words.verdict(_failed(lines), spoken)
    return _page(request, "draw", checked=_checked(raw, lines, verdict, published=href))


def _content(data: dict[str, Any]) -> bytes:
    file = data.get("file")
    raw = file.file.read(FILE_LIMIT + 1) if isinstance(file, UploadFile) and file.filename else b""
    if not raw:
        raise NoFile
    if len(raw) > FILE_LIMIT:
        raise TooLargeHere
    return raw


def _bundle(raw: bytes) -> bundles.Bundle:
    try:
        found = bundles.read(raw)
    except bundles.NotABundle as error:
        raise NoBundle(place=str(error)) from error
    bids = found["documents"]["opening"].get("bids")
    if isinstance(bids, list) and len(bids) > MOST_BIDS:
        raise TooLargeHere
    return found


def _draw(raw: bytes) -> replay.Document:
    try:
        return replay.read(raw)
    except replay.NotADraw as error:
        raise NoDraw(place=str(error)) from error


def _spoken(request: AnyRequest) -> str:
    """The language as the command line names it."""
    return language(request).partition("_")[0]


def _failed(lines: Sequence[Line]) -> int:
    return sum(line.holds is False for line in lines)


def _checked(raw: bytes, lines: Sequence[Line], verdict: str, *, published: str | None) -> Checked:
    """What does not hold comes first, the rest in its order; a list too long for a page is cut."""
    ordered = sorted(lines, key=lambda line: line.holds is not False)
    return Checked(
        sha256=hashlib.sha256(raw).hexdigest(),
        verdict=verdict,
        right=not _failed(lines),
        lines=ordered[:MOST_LINES],
        left_out=max(0, len(ordered) - MOST_LINES),
        published=published,
    )


def _page(
    request: AnyRequest, kind: str, *, checked: Checked | None = None, problem: Problem | None = None
) -> Response[str]:
    return page(
        request,
        "desk/verify_result.html",
        status=problem.status if problem else 200,
        kind=kind,
        checked=checked,
        problem=problem,
        limit=FILE_LIMIT,
    )


PAGES = [evaluation_page, check_evaluation, draw_page, check_draw]
