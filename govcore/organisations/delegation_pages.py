"""Delegations: what I hold, what my organisation gave, granting, revoking, acting."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.db import Tx
from govcore.identity.policy import Actor, Duty
from govcore.module import Band
from govcore.organisations import delegation_queries, delegations, queries
from govcore.organisations.acts import choose
from govcore.organisations.policy import DUTY_WORDS
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.rendering import AnyRequest, language

ACTING_BAND = "BY DELEGATION"


class DelegationForm(msgspec.Struct):
    username: str = ""
    name: str = ""
    prepare: str = ""
    sign: str = ""
    submit: str = ""
    read_audit: str = ""
    ends_on: str = ""
    objects: str = ""

    def duties(self) -> list[Duty]:
        return [duty for duty in Duty if getattr(self, duty, "")]

    def ends_at(self) -> datetime | None:
        """The end of the day in Beijing; nothing when it is no day."""
        try:
            return datetime.combine(date.fromisoformat(self.ends_on), time(23, 59, 59), clock.BEIJING)
        except ValueError:
            return None


@get("/delegations", permission="delegation.hold", sync_to_thread=True)
def delegations_page(
    request: AnyRequest,
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
    object: FromQuery[str] = "",
) -> Response[str]:
    """Both sides; `object` proposes the only tender or lot of a new one."""
    return _delegations(request, platform, actor, values=DelegationForm(objects=object[:64]))


def _delegations(
    request: AnyRequest, platform: Platform, actor: Actor, *, status: int = 200, **more: Any
) -> Response[str]:
    with platform.db.read() as tx:
        at = clock.now(tx)
        held = delegation_queries.held(tx, platform.wrapper, actor=actor, at=at)
        given = delegation_queries.given(tx, platform.wrapper, actor=actor, at=at)
        username = queries.own_username(tx, actor=actor)
    words = {duty: word for duty, word in DUTY_WORDS.items() if duty is not Duty.MANAGE}
    context = {"held": held, "given": given, "duty_words": words, "username": username}
    more = {"errors": []} | more
    return page(request, "organisations/delegations.html", status=status, **context, **more)


@post("/delegations", permission="delegation.grant", sync_to_thread=True)
def grant(
    request: AnyRequest,
    data: URLEncodedBody[DelegationForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """Grant one; a wrong field shows the form again."""
    try:
        ends_at = data.ends_at()
        if ends_at is None:
            raise delegations.EndsWrongly
        with platform.db.transaction() as tx:
            delegations.grant(
                tx,
                platform.keys,
                platform.wrapper,
                username=data.username.strip(),
                name=data.name,
                duties=data.duties(),
                objects=data.objects.split(),
                ends_at=ends_at,
                actor=actor,
                at=clock.now(tx),
            )
    except tuple(FIELDS) as problem:
        translate = platform.catalogue.translator(language(request))
        errors = [{"field": FIELDS[type(problem)], "text": translate(problem.text)}]
        return _delegations(request, platform, actor, status=problem.status, errors=errors, values=data)
    return redirect("/delegations")


FIELDS = {
    delegations.EndsWrongly: "ends_on",
    delegations.NotToBeDelegated: "prepare",
    delegations.NoSuchDelegate: "username",
}


@post("/delegations/{delegation_id:str}/revoke", permission="delegation.hold", sync_to_thread=True)
def revoke(
    delegation_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    with platform.db.transaction() as tx:
        delegations.revoke(tx, delegation_id, actor=actor, at=clock.now(tx))
    return redirect("/delegations")


@post("/delegations/{delegation_id:str}/act", permission="delegation.hold", sync_to_thread=True)
def act(
    delegation_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    choose(platform, delegation_id, actor)
    return redirect("/desk")


@post("/delegations/lay-down", permission="delegation.hold", sync_to_thread=True)
def lay_down(platform: NamedDependency[Platform], actor: NamedDependency[Actor]) -> Redirect:
    choose(platform, None, actor)
    return redirect("/delegations")


def acting_bands(_tx: Tx, _platform: Platform, actor: Actor, _at: datetime) -> Iterator[Band]:
    """Whoever acts for another organisation sees on every page for whom."""
    if actor.acting is not None:
        yield Band(
            word=ACTING_BAND,
            texts=("Everything you do now is done for {organisation}.",),
            data={"organisation": actor.org_name},
            href="/delegations",
        )


PAGES = [delegations_page, grant, revoke, act, lay_down]
