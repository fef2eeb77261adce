"""Hand over, give back, sign a moved deadline, release: each on a page that says what will happen."""

from __future__ import annotations

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.rendering import AnyRequest, language
from trading.clarification import issue, moving, queries, releasing, service
from trading.clarification.forms import WORDS
from trading.clarification.schemas import Return
from trading.tender import deadline_pages
from trading.tender.pages import band
from trading.tender.queries import lot_context, published_lot


class Confirmation(msgspec.Struct):
    code: str = ""


class ReturnForm(msgspec.Struct):
    reason: str = ""


@post(
    "/clarifications/{clarification_id:str}/hand-over",
    permission="clarification.prepare",
    sync_to_thread=True,
)
def hand_over(
    clarification_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    """Give the clarification to the tenderer."""
    with platform.db.transaction() as tx:
        service.hand_over(tx, clarification_id, actor=actor, at=clock.now(tx))
        tender_id = queries.clarification(tx, clarification_id, actor=actor).tender_id
    return redirect(f"/tenders/{tender_id}/clarification")


@get(
    "/clarifications/{clarification_id:str}/release",
    permission="clarification.release",
    fresh=True,
    sync_to_thread=True,
)
def release_page(
    request: AnyRequest,
    clarification_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """What a release publishes, and to when it moves each deadline, before anything happens."""
    return _release_page(request, platform, clarification_id, actor)


@post(
    "/clarifications/{clarification_id:str}/release",
    permission="clarification.release",
    fresh=True,
    sync_to_thread=True,
)
def release(
    request: AnyRequest,
    clarification_id: FromPath[str],
    data: URLEncodedBody[Confirmation],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Release; what is still missing is said on the same page."""
    _ = platform.catalogue.translator(language(request))
    with platform.db.read() as tx:
        row = queries.clarification(tx, clarification_id, actor=actor)
        code = queries.party(tx, row.tender_id, actor=actor).tender.code
    if data.code.strip() != code:
        wrong = [{"field": "code", "text": _("This is not the tender's code; copy it from above.")}]
        return _release_page(request, platform, clarification_id, actor, errors=wrong, entered=data.code)
    try:
        issue.release(platform, clarification_id, actor=actor)
    except Problem as problem:
        if problem.status not in (409, 422):
            raise
        errors = [{"field": "", "text": _(problem.text, **problem.data)}]
        return _release_page(
            request,
            platform,
            clarification_id,
            actor,
            errors=errors,
            entered=data.code,
            status=problem.status,
        )
    return redirect(f"/clarifications/{clarification_id}")


def _release_page(
    request: AnyRequest,
    platform: Platform,
    clarification_id: str,
    actor: Actor,
    *,
    errors: list[dict[str, str]] | None = None,
    entered: str = "",
    status: int = 422,
) -> Response[str]:
    with platform.db.read() as tx:
        at = clock.now(tx)
        tender_id = queries.clarification(tx, clarification_id, actor=actor).tender_id
        party = queries.party(tx, tender_id, actor=actor)
        if party.project.tenderer_id != actor.org_id:
            raise NotFound
        made = moving.preparation(tx, tender_id, actor=actor, at=at)
        lot = lot_context(tx, party.lots[0].id)
    if made.id != clarification_id:
        raise NotFound
    return page(
        request,
        "clarification/release.html",
        status=status if errors else 200,
        tender=lot,
        made=made,
        lawful=not moving.short(made.effects),
        errors=errors or [],
        entered=entered,
        words=WORDS,
        band=band(lot.rule_set),
    )


@post(
    "/clarifications/{clarification_id:str}/return", permission="clarification.release", sync_to_thread=True
)
def give_back(
    request: AnyRequest,
    clarification_id: FromPath[str],
    data: URLEncodedBody[ReturnForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Give it back to the agency with the reason."""
    _ = platform.catalogue.translator(language(request))
    try:
        reason = msgspec.convert({"reason": data.reason.strip()}, Return).reason
    except msgspec.ValidationError:
        wrong = [{"field": "reason", "text": _("Say what should be different, in at most 500 characters.")}]
        return _release_page(request, platform, clarification_id, actor, errors=wrong)
    with platform.db.transaction() as tx:
        service.give_back(tx, clarification_id, reason=reason, actor=actor, at=clock.now(tx))
        tender_id = queries.clarification(tx, clarification_id, actor=actor).tender_id
    return redirect(f"/tenders/{tender_id}/clarification")


@get(
    "/clarifications/{clarification_id:str}/deadlines/{lot_id:str}",
    permission="schedule.sign",
    fresh=True,
    sync_to_thread=True,
)
def deadline_page(
    request: AnyRequest,
    clarification_id: FromPath[str],
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """Two people of the tenderer sign the deadline that will count with the release."""
    with platform.db.read() as tx:
        tender_id = queries.clarification(tx, clarification_id, actor=actor).tender_id
        made = moving.preparation(tx, tender_id, actor=actor, at=clock.now(tx))
        lot = published_lot(tx, lot_id)
    found = [one for one in made.effects if one.lot_id == lot_id and made.id == clarification_id]
    if not found or lot.tenderer.id != actor.org_id:
        raise NotFound
    return deadline_pages.sign_page(
        request,
        platform,
        lot,
        movable=made.state == "ready",
        staged=True,
        suggested=found[0].suggested,
        to=f"/api/clarifications/{clarification_id}/schedules/{lot_id}",
        back=f"/clarifications/{clarification_id}/release",
    )


@get(
    "/clarifications/{clarification_id:str}/preview.pdf", permission="clarification.read", sync_to_thread=True
)
def preview(
    clarification_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The paper as a release now would publish it."""
    with platform.db.read() as tx:
        row = queries.clarification(tx, clarification_id, actor=actor)
        party = queries.party(tx, row.tender_id, actor=actor)
        at = clock.now(tx)
        draft = releasing.drafted(tx, row, party, moving.effects(tx, party, row, at=at), at=at)
    content = issue.preview(platform, draft)
    headers = {"content-disposition": 'attachment; filename="preview.pdf"', "cache-control": "no-store"}
    return Response(content, media_type="application/pdf", headers=headers)


PAGES = [hand_over, release_page, release, give_back, deadline_page, preview]
