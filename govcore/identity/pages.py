"""Sign in and out, prove who one is once more, choose the language: pages."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.errors import NotFound
from govcore.i18n.catalogue import LANGUAGES
from govcore.identity import service, sessions
from govcore.identity.policy import Actor
from govcore.identity.service import WrongCredentials
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.addresses import own_path
from govcore.web.clients import device_of
from govcore.web.cookies import LANGUAGE, clear_session, session_token, set_session
from govcore.web.rendering import AnyRequest, language


class SignInForm(msgspec.Struct):
    login: str = ""
    password: str = ""
    next: str = "/desk"

    def __repr__(self) -> str:
        return f"SignInForm({self.login!r})"


class ProofForm(msgspec.Struct):
    password: str = ""
    next: str = "/desk"

    def __repr__(self) -> str:
        return "ProofForm()"


@get("/sign-in", permission="public", sync_to_thread=True)
def sign_in_page(request: AnyRequest, next: FromQuery[str] = "/desk") -> Response[str]:
    return page(request, "identity/sign_in.html", errors=[], values={"login": ""}, next=own_path(next))


@post("/sign-in", permission="public", sync_to_thread=True)
def sign_in(
    request: AnyRequest, data: URLEncodedBody[SignInForm], platform: NamedDependency[Platform]
) -> Response[Any]:
    """Start a session and go on; a wrong name or password shows the form again, the name kept."""
    target = own_path(data.next)
    try:
        with platform.db.read() as tx:
            user_id = service.check_password(tx, username=data.login, password=data.password)
    except WrongCredentials as problem:
        _ = platform.catalogue.translator(language(request))
        errors = [{"field": "login", "text": _(problem.text)}]
        again = {"errors": errors, "values": {"login": data.login}, "next": target}
        return page(request, "identity/sign_in.html", status=problem.status, **again)
    settings = platform.settings
    with platform.db.transaction() as tx:
        token = sessions.open_session(
            tx,
            user_id=user_id,
            at=clock.now(tx),
            device=device_of(request, settings.trusted_proxies),
            profile=settings.profile,
        )
    response = redirect(target)
    set_session(response, token, secure=not settings.demo)
    return response


@get("/prove", permission="identity.keep_account", sync_to_thread=True)
def proof_page(request: AnyRequest, next: FromQuery[str] = "/desk") -> Response[str]:
    """Where an act leads that needs a fresh proof of who acts."""
    return page(request, "identity/prove.html", errors=[], next=own_path(next))


@post("/prove", permission="identity.keep_account", sync_to_thread=True)
def prove(
    request: AnyRequest,
    data: URLEncodedBody[ProofForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """Make the session fresh and go back to what needed it."""
    target = own_path(data.next)
    try:
        with platform.db.read() as tx:
            service.reauthenticate(tx, actor=actor, password=data.password)
    except WrongCredentials as problem:
        _ = platform.catalogue.translator(language(request))
        errors = [{"field": "password", "text": _(problem.text)}]
        return page(request, "identity/prove.html", status=problem.status, errors=errors, next=target)
    with platform.db.transaction() as tx:
        token = sessions.prove(
            tx, actor=actor, at=clock.now(tx), strong=False, profile=platform.settings.profile
        )
    response = redirect(target)
    set_session(response, token, secure=not platform.settings.demo)
    return response


@post("/sign-out", permission="identity.sign_out", sync_to_thread=True)
def sign_out(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    with platform.db.transaction() as tx:
        sessions.close_session(tx, token=session_token(request.cookies), actor=actor, at=clock.now(tx))
    response = redirect("/")
    clear_session(response, secure=not platform.settings.demo)
    return response


@get("/language/{lang:str}", permission="public", sync_to_thread=False)
def choose_language(lang: FromPath[str], next: FromQuery[str] = "/") -> Redirect:
    """Keep the language for a year and go back to where the reader was."""
    if lang not in LANGUAGES:
        raise NotFound
    response = redirect(own_path(next))
    response.set_cookie(LANGUAGE, lang, path="/", samesite="lax", max_age=365 * 86400)
    return response


PAGES = [sign_in_page, sign_in, proof_page, prove, sign_out, choose_language]
