"""Complaints: the form, the regulator's acts, the case file to take away."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, MultipartBody

from govcore import clock
from govcore.db import Tx
from govcore.errors import Malformed, NotFound, Problem
from govcore.identity.policy import Actor, require
from govcore.platform import Platform
from govcore.web import redirect
from govcore.web.downloads import disposition
from govcore.web.rendering import AnyRequest
from trading.challenge import bundle, complaining, complaints, forms, outlook, queries
from trading.challenge.evidence import Stored, store_all
from trading.challenge.filing_pages import new_case, paper_of, show_filing
from trading.challenge.forms import BODY_LIMIT
from trading.challenge.pages import act
from trading.challenge.policy import Kind, Outcome, Step


@get("/tenders/{tender_id:str}/complain", permission="challenge.file", sync_to_thread=True)
def complain_form(
    request: AnyRequest,
    tender_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
    about: FromQuery[str] = "",
) -> Response[str]:
    """The form to complain, with the objection before it where there was one."""
    before = _before(platform, about, actor)
    return show_filing(request, platform, tender_id, "challenge/complain.html", before=before)


@post(
    "/tenders/{tender_id:str}/complain",
    permission="challenge.file",
    sync_to_thread=True,
    request_max_body_size=BODY_LIMIT,
)
def complain(
    request: AnyRequest,
    tender_id: FromPath[str],
    data: MultipartBody[dict[str, Any]],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """File the complaint with the regulator, and show it with its receipt."""
    about = forms.text(data, "about")
    before = _before(platform, about, actor)
    try:
        new = new_case(data, kind=Kind.COMPLAINT)
        stored = store_all(platform.store, forms.files(data))
        with platform.db.transaction() as tx:
            case = complaining.complain(
                tx,
                platform,
                tender_id,
                new,
                stored,
                about_id=about or None,
                actor=actor,
                at=clock.now(tx),
            )
    except Problem as problem:
        if problem.status in (401, 404):
            raise
        template = "challenge/complain.html"
        return show_filing(
            request, platform, tender_id, template, problem=problem, values=data, before=before
        )
    return redirect(f"/objections/{case.id}")


@get("/tenders/{tender_id:str}/paper-complaint", permission="challenge.decide", sync_to_thread=True)
def paper_form(
    request: AnyRequest,
    tender_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """The form by which the regulator enters a complaint that came on paper."""
    with platform.db.read() as tx:
        if outlook.first_lot(tx, tender_id).regulator.id != actor.org_id:
            raise NotFound
    return show_filing(request, platform, tender_id, "challenge/paper_complaint.html")


@post(
    "/tenders/{tender_id:str}/paper-complaint",
    permission="challenge.decide",
    sync_to_thread=True,
    request_max_body_size=BODY_LIMIT,
)
def enter_paper(
    request: AnyRequest,
    tender_id: FromPath[str],
    data: MultipartBody[dict[str, Any]],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """Enter a complaint on paper: it counts from the day it was handed in."""
    try:
        new, paper = new_case(data, kind=Kind.COMPLAINT), paper_of(data)
        stored = store_all(platform.store, forms.files(data))
        with platform.db.transaction() as tx:
            case = complaining.enter_paper_complaint(
                tx, platform, tender_id, new, paper, stored, actor=actor, at=clock.now(tx)
            )
    except Problem as problem:
        if problem.status in (401, 404):
            raise
        template = "challenge/paper_complaint.html"
        return show_filing(request, platform, tender_id, template, problem=problem, values=data)
    return redirect(f"/objections/{case.id}")


@post("/objections/{case_id:str}/acts/{act_name:str}", permission="challenge.decide", sync_to_thread=True)
def plain_act(
    request: AnyRequest,
    case_id: FromPath[str],
    act_name: FromPath[str],
    data: MultipartBody[dict[str, Any]],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """Accept, ask, refuse, stop the clock or let it run again, with the words that are kept of it."""
    if act_name not in complaints.PLAIN_ACTS:
        raise NotFound

    def step(tx: Tx, _stored: list[Stored]) -> object:
        take = complaints.PLAIN_ACTS[act_name]
        return take(tx, platform, case_id, text=forms.text(data, act_name), actor=actor, at=clock.now(tx))

    return act(request, platform, case_id, actor, data, step)


@post("/objections/{case_id:str}/suspend", permission="challenge.decide", fresh=True, sync_to_thread=True)
def suspend(
    request: AnyRequest,
    case_id: FromPath[str],
    data: MultipartBody[dict[str, Any]],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """Order the lots to stand still."""

    def step(tx: Tx, _stored: list[Stored]) -> object:
        reason, at = forms.text(data, "suspend"), clock.now(tx)
        return complaints.order_suspension(tx, platform, case_id, reason=reason, actor=actor, at=at)

    return act(request, platform, case_id, actor, data, step)


@post("/objections/{case_id:str}/lift", permission="challenge.decide", fresh=True, sync_to_thread=True)
def lift(
    request: AnyRequest,
    case_id: FromPath[str],
    data: MultipartBody[dict[str, Any]],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """Let the lots go on."""

    def step(tx: Tx, _stored: list[Stored]) -> None:
        reason, at = forms.text(data, "lift"), clock.now(tx)
        complaints.lift_suspension(tx, platform, case_id, reason=reason, actor=actor, at=at)

    return act(request, platform, case_id, actor, data, step)


@post(
    "/objections/{case_id:str}/decision",
    permission="challenge.decide",
    fresh=True,
    sync_to_thread=True,
    request_max_body_size=BODY_LIMIT,
)
def decide(
    request: AnyRequest,
    case_id: FromPath[str],
    data: MultipartBody[dict[str, Any]],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """Decide, and publish without the filer."""

    def step(tx: Tx, stored: list[Stored]) -> object:
        try:
            outcome = Outcome(forms.text(data, "outcome"))
            steps = [Step(one) for one in forms.several(data, "steps")]
        except ValueError as error:
            raise Malformed(detail="outcome") from error
        return complaints.decide(
            tx,
            platform,
            case_id,
            outcome=outcome,
            steps=steps,
            text=forms.text(data, "decision"),
            public_text=forms.text(data, "public_text"),
            files=stored,
            actor=actor,
            at=clock.now(tx),
        )

    return act(request, platform, case_id, actor, data, step)


@get("/objections/{case_id:str}/file.zip", permission="challenge.decide", sync_to_thread=True)
def case_file(
    case_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The whole file of a complaint for its regulator; that it was taken is logged."""
    with platform.db.transaction() as tx:
        number, content = bundle.take(tx, platform, case_id, actor=actor, at=clock.now(tx))
    headers = {"content-disposition": disposition(f"{number}.zip"), "cache-control": "private, no-store"}
    return Response(content, media_type="application/zip", headers=headers)


def _before(platform: Platform, about: str, actor: Actor) -> queries.CaseView | None:
    """The objection or challenge that a complaint goes on from."""
    require(actor, "challenge.file")
    if not about:
        return None
    with platform.db.read() as tx:
        return queries.case(tx, platform, about, actor=actor, at=clock.now(tx))


PAGES: list[Any] = [
    complain_form,
    complain,
    paper_form,
    enter_paper,
    plain_act,
    suspend,
    lift,
    decide,
    case_file,
]
