"""Dated acts and samples: announce a visit, call it off, take a sample in and find it by its number."""

from __future__ import annotations

from datetime import datetime

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.clock import BEIJING
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.params import PathNumber
from govcore.web.rendering import AnyRequest
from trading.clarification import editing, queries, samples
from trading.clarification.forms import REFUSALS, edit, form_page, stripped
from trading.clarification.schemas import NewSample
from trading.tender.schemas import DatedAct


class ActForm(msgspec.Struct):
    kind: str = "visit"
    place: str = ""
    starts_at: str = ""
    ends_at: str = ""
    note: str = ""


class SampleForm(msgspec.Struct):
    what: str = ""


@get("/tenders/{tender_id:str}/clarification/acts", permission="clarification.prepare", sync_to_thread=True)
def act_page(
    request: AnyRequest,
    tender_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """Announce a site visit, a hand-in of samples or a demonstration."""
    return form_page(request, platform, tender_id, actor, "clarification/act.html", entered=ActForm())


@post("/tenders/{tender_id:str}/clarification/acts", permission="clarification.prepare", sync_to_thread=True)
def act(
    request: AnyRequest,
    tender_id: FromPath[str],
    data: URLEncodedBody[ActForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    try:
        given = stripped(data) | {name: _moment(getattr(data, name)) for name in ("starts_at", "ends_at")}
        present = _present_acts(platform, tender_id, actor)
        made = editing.dated(msgspec.convert(given, DatedAct), present=present)
        return edit(platform, tender_id, actor, made)
    except REFUSALS as problem:
        return form_page(
            request, platform, tender_id, actor, "clarification/act.html", entered=data, problem=problem
        )


def _moment(text: str) -> str:
    """Beijing time as it is typed, as a moment; what is none stays as it is and is refused."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=BEIJING).isoformat()
    except ValueError:
        return text


def _present_acts(platform: Platform, tender_id: str, actor: Actor) -> list[DatedAct]:
    with platform.db.read() as tx:
        return queries.dated_acts(tx, queries.party(tx, tender_id, actor=actor).tender)


@post(
    "/tenders/{tender_id:str}/clarification/acts/{n:int}/remove",
    permission="clarification.prepare",
    sync_to_thread=True,
)
def remove_act(
    tender_id: FromPath[str],
    n: PathNumber,
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    """Call a dated act off."""
    present = _present_acts(platform, tender_id, actor)
    return edit(platform, tender_id, actor, editing.undated(n, present=present))


@get("/tenders/{tender_id:str}/samples", permission="clarification.take_sample", sync_to_thread=True)
def sample_page(
    request: AnyRequest,
    tender_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """Take a sample in, in one of the announced times."""
    acts = [one for one in _present_acts(platform, tender_id, actor) if one.kind == "samples"]
    return form_page(
        request, platform, tender_id, actor, "clarification/take_sample.html", entered=SampleForm(), acts=acts
    )


@post("/tenders/{tender_id:str}/samples", permission="clarification.take_sample", sync_to_thread=True)
def take_sample(
    request: AnyRequest,
    tender_id: FromPath[str],
    data: URLEncodedBody[SampleForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Take it in; the receipt is printed from the page that follows."""
    try:
        given = msgspec.convert(stripped(data), NewSample)
        with platform.db.transaction() as tx:
            number = samples.take(tx, platform.wrapper, tender_id, given, actor=actor, at=clock.now(tx))
    except REFUSALS as problem:
        acts = [one for one in _present_acts(platform, tender_id, actor) if one.kind == "samples"]
        return form_page(
            request,
            platform,
            tender_id,
            actor,
            "clarification/take_sample.html",
            entered=data,
            problem=problem,
            acts=acts,
        )
    return redirect(f"/samples?number={number}")


@get("/samples", permission="public", sync_to_thread=True)
def find_sample(
    request: AnyRequest, platform: NamedDependency[Platform], number: FromQuery[str] = ""
) -> Response[str]:
    """What a receipt's number stands for; there is no list to leaf through."""
    found, unknown = None, False
    if number.strip():
        with platform.db.read() as tx:
            found = queries.sample_or_none(tx, platform.wrapper, number)
        unknown = found is None
    return page(
        request,
        "clarification/sample.html",
        status=404 if unknown else 200,
        sample=found,
        entered=number,
        unknown=unknown,
    )


PAGES = [act_page, act, remove_act, sample_page, take_sample, find_sample]
