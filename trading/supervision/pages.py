"""The centre's supervision desk, records, and the regulator's inbox of letters."""

from __future__ import annotations

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.rendering import AnyRequest
from trading.supervision import dispatch, letters, policy, queries, service
from trading.supervision.schemas import NewLetter, NewNotice, Retraction, Statement


@get("/supervision", permission="supervision.read", sync_to_thread=True)
def desk(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """Records of the centre, or those that name the reader's organisation; patrols for the centre."""
    with platform.db.read() as tx:
        records = queries.visible_misconduct(tx, actor=actor)
        patrols = queries.visible_patrols(tx, actor=actor)
    return page(request, "supervision/desk.html", records=records, patrols=patrols, policy=policy)


@get("/circulated-notices", permission="public", sync_to_thread=True)
def public_list(request: AnyRequest, platform: NamedDependency[Platform]) -> Response[str]:
    """What the centre circulated to everybody, and what of it was retracted."""
    with platform.db.read() as tx:
        found = queries.public_notices(tx)
    return page(request, "supervision/circulated.html", notices=found, policy=policy)


@get("/supervision/records/{misconduct_id:str}", permission="supervision.read", sync_to_thread=True)
def record_page(
    request: AnyRequest,
    misconduct_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """One record, with what the reader may do about it now."""
    with platform.db.read() as tx:
        record = queries.misconduct(tx, misconduct_id, actor=actor)
        prepared = queries.misconduct_row(tx, misconduct_id, actor=actor).recorded_by == actor.user_id
        now = clock.now(tx)
    heard = policy.hearing_over(
        answered=record.statement is not None, reply_until=record.reply_until, now=now
    )
    return page(
        request,
        "supervision/record.html",
        record=record,
        moves=policy.record_moves(record.state, actor.permissions),
        heard=heard,
        prepared=prepared,
        policy=policy,
    )


@post(
    "/supervision/records/{misconduct_id:str}/statement", permission="supervision.answer", sync_to_thread=True
)
def give_statement(
    misconduct_id: FromPath[str],
    data: URLEncodedBody[Statement],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    with platform.db.transaction() as tx:
        service.give_statement(tx, misconduct_id, text=data.text, actor=actor, at=clock.now(tx))
    return redirect(f"/supervision/records/{misconduct_id}")


@post(
    "/supervision/records/{misconduct_id:str}/circulate", permission="supervision.sign", sync_to_thread=True
)
def circulate(
    misconduct_id: FromPath[str],
    data: URLEncodedBody[NewNotice],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    with platform.db.transaction() as tx:
        notice = service.sign_notice(tx, misconduct_id, data, actor=actor, at=clock.now(tx))
    dispatch.issue_now(dispatch.issue_notice, platform, notice.id)
    return redirect(f"/supervision/records/{misconduct_id}")


@post("/supervision/records/{misconduct_id:str}/retract", permission="supervision.sign", sync_to_thread=True)
def retract(
    misconduct_id: FromPath[str],
    data: URLEncodedBody[Retraction],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    with platform.db.transaction() as tx:
        service.retract(tx, misconduct_id, reason=data.reason, actor=actor, at=clock.now(tx))
    return redirect(f"/supervision/records/{misconduct_id}")


@post("/supervision/records/{misconduct_id:str}/letter", permission="supervision.draft", sync_to_thread=True)
def draft_letter(
    misconduct_id: FromPath[str],
    data: URLEncodedBody[NewLetter],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    with platform.db.transaction() as tx:
        letter = letters.draft_letter(tx, misconduct_id, data, actor=actor, at=clock.now(tx))
    return redirect(f"/letters/{letter.id}")


@get("/letters", permission="supervision.letters", sync_to_thread=True)
def inbox(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """Letters sent to the reader's department, or those of the centre."""
    with platform.db.read() as tx:
        found = queries.visible_letters(tx, actor=actor)
    return page(request, "supervision/letters.html", letters=found, policy=policy)


@get("/letters/{letter_id:str}", permission="supervision.letters", sync_to_thread=True)
def letter_page(
    request: AnyRequest,
    letter_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """One letter, with what the reader may do about it now."""
    with platform.db.read() as tx:
        letter = queries.letter(tx, letter_id, actor=actor)
        prepared = queries.letter_row(tx, letter_id, actor=actor).drafted_by == actor.user_id
    return page(
        request,
        "supervision/letter.html",
        letter=letter,
        moves=policy.letter_moves(letter.state, actor.permissions),
        prepared=prepared,
        policy=policy,
    )


@post("/letters/{letter_id:str}/sign", permission="supervision.sign", sync_to_thread=True)
def sign_letter(
    letter_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    with platform.db.transaction() as tx:
        letters.sign_letter(tx, letter_id, actor=actor, at=clock.now(tx))
    dispatch.issue_now(dispatch.issue_letter, platform, letter_id)
    return redirect(f"/letters/{letter_id}")


@post("/letters/{letter_id:str}/acknowledge", permission="supervision.acknowledge", sync_to_thread=True)
def acknowledge(
    letter_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    with platform.db.transaction() as tx:
        letters.acknowledge(tx, letter_id, actor=actor, at=clock.now(tx))
    return redirect(f"/letters/{letter_id}")


PAGES = [
    desk,
    public_list,
    record_page,
    give_statement,
    circulate,
    retract,
    draft_letter,
    inbox,
    letter_page,
    sign_letter,
    acknowledge,
]
