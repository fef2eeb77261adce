"""Questions and clarifications for everybody: read, ask with or without an account, look a sample up."""

from __future__ import annotations

import re
from urllib.parse import quote

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect, Stream

from govcore import clock
from govcore.errors import Problem
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.downloads import download
from govcore.web.rendering import AnyRequest, language
from trading.clarification import asking, queries
from trading.clarification.forms import WORDS
from trading.clarification.schemas import QUESTION_MAX, NewQuestion
from trading.tender.pages import band
from trading.tender.queries import lot_context, lots_of

REFERENCE = re.compile(r"^[A-Z2-7]{4}-[A-Z2-7]{4}$")


class QuestionForm(msgspec.Struct):
    text: str = ""
    receipt: str = ""


@get("/tenders/{tender_id:str}/questions", permission="public", sync_to_thread=True)
def questions(
    request: AnyRequest,
    tender_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
    asked: FromQuery[str] = "",
) -> Response[str]:
    """All that was clarified, one's own questions, and the form to ask."""
    reference = asked if REFERENCE.match(asked) else ""
    return _questions(request, platform, tender_id, actor, reference=reference)


@post("/tenders/{tender_id:str}/questions", permission="public", sync_to_thread=True)
def ask(
    request: AnyRequest,
    tender_id: FromPath[str],
    data: URLEncodedBody[QuestionForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Take a question; what was typed is kept when it cannot be taken."""
    try:
        given = msgspec.convert(msgspec.to_builtins(data), NewQuestion)
        with platform.db.transaction() as tx:
            reference = asking.ask(
                tx, platform.keys, platform.wrapper, tender_id, given, actor=actor, at=clock.now(tx)
            )
    except (asking.Blank, asking.AskingOver, asking.ReceiptRefused, msgspec.ValidationError) as problem:
        return _questions(request, platform, tender_id, actor, entered=data, problem=problem)
    return redirect(f"/tenders/{quote(tender_id)}/questions?asked={reference}")


def _questions(
    request: AnyRequest,
    platform: Platform,
    tender_id: str,
    actor: Actor,
    *,
    reference: str = "",
    entered: QuestionForm | None = None,
    problem: Exception | None = None,
) -> Response[str]:
    with platform.db.read() as tx:
        at = clock.now(tx)
        tender = queries.published_tender(tx, tender_id)
        lot = lot_context(tx, lots_of(tx, tender_id)[0].id)
        window = queries.asking_window(tx, tender_id, at=at)
        shown = queries.released(tx, tender_id)
        acts = queries.dated_acts(tx, tender)
        mine = queries.my_questions(tx, platform.keys, platform.wrapper, tender_id, actor=actor)
    return page(
        request,
        "clarification/questions.html",
        status=200 if problem is None else getattr(problem, "status", 422),
        tender=lot,
        window=window,
        clarifications=shown,
        acts=acts,
        mine=mine,
        reference=reference,
        entered=entered or QuestionForm(),
        errors=_errors(request, platform, problem),
        question_max=QUESTION_MAX,
        words=WORDS,
        band=band(lot.rule_set),
    )


def _errors(request: AnyRequest, platform: Platform, problem: Exception | None) -> list[dict[str, str]]:
    _ = platform.catalogue.translator(language(request))
    if problem is None:
        return []
    if not isinstance(problem, Problem):
        return [{"field": "text", "text": _("At most {n} characters.", n=QUESTION_MAX)}]
    field = "receipt" if isinstance(problem, asking.ReceiptRefused) else "text"
    return [{"field": field, "text": _(problem.text, **problem.data)}]


@get("/clarifications/{clarification_id:str}", permission="public", sync_to_thread=True)
def clarification(
    request: AnyRequest, clarification_id: FromPath[str], platform: NamedDependency[Platform]
) -> Response[str]:
    """One released clarification, as it is printed too."""
    with platform.db.read() as tx:
        shown = queries.released_clarification(tx, clarification_id)
        lot = lot_context(tx, lots_of(tx, shown.tender_id)[0].id)
    return page(
        request,
        "clarification/clarification.html",
        one=shown,
        tender=lot,
        words=WORDS,
        band=band(lot.rule_set),
    )


@get("/clarifications/{clarification_id:str}/paper.pdf", permission="public", sync_to_thread=True)
def paper(
    request: AnyRequest, clarification_id: FromPath[str], platform: NamedDependency[Platform]
) -> Response[None] | Stream:
    """A released clarification's paper, exactly as it was published."""
    with platform.db.read() as tx:
        key, sha256, size = queries.paper_of(tx, clarification_id)
        number = queries.released_clarification(tx, clarification_id).number
    return download(
        request,
        lambda: platform.store.stream(key),
        name=f"澄清和修改公告-第{number}号.pdf",
        sha256=sha256,
        size=size,
    )


PAGES = [questions, ask, clarification, paper]
