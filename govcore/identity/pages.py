"""Sign in and out: pages."""

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
from govcore.identity import service
from govcore.identity.policy import Actor
from govcore.identity.service import WrongCredentials
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.cookies import LANGUAGE, clear_session, session_token, set_session
from govcore.web.rendering import AnyRequest, language


class SignInForm(msgspec.Struct):
    login: str = ""
    password: str = ""
    next: str = "/desk"

    def __repr__(self) -> str:
        return f"SignInForm({self.login!r})"


@get("/sign-in", permission="public", sync_to_thread=True)
def sign_in_page(request: AnyRequest, next: FromQuery[str] = "/desk") -> Response[str]:
    return page(request, "sign_in.html", errors=[], values={"login": ""}, next=_own_path(next))


@post("/sign-in", permission="public", sync_to_thread=True)
def sign_in(
    request: AnyRequest, data: URLEncodedBody[SignInForm], platform: NamedDependency[Platform]
) -> Response[Any]:
    """Start a session and go on; a wrong name or password shows the form again, the name kept."""
    target = _own_path(data.next)
    try:
        with platform.db.read() as tx:
            user_id = service.check_password(tx, username=data.login, password=data.password)
    except WrongCredentials as problem:
        _ = platform.catalogue.translator(language(request))
        errors = [{"field": "login", "text": _(problem.text)}]
        again = {"errors": errors, "values": {"login": data.login}, "next": target}
        return page(request, "sign_in.html", status=problem.status, **again)
    with platform.db.transaction() as tx:
        token = service.open_session(tx, user_id=user_id, at=clock.now(tx))
    response = redirect(target)
    set_session(response, token, secure=not platform.settings.demo)
    return response


@get("/account", permission="identity.sign_out", sync_to_thread=True)
def account(request: AnyRequest) -> Response[str]:
    """Who the platform takes the reader for."""
    return page(request, "account.html")


@post("/sign-out", permission="identity.sign_out", sync_to_thread=True)
def sign_out(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    with platform.db.transaction() as tx:
        service.close_session(tx, token=session_token(request.cookies), actor=actor, at=clock.now(tx))
    response = redirect("/")
    clear_session(response, secure=not platform.settings.demo)
    return response


@get("/language/{lang:str}", permission="public", sync_to_thread=False)
def choose_language(lang: FromPath[str], next: FromQuery[str] = "/") -> Redirect:
    """Keep the language for a year and go back to where the reader was."""
    if lang not in LANGUAGES:
        raise NotFound
    response = redirect(_own_path(next))
    response.set_cookie(LANGUAGE, lang, path="/", samesite="lax", max_age=365 * 86400)
    return response


def _own_path(path: str) -> str:
    """Only a path of this site: an address of another one would make us an open redirect."""
    plain = not any(ord(letter) < 0x21 or letter == "\\" for letter in path)
    return path if plain and path.startswith("/") and not path.startswith("//") else "/"


PAGES = [sign_in_page, sign_in, account, sign_out, choose_language]
