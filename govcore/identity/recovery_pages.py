"""For who cannot sign in yet or any more: a forgotten password, and the first administrator: pages."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.db import Tx
from govcore.errors import Problem
from govcore.identity import first, passwords, queries, resets, tickets
from govcore.identity.entrance import Entrance
from govcore.identity.guessing import TooManyTries
from govcore.identity.pages import lead, refused
from govcore.identity.passwords import WeakPassword
from govcore.identity.policy import Actor, Purpose
from govcore.identity.queries import Step
from govcore.identity.service import AlreadyRegistered
from govcore.identity.tickets import WrongCode
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.cookies import STEP, secret_of
from govcore.web.rendering import AnyRequest


class Differ(Problem):
    code = "E_DIFFER"
    status = 422
    text = "The two passwords are not the same."


class ForgottenForm(msgspec.Struct):
    login: str = ""


class ChoiceForm(msgspec.Struct):
    password: str = ""
    again: str = ""
    code: str = ""

    def __repr__(self) -> str:
        return "ChoiceForm()"


class FirstForm(msgspec.Struct):
    code: str = ""
    login: str = ""
    name: str = ""
    password: str = ""
    again: str = ""

    def __repr__(self) -> str:
        return f"FirstForm({self.login!r})"


@get("/sign-in/forgotten", permission="public", sync_to_thread=True)
def forgotten_page(request: AnyRequest) -> Response[str]:
    return page(request, "identity/forgotten.html", errors=[])


@post("/sign-in/forgotten", permission="public", sync_to_thread=True)
def forgotten(
    request: AnyRequest, data: URLEncodedBody[ForgottenForm], platform: NamedDependency[Platform]
) -> Response[Any]:
    """Give a number to tell an administrator, whether or not somebody has this name."""
    entrance = Entrance.of(request)
    try:
        entrance.count("forgotten")
    except TooManyTries as problem:
        return refused(request, "identity/forgotten.html", problem, field="login")
    with platform.db.transaction() as tx:
        secret = resets.ask(tx, username=data.login, network=entrance.place.network, at=clock.now(tx))
    return lead(platform, "/sign-in/new-password", secret)


@get("/sign-in/new-password", permission="public", sync_to_thread=True)
def new_password_page(request: AnyRequest, platform: NamedDependency[Platform]) -> Response[str]:
    """The number, and where to choose the new password once it was approved."""
    return page(request, "identity/new_password.html", errors=[], step=_step(request, platform))


@post("/sign-in/new-password", permission="public", sync_to_thread=True)
def new_password(
    request: AnyRequest, data: URLEncodedBody[ChoiceForm], platform: NamedDependency[Platform]
) -> Response[Any]:
    """Set the new password; its owner then signs in with it."""
    secret = secret_of(request, STEP)
    try:
        chosen = _chosen(platform, data.password, data.again)

        def choose(tx: Tx) -> None:
            resets.choose(tx, platform.wrapper, secret, chosen, code=data.code, at=clock.now(tx))

        Entrance.of(request).by_secret(choose)
    except (WeakPassword, Differ, WrongCode, TooManyTries) as problem:
        step = _step(request, platform)
        return refused(request, "identity/new_password.html", problem, field=_field_of(problem), step=step)
    return lead(platform, "/sign-in", "")


@get("/first-administrator", permission="public", sync_to_thread=True)
def first_administrator_page(request: AnyRequest) -> Response[str]:
    """Where the code leads that `trading admin first` prints on the server."""
    return page(request, "identity/first_administrator.html", errors=[], values={"login": "", "name": ""})


@post("/first-administrator", permission="public", sync_to_thread=True)
def first_administrator(
    request: AnyRequest, data: URLEncodedBody[FirstForm], platform: NamedDependency[Platform]
) -> Response[Any]:
    """Register the first administrator, signed in and on the way to a second factor."""
    entrance = Entrance.of(request)
    try:
        _chosen(platform, data.password, data.again)

        def appoint(tx: Tx) -> str:
            return first.appoint(
                tx,
                data.code,
                username=data.login,
                name=data.name,
                password=data.password,
                at=clock.now(tx),
            )

        user_id = entrance.by_secret(appoint)
    except (WeakPassword, Differ, WrongCode, TooManyTries, first.NotTheFirst, AlreadyRegistered) as problem:
        values = {"login": data.login, "name": data.name}
        return refused(
            request, "identity/first_administrator.html", problem, field=_field_of(problem), values=values
        )
    with platform.db.read() as tx:
        person = queries.person_of(tx, user_id)
    response = redirect("/account/second-factor")
    entrance.admit(response, person, strong=False)
    return response


@get("/administration/resets", permission="identity.approve_reset", sync_to_thread=True)
def resets_page(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """Who forgot the password and waits."""
    with platform.db.read() as tx:
        waiting = queries.resets_asked(tx, actor=actor)
    return page(request, "identity/resets.html", waiting=waiting)


@post(
    "/administration/resets/{number:str}/approve",
    permission="identity.approve_reset",
    fresh=True,
    sync_to_thread=True,
)
def approve_reset(
    number: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    with platform.db.transaction() as tx:
        resets.approve(tx, number, actor=actor, at=clock.now(tx))
    return redirect("/administration/resets")


def _chosen(platform: Platform, password: str, again: str) -> str:
    """The hash of a password that was typed twice; hashed here, outside of every transaction."""
    if password != again:
        raise Differ
    passwords.check_strength(password, profile=platform.settings.profile)
    return passwords.hashed(password)


def _field_of(problem: Problem) -> str:
    return "password" if isinstance(problem, WeakPassword | Differ) else "code"


def _step(request: AnyRequest, platform: Platform) -> Step | None:
    secret = tickets.code_hash(secret_of(request, STEP))
    with platform.db.read() as tx:
        return queries.step(tx, secret, Purpose.CHOOSE_ANEW)


PAGES = [
    forgotten_page,
    forgotten,
    new_password_page,
    new_password,
    first_administrator_page,
    first_administrator,
    resets_page,
    approve_reset,
]
