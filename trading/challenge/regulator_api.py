"""Complaints for programs: file one, and what its regulator does."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from govcore import clock
from govcore.errors import NotFound
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web.downloads import disposition
from trading.challenge import bundle, complaining, complaints, forms, queries
from trading.challenge.api import JSON_LIMIT, filed, new_case, paper_of, shown, store_given
from trading.challenge.filing import NewCase
from trading.challenge.policy import Kind
from trading.challenge.schemas import (
    CaseFiled,
    CaseShown,
    ComplaintFiling,
    Decision,
    PaperFiling,
    SaidMore,
)


@post(
    "/api/tenders/{tender_id:str}/complaints",
    permission="challenge.file",
    sync_to_thread=True,
    status_code=201,
    request_max_body_size=JSON_LIMIT,
)
def complain(
    tender_id: FromPath[str],
    data: JSONBody[ComplaintFiling],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> CaseFiled:
    """File a complaint with the regulator of the project's category."""
    stored = store_given(platform, data.files)
    new = NewCase(
        kind=Kind.COMPLAINT,
        stage=data.stage,
        lot_ids=data.lots,
        text=data.text,
        known_at=forms.end_of(data.known_on),
        receipt=data.document_receipt.encode() or None,
    )
    with platform.db.transaction() as tx:
        case = complaining.complain(
            tx,
            platform,
            tender_id,
            new,
            stored,
            about_id=data.about or None,
            actor=actor,
            at=clock.now(tx),
        )
    return filed(case)


@post(
    "/api/tenders/{tender_id:str}/paper-complaints",
    permission="challenge.decide",
    sync_to_thread=True,
    status_code=201,
    request_max_body_size=JSON_LIMIT,
)
def enter_paper_complaint(
    tender_id: FromPath[str],
    data: JSONBody[PaperFiling],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> CaseFiled:
    """Enter a complaint that the regulator received on paper; `kind` is not looked at."""
    stored, new = store_given(platform, data.files), new_case(data)
    with platform.db.transaction() as tx:
        case = complaining.enter_paper_complaint(
            tx, platform, tender_id, new, paper_of(data), stored, actor=actor, at=clock.now(tx)
        )
    return filed(case)


@post(
    "/api/cases/{case_id:str}/acts/{act_name:str}",
    permission="challenge.decide",
    sync_to_thread=True,
    status_code=201,
)
def plain_act(
    case_id: FromPath[str],
    act_name: FromPath[str],
    data: JSONBody[SaidMore],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> CaseShown:
    """`accept`, `ask`, `refuse`, `pause` or `continue`."""
    take = complaints.PLAIN_ACTS.get(act_name)
    if take is None:
        raise NotFound
    with platform.db.transaction() as tx:
        take(tx, platform, case_id, text=data.text, actor=actor, at=clock.now(tx))
    return _show(platform, case_id, actor)


@post(
    "/api/cases/{case_id:str}/suspend",
    permission="challenge.decide",
    fresh=True,
    sync_to_thread=True,
    status_code=201,
)
def suspend(
    case_id: FromPath[str],
    data: JSONBody[SaidMore],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> CaseShown:
    """Order the lots to stand still."""
    with platform.db.transaction() as tx:
        complaints.order_suspension(tx, platform, case_id, reason=data.text, actor=actor, at=clock.now(tx))
    return _show(platform, case_id, actor)


@post(
    "/api/cases/{case_id:str}/lift",
    permission="challenge.decide",
    fresh=True,
    sync_to_thread=True,
    status_code=201,
)
def lift(
    case_id: FromPath[str],
    data: JSONBody[SaidMore],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> CaseShown:
    """Let the lots go on before the decision."""
    with platform.db.transaction() as tx:
        complaints.lift_suspension(tx, platform, case_id, reason=data.text, actor=actor, at=clock.now(tx))
    return _show(platform, case_id, actor)


@post(
    "/api/cases/{case_id:str}/decision",
    permission="challenge.decide",
    fresh=True,
    sync_to_thread=True,
    status_code=201,
    request_max_body_size=JSON_LIMIT,
)
def decide(
    case_id: FromPath[str],
    data: JSONBody[Decision],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> CaseShown:
    """Decide, and publish without the filer."""
    stored = store_given(platform, data.files)
    with platform.db.transaction() as tx:
        complaints.decide(
            tx,
            platform,
            case_id,
            outcome=data.outcome,
            steps=data.steps,
            text=data.text,
            public_text=data.public_text,
            files=stored,
            actor=actor,
            at=clock.now(tx),
        )
    return _show(platform, case_id, actor)


@get("/api/cases/{case_id:str}/file.zip", permission="challenge.decide", sync_to_thread=True)
def case_file(
    case_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The file of a complaint with its manifest; that it was taken is logged."""
    with platform.db.transaction() as tx:
        number, content = bundle.take(tx, platform, case_id, actor=actor, at=clock.now(tx))
    headers = {"content-disposition": disposition(f"{number}.zip")}
    return Response(content, media_type="application/zip", headers=headers)


def _show(platform: Platform, case_id: str, actor: Actor) -> CaseShown:
    with platform.db.read() as tx:
        return shown(queries.case(tx, platform, case_id, actor=actor, at=clock.now(tx)))


ROUTES: list[Any] = [
    complain,
    enter_paper_complaint,
    plain_act,
    suspend,
    lift,
    decide,
    case_file,
]
