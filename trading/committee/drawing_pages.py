"""Pages of a committee's draw: what is needed, how far it is, the expert's own call."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from govcore import clock, web
from govcore.authority.proposals import ReasonMissing
from govcore.clock import BEIJING
from govcore.db import Tx
from govcore.errors import Problem
from govcore.identifiers import UsccCheckWrong, UsccMalformed
from govcore.identity.policy import Actor
from govcore.module import Band
from govcore.platform import Platform
from govcore.web import redirect
from govcore.web.rendering import AnyRequest
from trading.committee import drawing, requirements, service
from trading.committee import drawing_queries as queries
from trading.committee.drawing_policy import Answer, FirmRole, Wanted
from trading.experts import queries as experts
from trading.venue.queries import committee_rooms

LINES = 5
"""So many specialities can be typed."""

_BREAK = re.compile(r"[\s,，、;；]+")
REFUSED = (
    service.CommitteeSize,
    service.TooFewExperts,
    service.NotARepresentative,
    requirements.RequirementWrong,
    requirements.RequirementFixed,
    drawing.NothingRequired,
    drawing.DrawnTooEarly,
    drawing.TooFewInPool,
    ReasonMissing,
    UsccMalformed,
    UsccCheckWrong,
)
"""What the page shows above its form."""

STATE_WORDS = {
    "announced": "Announced; waits for the custodians' keys",
    "committing": "Contributors commit",
    "revealing": "Contributors reveal",
    "drawn": "Drawn; those drawn are asked",
    "void": "Void; draw again",
}
BAR_WORDS = {
    "tenderer": "Tied to the tenderer",
    "agency": "Tied to the agency",
    "supervisor": "Tied to the supervising department",
    "department": "Tied to a department in charge of the project",
    "firm": "Tied to a firm that designed or supervises the project",
    "punished": "Punished in tendering before",
}

Fields = dict[str, Annotated[str, msgspec.Meta(max_length=2000)]]


class AnswerForm(msgspec.Struct, forbid_unknown_fields=True):
    accepts: str = ""
    reason: str = ""


@get("/committee-draws", permission="committee.watch_draw", sync_to_thread=True)
def draws(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """The lots whose committee is or can be drawn."""
    with platform.db.read() as tx:
        found = [(lot, queries.view(tx, lot.lot_id, actor=actor)) for lot in queries.lots(tx, actor=actor)]
    return web.page(request, "committee/draws.html", found=found, states=STATE_WORDS)


@get("/committee-draws/{lot_id:str}", permission="committee.watch_draw", sync_to_thread=True)
def draw(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """What one lot needs and how far its draw is, in numbers."""
    return _draw(request, platform, lot_id, actor)


@post("/committee-draws/{lot_id:str}", permission="committee.require", sync_to_thread=True, status_code=200)
def require(
    request: AnyRequest,
    lot_id: FromPath[str],
    data: URLEncodedBody[Fields],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Say what the committee needs, or widen it with a reason."""
    try:
        new = _requirement(data)
        with platform.db.transaction() as tx:
            requirements.set_requirement(tx, lot_id, new, actor=actor, at=clock.now(tx))
    except REFUSED as problem:
        return _draw(request, platform, lot_id, actor, form=data, problem=problem)
    return redirect(f"/committee-draws/{lot_id}")


@post(
    "/committee-draws/{lot_id:str}/draw",
    permission="committee.draw",
    fresh=True,
    sync_to_thread=True,
    status_code=200,
)
def start(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Announce the draw."""
    try:
        with platform.db.transaction() as tx:
            drawing.start_draw(tx, platform.wrapper, platform.keys, lot_id, actor=actor, at=clock.now(tx))
    except REFUSED as problem:
        return _draw(request, platform, lot_id, actor, problem=problem)
    return redirect(f"/committee-draws/{lot_id}")


@get("/draw-calls", permission="committee.answer", sync_to_thread=True)
def calls(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """The expert's own calls."""
    return _calls(request, platform, actor, None)


@post("/draw-calls/{draw_id:str}", permission="committee.answer", sync_to_thread=True, status_code=200)
def answer(
    request: AnyRequest,
    draw_id: FromPath[str],
    data: URLEncodedBody[AnswerForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Come, or give way with a reason."""
    try:
        with platform.db.transaction() as tx:
            drawing.answer_call(
                tx,
                platform.keys,
                draw_id,
                accepts=data.accepts == "yes",
                reason=data.reason,
                actor=actor,
                at=clock.now(tx),
            )
    except ReasonMissing as problem:
        return _calls(request, platform, actor, problem)
    return redirect("/draw-calls")


def call_bands(tx: Tx, platform: Platform, actor: Actor, _at: datetime) -> list[Band]:
    """An expert with an open call reads it on every page, for its time is short."""
    if not actor.may("committee.answer"):
        return []
    open_calls = [
        one for one in queries.own_calls(tx, platform.keys, actor=actor) if one.state is Answer.ASKED
    ]
    return [
        Band(
            word="You were drawn",
            texts=["Say whether you come to an evaluation."],
            data={},
            href="/draw-calls",
            until=one.due_at,
        )
        for one in open_calls
    ]


def _requirement(data: Mapping[str, str]) -> requirements.NewRequirement:
    wanted = [
        Wanted(
            speciality=data[f"speciality-{n}"],
            number=_number(data.get(f"number-{n}", "")),
            areas=tuple(filter(None, _BREAK.split(data.get(f"areas-{n}", "")))),
            room_id=data.get(f"room-{n}", ""),
        )
        for n in range(1, LINES + 1)
        if data.get(f"speciality-{n}")
    ]
    firms = dict.fromkeys(filter(None, _BREAK.split(data.get("firms", ""))), FirmRole.FIRM)
    departments = dict.fromkeys(filter(None, _BREAK.split(data.get("departments", ""))), FirmRole.DEPARTMENT)
    return requirements.NewRequirement(
        wanted=wanted,
        representatives=[name[2:] for name in data if name.startswith("r-")],
        firms=firms | departments,
        meets_at=_moment(data.get("meets", "")),
        place=data.get("place", "")[:200],
        is_complex=data.get("is_complex") == "yes",
        why=data.get("why", ""),
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def _moment(text: str) -> datetime:
    """Beijing's time as a field gives it; what is none lies in the past, and is refused as such."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=BEIJING).astimezone(UTC)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)


def _draw(
    request: AnyRequest,
    platform: Platform,
    lot_id: str,
    actor: Actor,
    *,
    form: Mapping[str, str] | None = None,
    problem: Problem | None = None,
) -> Response[str]:
    with platform.db.read() as tx:
        found = queries.view(tx, lot_id, actor=actor)
        known = experts.specialities(tx)
        people = queries.representatives(tx, lot_id, actor=actor) if found.may_require else {}
        places = [(room.id, room.name) for room in committee_rooms(tx)]
    return web.page(
        request,
        "committee/draw.html",
        status=problem.status if problem else 200,
        found=found,
        known={one.code: one for one in known},
        people=people,
        places=places,
        form=form if form is not None else _form(found),
        lines=range(1, LINES + 1),
        problem=problem,
        states=STATE_WORDS,
        bars=BAR_WORDS,
        hours=found.context.rule_set.seconds(drawing.HOURS_BEFORE) // 3600,
    )


def _form(found: queries.DrawView) -> dict[str, str]:
    """The present requirement as the form's fields."""
    asked = found.asked
    if asked is None:
        return {}
    form = {
        "place": asked.place,
        "meets": f"{asked.meets_at.astimezone(BEIJING):%Y-%m-%dT%H:%M}",
        "is_complex": "yes" if asked.is_complex else "",
        "firms": "\n".join(code for code, role in asked.firms.items() if role == FirmRole.FIRM),
        "departments": "\n".join(code for code, role in asked.firms.items() if role == FirmRole.DEPARTMENT),
    }
    for n, one in enumerate(asked.wanted, 1):
        form[f"speciality-{n}"], form[f"number-{n}"] = one.speciality, str(one.number)
        form[f"areas-{n}"], form[f"room-{n}"] = "、".join(one.areas), one.room_id
    return form | {f"r-{one}": "yes" for one in asked.representatives}


def _calls(request: AnyRequest, platform: Platform, actor: Actor, problem: Problem | None) -> Response[str]:
    with platform.db.read() as tx:
        found = queries.own_calls(tx, platform.keys, actor=actor)
    status = problem.status if problem else 200
    return web.page(request, "committee/calls.html", status=status, found=found, problem=problem)


PAGES = [draws, draw, require, start, calls, answer]
