"""“The committee asks”: what a bidder was asked, until when, and its answer."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, MultipartBody
from litestar.response import Redirect

from govcore import clock
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.downloads import disposition
from govcore.web.params import PathNumber
from govcore.web.rendering import AnyRequest
from trading.review import files, requests
from trading.review.figure_pages import steps_of
from trading.review.policy import ANSWER_MAX, FILE_KINDS, FILE_LIMIT, FILES_MAX, RequestKind
from trading.review.room_pages import KIND_WORDS
from trading.tender.pages import band

BODY_LIMIT = FILES_MAX * FILE_LIMIT + (256 << 10)

Form = dict[str, Any]


@get("/review/requests", permission="review.read_requests", sync_to_thread=True)
def own_requests(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """Everything that committees asked of the reader's organisation."""
    with platform.db.read() as tx:
        found = requests.own_requests(tx, actor=actor)
    return page(request, "review/requests.html", found=found, kinds=KIND_WORDS)


@get("/review/requests/{request_id:str}", permission="review.read_requests", sync_to_thread=True)
def own_request(
    request: AnyRequest,
    request_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """One question with the form for its answer, or the answer that was given."""
    return _page(request, platform, request_id, actor)


@post(
    "/review/requests/{request_id:str}",
    permission="review.answer",
    fresh=True,
    sync_to_thread=True,
    request_max_body_size=BODY_LIMIT,
)
def answer(
    request: AnyRequest,
    request_id: FromPath[str],
    data: MultipartBody[Form],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Answer for the organisation: words and files, or yes or no to a correction."""
    with platform.db.read() as tx:
        _, asked, _ = requests.own_request(tx, request_id, actor=actor)
    text = _text(data, "text")
    try:
        if asked.kind is RequestKind.CORRECTION:
            if _text(data, "agreed") not in ("yes", "no"):
                raise requests.ChooseOne
            with platform.db.transaction() as tx:
                requests.decide_correction(
                    tx,
                    request_id,
                    agreed=_text(data, "agreed") == "yes",
                    text=text,
                    actor=actor,
                    at=clock.now(tx),
                )
        else:
            stored = files.store_all(platform.store, request_id, _files(data))
            with platform.db.transaction() as tx:
                requests.answer(
                    tx,
                    request_id,
                    text=text,
                    kept=_text(data, "kept") == "yes",
                    files=stored,
                    actor=actor,
                    at=clock.now(tx),
                )
    except (requests.AnswerText, requests.SubstanceKept, requests.ChooseOne, files.BadFile) as problem:
        return _page(request, platform, request_id, actor, problem=problem, text=text)
    return redirect(f"/review/requests/{request_id}")


@get(
    "/review/requests/{request_id:str}/files/{number:int}",
    permission="review.read_requests",
    sync_to_thread=True,
)
def own_file(
    request_id: FromPath[str],
    number: PathNumber,
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[bytes]:
    """A file that one's own organisation sent."""
    with platform.db.read() as tx:
        _, _, sent = requests.own_request(tx, request_id, actor=actor)
    file = next((one for one in sent if one.number == number), None)
    if file is None:
        raise NotFound
    headers = {"content-disposition": disposition(file.name), "cache-control": "no-store"}
    return Response(
        platform.store.get(file.store_key), media_type="application/octet-stream", headers=headers
    )


_FIELDS = {
    requests.AnswerText: "text",
    requests.SubstanceKept: "kept",
    requests.ChooseOne: "agreed",
    files.BadFile: "files",
}


def _page(
    request: AnyRequest,
    platform: Platform,
    request_id: str,
    actor: Actor,
    *,
    problem: Problem | None = None,
    text: str = "",
) -> Response[str]:
    with platform.db.read() as tx:
        lot, asked, sent = requests.own_request(tx, request_id, actor=actor)
    return page(
        request,
        "review/request.html",
        status=problem.status if problem else 200,
        lot=lot,
        asked=asked,
        sent=sent,
        kinds=KIND_WORDS,
        steps=steps_of(dict(asked.detail)) if asked.kind is RequestKind.CORRECTION else [],
        may_answer=actor.may("review.answer"),
        problem=problem,
        field=_FIELDS[type(problem)] if problem else "",
        text=text,
        most=ANSWER_MAX,
        limits={"files": FILES_MAX, "megabytes": FILE_LIMIT >> 20, "kinds": ", ".join(FILE_KINDS)},
        band=band(lot.rule_set),
    )


def _text(form: Form, name: str) -> str:
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""


def _files(form: Form) -> list[files.Given]:
    """The chosen files, each read one byte beyond what is allowed."""
    value = form.get("files")
    chosen = value if isinstance(value, list) else [value]
    return [
        files.Given(one.filename, one.file.read(FILE_LIMIT + 1))
        for one in chosen
        if isinstance(one, UploadFile) and one.filename
    ]


PAGES = [own_requests, own_request, answer, own_file]
