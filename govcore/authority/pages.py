"""Acts of two people: what waits, what exactly will happen, and the second person's word."""

from __future__ import annotations

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.authority import proposals, queries
from govcore.authority.schemas import Confirmation
from govcore.errors import Problem
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.rendering import AnyRequest, language

STATE_WORDS = {
    "waiting": "Waiting for a second person",
    "done": "Done",
    "declined": "Declined",
    "withdrawn": "Taken back",
    "lapsed": "Lapsed: nobody confirmed in time",
}
STATE_KINDS = {"waiting": "warning", "done": "success", "declined": "danger"}


class ReasonForm(msgspec.Struct):
    reason: str = ""


class ConfirmForm(msgspec.Struct):
    typed: str = ""
    act: str = ""
    object_id: str = ""
    sha256: str = ""


class NotTyped(Problem):
    code = "E_NOT_TYPED"
    status = 422
    text = "What you typed is not what is asked for. Nothing was done."


@get("/two-person", permission="authority.act", sync_to_thread=True)
def waiting_page(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """What waits for a second person, and what became of the rest."""
    with platform.db.read() as tx:
        at = clock.now(tx)
        waiting, recent = queries.waiting(tx, actor=actor, at=at), queries.recent(tx, actor=actor, at=at)
    return page(
        request,
        "authority/waiting.html",
        waiting=waiting,
        recent=recent,
        words=STATE_WORDS,
        kinds=STATE_KINDS,
    )


@get(
    "/two-person/propose/{act:str}/{object_id:str}",
    permission="authority.act",
    fresh=True,
    sync_to_thread=True,
)
def propose_page(
    request: AnyRequest,
    act: FromPath[str],
    object_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """Exactly what would be set going; the act's own content stands in the address, and why, if said before."""
    return _propose(request, platform, act, object_id, actor)


@post(
    "/two-person/propose/{act:str}/{object_id:str}",
    permission="authority.act",
    fresh=True,
    sync_to_thread=True,
)
def propose(
    request: AnyRequest,
    act: FromPath[str],
    object_id: FromPath[str],
    data: URLEncodedBody[ReasonForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Propose, and see who can confirm it until when."""
    content, _ = _asked(request)
    try:
        with platform.db.transaction() as tx:
            at, reason = clock.now(tx), data.reason
            made = proposals.propose(
                tx, act, object_id, content=content, reason=reason, actor=actor, at=at
            ).id
    except proposals.ReasonMissing as problem:
        return _propose(request, platform, act, object_id, actor, reason=data.reason, problem=problem)
    return redirect(f"/two-person/{made}")


@get("/two-person/{proposal_id:str}", permission="authority.act", sync_to_thread=True)
def proposal_page(
    request: AnyRequest,
    proposal_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """Exactly what will happen, for both people alike."""
    return _proposal(request, platform, proposal_id, actor)


@post("/two-person/{proposal_id:str}/confirm", permission="authority.act", fresh=True, sync_to_thread=True)
def confirm(
    request: AnyRequest,
    proposal_id: FromPath[str],
    data: URLEncodedBody[ConfirmForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Carry out what the page showed; the typed word keeps a slip of the hand from doing it."""
    with platform.db.read() as tx:
        shown = queries.proposal(tx, proposal_id, actor=actor, at=clock.now(tx))
    if data.typed.strip() != str(shown.facts[shown.act.typed]):
        return _proposal(request, platform, proposal_id, actor, problem=NotTyped())
    confirmed = Confirmation(act=data.act, object_id=data.object_id, sha256=data.sha256)
    with proposals.logged_refusals(platform.db, subject=proposal_id, actor=actor) as tx:
        proposals.confirm(tx, platform, proposal_id, confirmed, actor=actor)
    return redirect(f"/two-person/{proposal_id}")


@post("/two-person/{proposal_id:str}/decline", permission="authority.act", sync_to_thread=True)
def decline(
    request: AnyRequest,
    proposal_id: FromPath[str],
    data: URLEncodedBody[ReasonForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Decline, with the reason that the proposer will read."""
    try:
        with proposals.logged_refusals(platform.db, subject=proposal_id, actor=actor) as tx:
            proposals.decline(tx, proposal_id, reason=data.reason, actor=actor, at=clock.now(tx))
    except proposals.ReasonMissing as problem:
        return _proposal(request, platform, proposal_id, actor, problem=problem)
    return redirect(f"/two-person/{proposal_id}")


@post("/two-person/{proposal_id:str}/withdraw", permission="authority.act", sync_to_thread=True)
def withdraw(
    proposal_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    """Take one's own proposal back."""
    with proposals.logged_refusals(platform.db, subject=proposal_id, actor=actor) as tx:
        proposals.withdraw(tx, proposal_id, actor=actor, at=clock.now(tx))
    return redirect(f"/two-person/{proposal_id}")


def _asked(request: AnyRequest) -> tuple[dict[str, str], str]:
    """The act's own content in the address, and the reason that an earlier page asked for."""
    content = dict(request.query_params)
    return content, content.pop("why", "")


def _propose(
    request: AnyRequest,
    platform: Platform,
    name: str,
    object_id: str,
    actor: Actor,
    *,
    reason: str = "",
    problem: Problem | None = None,
) -> Response[str]:
    content, said_before = _asked(request)
    with platform.db.read() as tx:
        act, facts = queries.what_would_happen(tx, name, object_id, content=content, actor=actor)
    return page(
        request,
        "authority/propose.html",
        status=problem.status if problem else 200,
        act=act,
        facts=facts,
        reason=reason or said_before,
        back=act.back.format(object_id=object_id),
        errors=_errors(request, "reason", problem),
    )


def _proposal(
    request: AnyRequest,
    platform: Platform,
    proposal_id: str,
    actor: Actor,
    *,
    problem: Problem | None = None,
) -> Response[str]:
    with platform.db.read() as tx:
        shown = queries.proposal(tx, proposal_id, actor=actor, at=clock.now(tx))
    return page(
        request,
        "authority/proposal.html",
        status=problem.status if problem else 200,
        shown=shown,
        words=STATE_WORDS,
        kinds=STATE_KINDS,
        errors=_errors(request, "typed" if isinstance(problem, NotTyped) else "reason", problem),
    )


def _errors(request: AnyRequest, field: str, problem: Problem | None) -> list[dict[str, str]]:
    _ = request.app.state.platform.catalogue.translator(language(request))
    return [{"field": field, "text": _(problem.text, **problem.data)}] if problem else []


PAGES = [waiting_page, propose_page, propose, proposal_page, confirm, decline, withdraw]
