"""Errors, rendered once: problem+json (RFC 9457) for machines, a page for people."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Response
from litestar.exceptions import (
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    SerializationException,
    ValidationException,
)
from litestar.types import ExceptionHandlersMap
from sqlalchemy.exc import DataError

from govcore.errors import Malformed, NotFound, NotFresh, NotStrong, Problem
from govcore.web.addresses import page_of
from govcore.web.noting import REFUSED
from govcore.web.rendering import AnyRequest, language, page, redirect

log = logging.getLogger(__name__)


class OtherSite(Problem):
    """A browser sent this from another site: the form was not ours."""

    code = "E_OTHER_SITE"
    status = 403
    text = "This form came from another site and was not accepted."


class TooLarge(Problem):
    code = "E_LIMIT"
    status = 413
    text = "The message is larger than this address accepts."


class WrongMethod(Problem):
    code = "E_METHOD"
    status = 405
    text = "This address does not take this kind of request."


class Broken(Problem):
    """A fault of ours; what happened is in the log, not in the answer."""

    code = "E_FAULT"
    status = 500
    text = "Something broke on our side. Nothing was changed; please try again."


def on_problem(request: AnyRequest, problem: Problem) -> Response[Any]:
    """Answer a refusal in the form that the caller asked for, with the same status and code.

    Where only a fresh proof or a second factor is missing, people are led to give it and come back.
    """
    if isinstance(problem, NotFresh | NotStrong) and _wants_page(request):
        way = "/prove" if isinstance(problem, NotFresh) else "/account/second-factor"
        return redirect(f"{way}?{urlencode({'next': page_of(request)})}")
    request.scope["state"][REFUSED] = problem
    answer = _as_page(request, problem) if _wants_page(request) else _as_json(request, problem)
    if problem.retry_after is not None:
        answer.headers["retry-after"] = str(problem.retry_after)
    return answer


def _as_page(request: AnyRequest, problem: Problem) -> Response[Any]:
    back = page_of(request) if request.method != "GET" else ""
    return page(request, "error.html", status=problem.status, problem=problem, back=back)


def _as_json(request: AnyRequest, problem: Problem) -> Response[Any]:
    translate = request.app.state.platform.catalogue.translator(language(request))
    body = {
        "type": f"/errors/{problem.code}",
        "title": translate(problem.text, **problem.data),
        "status": problem.status,
        "code": problem.code,
        **problem.plain(),
    }
    return Response(
        msgspec.json.encode(body), status_code=problem.status, media_type="application/problem+json"
    )


def on_malformed(request: AnyRequest, error: Exception) -> Response[Any]:
    """422 names the fields that are wrong and repeats no values."""
    extra = getattr(error, "extra", None) or []
    fields = [
        str(item.get("key", "")) + " " + str(item.get("message", ""))
        for item in extra
        if isinstance(item, dict)
    ]
    return on_problem(request, Malformed(detail="; ".join(fields).strip() or "unreadable"))


def on_unstorable(request: AnyRequest, error: Exception) -> Response[Any]:
    """Text with a NUL, a number beyond 64 bits: no database holds it, so nobody can have meant it."""
    log.warning("a request held what the database cannot", exc_info=error)
    return on_problem(request, Malformed(detail="unreadable"))


def on_http(request: AnyRequest, error: HTTPException) -> Response[Any]:
    by_status: dict[int, type[Problem]] = {404: NotFound, 405: WrongMethod, 413: TooLarge}
    if error.status_code in by_status:
        return on_problem(request, by_status[error.status_code]())
    if error.status_code >= 500:
        return on_fault(request, error)
    return on_problem(request, Malformed(detail=error.detail))


def on_fault(request: AnyRequest, error: Exception) -> Response[Any]:
    log.error("a request failed", exc_info=error)
    try:
        return on_problem(request, Broken())
    except Exception as second:  # the page itself needs the database, which may be what is broken
        log.error("the page of a fault failed too", exc_info=second)
        chinese = request.app.state.platform.catalogue.translator("zh_CN")(Broken.text)
        return Response(
            f"{chinese}\n{Broken.text}\n", status_code=500, media_type="text/plain; charset=utf-8"
        )


def _wants_page(request: AnyRequest) -> bool:
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")


HANDLERS: ExceptionHandlersMap = {
    Problem: on_problem,
    ValidationException: on_malformed,
    SerializationException: on_malformed,
    DataError: on_unstorable,
    NotFoundException: on_http,
    MethodNotAllowedException: on_http,
    HTTPException: on_http,
    Exception: on_fault,
}
