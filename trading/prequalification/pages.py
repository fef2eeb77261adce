"""The tenderer's pages: the review of applications, the round that follows, and who is invited."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Stream

from govcore import clock
from govcore.errors import Problem
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.rendering import AnyRequest
from trading.draws.policy import Purpose
from trading.draws.replay import LAWFUL
from trading.draws.words import STATE_WORDS
from trading.opening.parts import opened_archive
from trading.prequalification import drawing, inviting, queries, service
from trading.prequalification.policy import GROUND_BASIS, GROUND_WORDS, REASON_MAX
from trading.procedure.competition import Stage
from trading.procedure.policy import Regime
from trading.procedure.rules import rule_set
from trading.procedure.words import article_of
from trading.tender import queries as tenders

JUDGE, CLOSE, ADMIT = "prequalification.judge", "prequalification.close", "prequalification.admit"


class VerdictForm(msgspec.Struct, forbid_unknown_fields=True):
    passed: str = ""
    ground: str = ""
    reason: str = ""


class Closing(msgspec.Struct, forbid_unknown_fields=True):
    """`members` are the committee's names, one a line."""

    members: str = ""


class FollowingForm(msgspec.Struct, forbid_unknown_fields=True):
    tender: str = ""


class Invitees(msgspec.Struct, forbid_unknown_fields=True):
    """`usccs` are credit codes, one a line; with a `number` so many of them are drawn by lot."""

    usccs: str = ""
    number: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{0,4}\Z")] = ""


@get("/prequalification", permission=JUDGE, sync_to_thread=True)
def reviews(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    with platform.db.read() as tx:
        found = queries.reviews(tx, actor=actor)
    return page(request, "prequalification/reviews.html", found=found)


@get("/prequalification/{lot_id:str}", permission=JUDGE, sync_to_thread=True)
def review(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    return _review(request, platform, lot_id, actor)


@post("/prequalification/{lot_id:str}/applications/{bid_id:str}", permission=JUDGE, sync_to_thread=True)
def judge(
    request: AnyRequest,
    lot_id: FromPath[str],
    bid_id: FromPath[str],
    data: URLEncodedBody[VerdictForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    try:
        with platform.db.transaction() as tx:
            service.judge(
                tx,
                lot_id,
                bid_id=bid_id,
                passed=data.passed == "yes",
                ground=data.ground,
                reason=data.reason,
                actor=actor,
                at=clock.now(tx),
            )
    except service.ReasonMissing as problem:
        return _review(request, platform, lot_id, actor, field=f"reason-{bid_id}", problem=problem)
    return redirect(f"/prequalification/{lot_id}#application-{bid_id}")


@get(
    "/prequalification/{lot_id:str}/applications/{bid_id:str}/parts/{part:str}",
    permission=JUDGE,
    sync_to_thread=True,
)
def read_part(
    lot_id: FromPath[str],
    bid_id: FromPath[str],
    part: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Stream:
    """A part of an application as its ZIP, decrypted for who asks; every reading is logged."""
    with platform.db.transaction() as tx:
        service.note_reading(tx, lot_id, bid_id=bid_id, part=part, actor=actor, at=clock.now(tx))
    headers = {
        "content-disposition": f'attachment; filename="{bid_id}-{part}.zip"',
        "cache-control": "no-store",
    }
    return Stream(opened_archive(platform, bid_id, part), media_type="application/zip", headers=headers)


@post("/prequalification/{lot_id:str}", permission=CLOSE, fresh=True, sync_to_thread=True)
def close(
    request: AnyRequest,
    lot_id: FromPath[str],
    data: URLEncodedBody[Closing],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    try:
        with platform.db.transaction() as tx:
            service.close(tx, lot_id, members=_lines(data.members), actor=actor, at=clock.now(tx))
    except service.ReviewCommittee as problem:
        return _review(request, platform, lot_id, actor, field="members", problem=problem)
    return redirect(f"/prequalification/{lot_id}")


@post("/prequalification/{lot_id:str}/following", permission=ADMIT, sync_to_thread=True)
def follow(
    lot_id: FromPath[str],
    data: URLEncodedBody[FollowingForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    with platform.db.transaction() as tx:
        service.follow(tx, lot_id, data.tender, actor=actor, at=clock.now(tx))
    return redirect(f"/tenders/{data.tender}/invited")


@get("/tenders/{tender_id:str}/invited", permission=JUDGE, sync_to_thread=True)
def invited(
    request: AnyRequest,
    tender_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    return _invited(request, platform, tender_id, actor)


@post("/tenders/{tender_id:str}/invited", permission=ADMIT, sync_to_thread=True)
def invite(
    request: AnyRequest,
    tender_id: FromPath[str],
    data: URLEncodedBody[Invitees],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    try:
        with platform.db.transaction() as tx:
            at, usccs = clock.now(tx), _lines(data.usccs)
            if data.number:
                drawing.draw_invitees(tx, tender_id, usccs, number=int(data.number), actor=actor, at=at)
            else:
                inviting.invite(tx, tender_id, usccs, actor=actor, at=at)
    except (inviting.UnknownInvitee, inviting.TooFewInvited, drawing.NothingToDraw) as problem:
        return _invited(request, platform, tender_id, actor, typed=data.usccs, problem=problem)
    return redirect(f"/tenders/{tender_id}/invited")


def _review(
    request: AnyRequest,
    platform: Platform,
    lot_id: str,
    actor: Actor,
    *,
    field: str = "",
    problem: Problem | None = None,
) -> Response[str]:
    with platform.db.read() as tx:
        found = queries.review(tx, lot_id, actor=actor)
        drafts = queries.drafts(tx, found.context)
    rules = found.context.rule_set
    return page(
        request,
        "prequalification/review.html",
        status=problem.status if problem else 200,
        found=found,
        drafts=drafts,
        committee=rules.regime is Regime.TB and found.context.state_funded,
        field=field,
        problem=problem,
        grounds=GROUND_WORDS,
        bases=GROUND_BASIS,
        reason_max=REASON_MAX,
    )


def _invited(
    request: AnyRequest,
    platform: Platform,
    tender_id: str,
    actor: Actor,
    *,
    typed: str | None = None,
    problem: Problem | None = None,
) -> Response[str]:
    with platform.db.read() as tx:
        found = queries.invited(tx, tender_id, actor=actor, at=clock.now(tx))
        draw = drawing.present(tx, tender_id)
    rules = rule_set(found.tender.rule_set)
    rule = tenders.content_of(found.tender).least(rules, Stage.INVITED)
    return page(
        request,
        "prequalification/invited.html",
        status=problem.status if problem else 200,
        found=found,
        rule=rule,
        article=article_of(rule),
        draw=draw,
        states=STATE_WORDS,
        drawable=Purpose.INVITEES in LAWFUL[rules.regime],
        typed="\n".join(one.uscc for one in found.invitees) if typed is None else typed,
        problem=problem,
    )


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


PAGES = [reviews, review, judge, read_part, close, follow, invited, invite]
