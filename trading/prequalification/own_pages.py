"""A bidder's pages: the result of its application, and its invitations."""

from __future__ import annotations

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.rendering import AnyRequest
from trading.prequalification import inviting, papers, queries
from trading.prequalification.policy import GROUND_BASIS, GROUND_WORDS, Answer

ANSWER = "prequalification.answer"


class AnswerForm(msgspec.Struct, forbid_unknown_fields=True):
    answer: Answer


@get("/prequalification/{lot_id:str}/mine", permission=ANSWER, sync_to_thread=True)
def my_result(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """What came of the application of the actor's organisation."""
    with platform.db.read() as tx:
        mine = queries.my_result(tx, lot_id, actor=actor)
    return page(
        request, "prequalification/my_result.html", mine=mine, grounds=GROUND_WORDS, bases=GROUND_BASIS
    )


@get("/prequalification/{lot_id:str}/mine.pdf", permission=ANSWER, sync_to_thread=True)
def my_letter(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    with platform.db.read() as tx:
        mine = queries.my_result(tx, lot_id, actor=actor)
    return _paper(papers.result_letter(mine), f"prequalification-{mine.context.lot_code}.pdf")


@get("/invitations", permission=ANSWER, sync_to_thread=True)
def my_invitations(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    with platform.db.read() as tx:
        found = queries.my_invitations(tx, actor=actor)
    return page(request, "prequalification/my_invitations.html", found=found)


@get("/invitations/{tender_id:str}", permission=ANSWER, sync_to_thread=True)
def my_invitation(
    request: AnyRequest,
    tender_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    with platform.db.read() as tx:
        mine = queries.my_invitation(tx, tender_id, actor=actor, at=clock.now(tx))
    return page(request, "prequalification/my_invitation.html", mine=mine)


@get("/invitations/{tender_id:str}/letter.pdf", permission=ANSWER, sync_to_thread=True)
def my_invitation_letter(
    tender_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    with platform.db.read() as tx:
        mine = queries.my_invitation(tx, tender_id, actor=actor, at=clock.now(tx))
    return _paper(papers.invitation_letter(mine), f"invitation-{mine.tender.code}.pdf")


@post("/invitations/{tender_id:str}", permission=ANSWER, sync_to_thread=True)
def answer(
    tender_id: FromPath[str],
    data: URLEncodedBody[AnswerForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    with platform.db.transaction() as tx:
        inviting.answer(tx, tender_id, data.answer, actor=actor, at=clock.now(tx))
    return redirect(f"/invitations/{tender_id}")


def _paper(content: bytes, name: str) -> Response[bytes]:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="application/pdf", headers=headers)


PAGES = [my_result, my_letter, my_invitations, my_invitation, my_invitation_letter, answer]
