"""The agency's work on the next clarification: questions, answers, changes, dated acts, effects, hand-over."""

from __future__ import annotations

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.errors import NotFound
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page
from govcore.web.params import PathNumber
from govcore.web.rendering import AnyRequest, language
from trading.clarification import editing, moving, queries
from trading.clarification.forms import REFUSALS, WORDS, edit, errors_of, form_page, status_of, stripped
from trading.clarification.schemas import Answer, Change, Prepared
from trading.documents import queries as documents
from trading.tender.pages import band
from trading.tender.queries import lot_context


class AnswerForm(msgspec.Struct):
    question: str = ""
    shortened: str = ""
    answer: str = ""


class ChangeForm(msgspec.Struct):
    about: str = "specification"
    where: str = ""
    before: str = ""
    after: str = ""


class StatementForm(msgspec.Struct):
    statement: str = ""
    untouched: str = ""
    version: str = "0"


@get("/tenders/{tender_id:str}/clarification", permission="clarification.read", sync_to_thread=True)
def workplace(
    request: AnyRequest,
    tender_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """Open questions, what the next clarification says, and what its release now would do to each deadline."""
    return _workplace(request, platform, tender_id, actor)


def _workplace(
    request: AnyRequest,
    platform: Platform,
    tender_id: str,
    actor: Actor,
    *,
    entered: StatementForm | None = None,
    problem: Exception | None = None,
) -> Response[str]:
    with platform.db.read() as tx:
        at = clock.now(tx)
        party = queries.party(tx, tender_id, actor=actor)
        waiting = queries.open_questions(tx, platform.wrapper, tender_id, actor=actor, at=at)
        row = queries.preparation_of(tx, tender_id, actor=actor)
        made = None if row is None else moving.preparation(tx, tender_id, actor=actor, at=at)
        acts = queries.dated_acts(tx, party.tender)
        versions = documents.visible_versions(tx, tender_id, actor=actor)
        taken = queries.samples_after(tx, platform.wrapper, tender_id, actor=actor, at=at)
        open_ = bool(moving.open_lots(party.lots, at))
        lot = lot_context(tx, party.lots[0].id)
    _ = platform.catalogue.translator(language(request))
    newer = [(str(v.number), _("Version {n}", n=v.number)) for v in versions if v.published_at is None]
    answered = {one.reference for one in made.content.answers} if made else set()
    return page(
        request,
        "clarification/workplace.html",
        status=status_of(problem),
        tender=lot,
        questions=waiting,
        answered=answered,
        made=made,
        acts=acts,
        documents=newer,
        samples=taken,
        open=open_,
        editable=open_ and actor.org_id == lot.agency.id and (made is None or made.state == "preparing"),
        entered=entered,
        errors=errors_of(request, platform, problem),
        words=WORDS,
        band=band(lot.rule_set),
    )


@get(
    "/tenders/{tender_id:str}/clarification/answers/{reference:str}",
    permission="clarification.prepare",
    sync_to_thread=True,
)
def answer_page(
    request: AnyRequest,
    tender_id: FromPath[str],
    reference: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """Answer a question; what identifies its asker is taken out here, with the reason."""
    asked, given = _asked(platform, tender_id, reference, actor)
    entered = given or AnswerForm(question=asked)
    return form_page(
        request,
        platform,
        tender_id,
        actor,
        "clarification/answer.html",
        entered=entered,
        asked=asked,
        reference=reference,
    )


def _asked(platform: Platform, tender_id: str, reference: str, actor: Actor) -> tuple[str, Answer | None]:
    """An open question's own words, and its answer so far."""
    with platform.db.read() as tx:
        waiting = queries.open_questions(tx, platform.wrapper, tender_id, actor=actor, at=clock.now(tx))
        row = queries.preparation_of(tx, tender_id, actor=actor)
        content = None if row is None else queries.content_of(row)
    words = {one.reference: one.text for one in waiting}
    if reference not in words:
        raise NotFound
    given = [one for one in content.answers if one.reference == reference] if content else []
    return words[reference], given[0] if given else None


@post(
    "/tenders/{tender_id:str}/clarification/answers/{reference:str}",
    permission="clarification.prepare",
    sync_to_thread=True,
)
def answer(
    request: AnyRequest,
    tender_id: FromPath[str],
    reference: FromPath[str],
    data: URLEncodedBody[AnswerForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    asked, _ = _asked(platform, tender_id, reference, actor)
    try:
        given = msgspec.convert({"reference": reference, **stripped(data)}, Answer)
        return edit(platform, tender_id, actor, editing.answered(given))
    except REFUSALS as problem:
        return form_page(
            request,
            platform,
            tender_id,
            actor,
            "clarification/answer.html",
            entered=data,
            problem=problem,
            asked=asked,
            reference=reference,
        )


@post(
    "/tenders/{tender_id:str}/clarification/answers/{reference:str}/remove",
    permission="clarification.prepare",
    sync_to_thread=True,
)
def remove_answer(
    tender_id: FromPath[str],
    reference: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    """Leave a question open for a later clarification."""
    return edit(platform, tender_id, actor, editing.unanswered(reference))


@get(
    "/tenders/{tender_id:str}/clarification/changes", permission="clarification.prepare", sync_to_thread=True
)
def change_page(
    request: AnyRequest,
    tender_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """Add a passage that changes: as it was, and as it is from now on."""
    return form_page(request, platform, tender_id, actor, "clarification/change.html", entered=ChangeForm())


@post(
    "/tenders/{tender_id:str}/clarification/changes", permission="clarification.prepare", sync_to_thread=True
)
def change(
    request: AnyRequest,
    tender_id: FromPath[str],
    data: URLEncodedBody[ChangeForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    try:
        given = msgspec.convert(stripped(data), Change)
        return edit(platform, tender_id, actor, editing.changed(given))
    except REFUSALS as problem:
        return form_page(
            request, platform, tender_id, actor, "clarification/change.html", entered=data, problem=problem
        )


@post(
    "/tenders/{tender_id:str}/clarification/changes/{n:int}/remove",
    permission="clarification.prepare",
    sync_to_thread=True,
)
def remove_change(
    tender_id: FromPath[str],
    n: PathNumber,
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    return edit(platform, tender_id, actor, editing.unchanged(n))


@post("/tenders/{tender_id:str}/clarification", permission="clarification.prepare", sync_to_thread=True)
def state(
    request: AnyRequest,
    tender_id: FromPath[str],
    data: URLEncodedBody[StatementForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Keep the statement, and whether bids are touched."""
    try:
        made = msgspec.convert(stripped(data), Prepared, strict=False)
        return edit(platform, tender_id, actor, editing.stated(made))
    except REFUSALS as problem:
        return _workplace(request, platform, tender_id, actor, entered=data, problem=problem)


PAGES = [
    workplace,
    answer_page,
    answer,
    remove_answer,
    change_page,
    change,
    remove_change,
    state,
]
