"""Sign in and out, prove who one is once more, choose the language: pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.errors import NotFound, Problem
from govcore.i18n.catalogue import LANGUAGES
from govcore.identity import first, queries, resets, sessions, tickets
from govcore.identity.entrance import Entrance
from govcore.identity.guessing import TooManyTries
from govcore.identity.passwords import Person, WrongCredentials
from govcore.identity.policy import Actor, Purpose
from govcore.identity.tickets import WrongCode
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.addresses import own_path
from govcore.web.cookies import (
    LANGUAGE,
    STEP,
    clear_session,
    secret_of,
    session_token,
    set_secret,
    set_session,
)
from govcore.web.rendering import AnyRequest, language


class SignInForm(msgspec.Struct):
    login: str = ""
    password: str = ""
    next: str = "/desk"

    def __repr__(self) -> str:
        return f"SignInForm({self.login!r})"


class ProofForm(msgspec.Struct):
    password: str = ""
    code: str = ""
    next: str = "/desk"

    def __repr__(self) -> str:
        return "ProofForm()"


@get("/sign-in", permission="public", cost=0, sync_to_thread=True)
def sign_in_page(
    request: AnyRequest, platform: NamedDependency[Platform], next: FromQuery[str] = "/desk"
) -> Response[str]:
    with platform.db.read() as tx:
        new = first.is_new(tx)
    return page(
        request, "identity/sign_in.html", errors=[], values={"login": ""}, next=own_path(next), is_new=new
    )


@post("/sign-in", permission="public", cost=0, sync_to_thread=True)
def sign_in(
    request: AnyRequest, data: URLEncodedBody[SignInForm], platform: NamedDependency[Platform]
) -> Response[Any]:
    """Start a session and go on; a wrong name or password shows the form again, the name kept."""
    target, entrance = own_path(data.next), Entrance.of(request)
    try:
        person = entrance.by_password(data.login, data.password)
    except (WrongCredentials, TooManyTries) as problem:
        again = {"values": {"login": data.login}, "next": target, "is_new": False}
        return refused(request, "identity/sign_in.html", problem, field="login", **again)
    if person.password_due:
        with platform.db.transaction() as tx:
            secret = resets.let_choose(tx, person.user_id, at=clock.now(tx))
        return lead(platform, "/sign-in/new-password", secret)
    if person.second_factor:
        return _ask_second_factor(platform, person, target)
    response = redirect(target)
    entrance.admit(response, person, strong=False)
    return response


@get("/sign-in/second-factor", permission="public", cost=0, sync_to_thread=True)
def second_factor_page(request: AnyRequest, next: FromQuery[str] = "/desk") -> Response[str]:
    """The second of two steps, for who gave the right password."""
    return page(request, "identity/second_factor.html", errors=[], next=own_path(next))


@post("/sign-in/second-factor", permission="public", cost=0, sync_to_thread=True)
def second_factor(
    request: AnyRequest, data: URLEncodedBody[ProofForm], platform: NamedDependency[Platform]
) -> Response[Any]:
    """Start a strong session and go on; a wrong code is asked for again."""
    target, entrance = own_path(data.next), Entrance.of(request)
    secret = tickets.code_hash(secret_of(request, STEP))
    try:
        with platform.db.read() as tx:
            step = queries.step(tx, secret, Purpose.SECOND_FACTOR)
            if step is None or step.user_id is None:
                raise WrongCode
            person = queries.person_of(tx, step.user_id)
        entrance.by_code(person.user_id, person.username, data.code)
        with platform.db.transaction() as tx:
            tickets.redeem(tx, secret, purpose=Purpose.SECOND_FACTOR, at=clock.now(tx))
    except (WrongCode, TooManyTries) as problem:
        return refused(request, "identity/second_factor.html", problem, field="code", next=target)
    response = redirect(target)
    entrance.admit(response, person, strong=True)
    return response


@get("/prove", permission="identity.keep_account", cost=0, sync_to_thread=True)
def proof_page(
    request: AnyRequest,
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
    next: FromQuery[str] = "/desk",
) -> Response[str]:
    """Where an act leads that needs a fresh proof of who acts."""
    return page(request, "identity/prove.html", errors=[], next=own_path(next), **_proofs(platform, actor))


def _proofs(platform: Platform, actor: Actor) -> dict[str, Any]:
    """What this reader can prove it with, and nothing else: the own factors, and what other modules know of."""
    told = [module.proofs for module in platform.registry.modules if module.proofs is not None]
    with platform.db.read() as tx:
        at = clock.now(tx)
        ways = [way for tell in told for way in tell(tx, platform, actor, at)]
        return {"factors": queries.my_factors(tx, actor=actor), "ways": ways}


@post("/prove", permission="identity.keep_account", cost=0, sync_to_thread=True)
def prove(
    request: AnyRequest,
    data: URLEncodedBody[ProofForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """Make the session fresh and go back to what needed it."""
    target = own_path(data.next)
    try:
        token = Entrance.of(request).prove(actor, password=data.password, code=data.code)
    except (WrongCredentials, WrongCode, TooManyTries) as problem:
        field, proofs = "code" if data.code else "password", _proofs(platform, actor)
        return refused(request, "identity/prove.html", problem, field=field, next=target, **proofs)
    response = redirect(target)
    set_session(response, token, secure=not platform.settings.demo)
    return response


@post("/sign-out", permission="identity.sign_out", cost=0, sync_to_thread=True)
def sign_out(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    with platform.db.transaction() as tx:
        sessions.close_session(tx, token=session_token(request), actor=actor, at=clock.now(tx))
    response = redirect("/")
    clear_session(response, secure=not platform.settings.demo)
    return response


@get("/language/{lang:str}", permission="public", cost=0, sync_to_thread=False)
def choose_language(lang: FromPath[str], next: FromQuery[str] = "/") -> Redirect:
    """Keep the language for a year and go back to where the reader was."""
    if lang not in LANGUAGES:
        raise NotFound
    response = redirect(own_path(next))
    response.set_cookie(LANGUAGE, lang, path="/", samesite="lax", max_age=365 * 86400)
    return response


def refused(
    request: AnyRequest, template: str, problem: Problem, *, field: str, **context: Any
) -> Response[str]:
    """The form again, with what was wrong beside its field; secrets are never sent back."""
    _ = request.app.state.platform.catalogue.translator(language(request))
    said: Mapping[str, Any] = {"field": field, "text": _(problem.text, **problem.data)}
    return page(request, template, status=problem.status, errors=[said], **context)


def lead(platform: Platform, path: str, secret: str) -> Redirect:
    """Go on to the next step; its secret travels in a cookie, never in the address."""
    response = redirect(path)
    set_secret(response, STEP, secret, secure=not platform.settings.demo, max_age=3600)
    return response


def _ask_second_factor(platform: Platform, person: Person, target: str) -> Redirect:
    secret = tickets.readable_code()
    with platform.db.transaction() as tx:
        tickets.issue(
            tx,
            tickets.code_hash(secret),
            purpose=Purpose.SECOND_FACTOR,
            at=clock.now(tx),
            user_id=person.user_id,
        )
    return lead(platform, f"/sign-in/second-factor?{urlencode({'next': target})}", secret)


PAGES = [
    sign_in_page,
    sign_in,
    second_factor_page,
    second_factor,
    proof_page,
    prove,
    sign_out,
    choose_language,
]
