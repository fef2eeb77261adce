"""A committee's session as its members see it: come in, promise, elect a leader, leave."""

from __future__ import annotations

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.authority.proposals import ReasonMissing
from govcore.errors import Problem
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.rendering import AnyRequest
from trading.committee import leading, meeting, queries, service, shortness
from trading.committee.policy import GROUND_WORDS, PROMISE, PROMISE_VERSION, may_lead, promise_digest
from trading.committee.promising import promise_of


class PromiseForm(msgspec.Struct, forbid_unknown_fields=True):
    sha256: str = ""


class VoteForm(msgspec.Struct, forbid_unknown_fields=True):
    seat: int = 0


class ConflictForm(msgspec.Struct, forbid_unknown_fields=True):
    reason: str = ""


@get("/evaluation/{lot_id:str}/session", permission="committee.sit", sync_to_thread=True)
def session(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """What a member has to do now: come in, promise, vote; then read and score."""
    return _session(request, platform, lot_id, actor)


@post("/evaluation/{lot_id:str}/session/sign-in", permission="committee.sit", sync_to_thread=True)
def sign_in(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    try:
        with platform.db.transaction() as tx:
            meeting.sign_in(tx, lot_id, actor=actor, at=clock.now(tx))
    except (service.SessionClosed, service.OutsideNetwork) as problem:
        return _session(request, platform, lot_id, actor, problem=problem)
    return redirect(f"/evaluation/{lot_id}/session")


@post("/evaluation/{lot_id:str}/session/sign-out", permission="committee.sit", sync_to_thread=True)
def sign_out(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    with platform.db.transaction() as tx:
        meeting.sign_out(tx, lot_id, actor=actor, at=clock.now(tx))
    return redirect(f"/evaluation/{lot_id}/session")


@post("/evaluation/{lot_id:str}/session/promise", permission="committee.sit", sync_to_thread=True)
def give_promise(
    request: AnyRequest,
    lot_id: FromPath[str],
    data: URLEncodedBody[PromiseForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Accept the promise that the page showed."""
    text = promise_of(platform)
    try:
        with platform.db.transaction() as tx:
            meeting.promise(
                tx,
                lot_id,
                text=text,
                version=PROMISE_VERSION,
                sha256=data.sha256,
                actor=actor,
                at=clock.now(tx),
            )
    except meeting.PromiseChanged as problem:
        return _session(request, platform, lot_id, actor, problem=problem)
    return redirect(f"/evaluation/{lot_id}/session")


@post("/evaluation/{lot_id:str}/session/vote", permission="committee.sit", sync_to_thread=True)
def vote(
    request: AnyRequest,
    lot_id: FromPath[str],
    data: URLEncodedBody[VoteForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    try:
        with platform.db.transaction() as tx:
            leading.vote(tx, lot_id, choice=data.seat, actor=actor, at=clock.now(tx))
    except (leading.NotEligible, leading.RepresentativeLeads, leading.LeaderElected) as problem:
        return _session(request, platform, lot_id, actor, problem=problem)
    return redirect(f"/evaluation/{lot_id}/session")


@post("/evaluation/{lot_id:str}/session/too-short", permission="committee.sit", sync_to_thread=True)
def too_short(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    """Say that the time is too short."""
    with platform.db.transaction() as tx:
        shortness.say_too_short(tx, lot_id, actor=actor, at=clock.now(tx))
    return redirect(f"/evaluation/{lot_id}/session")


@post("/evaluation/{lot_id:str}/session/time-enough", permission="committee.sit", sync_to_thread=True)
def time_enough(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    """Take back that the time is too short."""
    with platform.db.transaction() as tx:
        shortness.take_back(tx, lot_id, actor=actor, at=clock.now(tx))
    return redirect(f"/evaluation/{lot_id}/session")


@post("/evaluation/{lot_id:str}/session/conflict", permission="committee.sit", sync_to_thread=True)
def declare_conflict(
    request: AnyRequest,
    lot_id: FromPath[str],
    data: URLEncodedBody[ConflictForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Leave the committee at once and for good."""
    try:
        with platform.db.transaction() as tx:
            service.declare_conflict(tx, lot_id, reason=data.reason, actor=actor, at=clock.now(tx))
    except ReasonMissing as problem:
        return _session(request, platform, lot_id, actor, problem=problem, reason=data.reason)
    return redirect(f"/evaluation/{lot_id}/session")


def _session(
    request: AnyRequest,
    platform: Platform,
    lot_id: str,
    actor: Actor,
    *,
    problem: Problem | None = None,
    reason: str = "",
) -> Response[str]:
    text = promise_of(platform)
    with platform.db.read() as tx:
        at = clock.now(tx)
        found = queries.session(tx, lot_id, actor=actor, at=at)
        short = shortness.shortness_now(tx, lot_id, at=at)
    regime = found.context.rule_set.regime
    return page(
        request,
        "committee/session.html",
        status=problem.status if problem else 200,
        found=found,
        short=short,
        lot=found.context,
        eligible=[one for one in found.seats if not one.void and may_lead(one.kind, regime)],
        ground_words=GROUND_WORDS,
        promise=text.splitlines(),
        promise_keys=PROMISE,
        promise_sha256=promise_digest(text),
        problem=problem,
        reason=reason,
    )


PAGES = [session, sign_in, sign_out, give_promise, vote, too_short, time_enough, declare_conflict]
