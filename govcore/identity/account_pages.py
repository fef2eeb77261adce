"""What everybody keeps of their own account: pages."""

from __future__ import annotations

from typing import Any

import msgspec
import segno
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.identity import api_tokens, factors, passkeys, passwords, queries, sessions
from govcore.identity.entrance import Entrance, passkeys_offered
from govcore.identity.guessing import TooManyTries
from govcore.identity.pages import refused
from govcore.identity.passwords import PasswordUnchanged, WeakPassword, WrongCredentials
from govcore.identity.policy import PERSONAL, Actor
from govcore.identity.recovery_pages import Differ
from govcore.identity.tickets import WrongCode
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.cookies import set_session
from govcore.web.rendering import AnyRequest


class PasswordForm(msgspec.Struct):
    old: str = ""
    password: str = ""
    again: str = ""

    def __repr__(self) -> str:
        return "PasswordForm()"


class CodeForm(msgspec.Struct):
    code: str = ""


class TokenForm(msgspec.Struct):
    """One ticked box comes as a text, several as a list."""

    name: str = ""
    days: int = 90
    scopes: str | list[str] = []


@get("/account", permission="identity.keep_account", sync_to_thread=True)
def account(request: AnyRequest) -> Response[str]:
    """Who the platform takes the reader for, and what they can set themselves."""
    return page(request, "identity/account.html")


@get("/account/sessions", permission="identity.keep_account", sync_to_thread=True)
def my_devices(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """Where the reader is signed in."""
    with platform.db.read() as tx:
        mine = queries.my_sessions(tx, actor=actor)
    return page(request, "identity/sessions.html", mine=mine)


@post("/account/sessions/{session_id:str}/end", permission="identity.keep_account", sync_to_thread=True)
def end_session(
    session_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    with platform.db.transaction() as tx:
        sessions.end_session(tx, session_id, actor=actor, at=clock.now(tx))
    return redirect("/account/sessions")


@post("/account/sessions/end-others", permission="identity.keep_account", sync_to_thread=True)
def end_other_sessions(platform: NamedDependency[Platform], actor: NamedDependency[Actor]) -> Redirect:
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        sessions.end_sessions(tx, actor.user_id, actor=actor.user_id, at=at, but=actor.session_id)
    return redirect("/account/sessions")


@get("/account/password", permission="identity.keep_account", sync_to_thread=True)
def password_page(request: AnyRequest, platform: NamedDependency[Platform]) -> Response[str]:
    return page(request, "identity/password.html", errors=[], profile=platform.settings.profile)


@post("/account/password", permission="identity.keep_account", sync_to_thread=True)
def change_password(
    request: AnyRequest,
    data: URLEncodedBody[PasswordForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """Change the own password, the old one given; all other sessions end."""
    entrance, profile = Entrance.of(request), platform.settings.profile
    try:
        entrance.confirm(actor, data.old)
        if data.password != data.again:
            raise Differ
        if data.password == data.old:
            raise PasswordUnchanged
        names = (entrance.username(actor), actor.name, actor.org_name)
        passwords.check_strength(data.password, profile=profile, names=names)
    except (WrongCredentials, WeakPassword, Differ, TooManyTries) as problem:
        field = "password" if isinstance(problem, WeakPassword | Differ) else "old"
        return refused(request, "identity/password.html", problem, field=field, profile=profile)
    chosen = passwords.hashed(data.password)
    with platform.db.transaction() as tx:
        passwords.set_password(tx, actor.user_id, chosen, by="owner", at=clock.now(tx), keep=actor.session_id)
    return _renewed(platform, entrance.proved(actor, strong=False), "/account")


@get("/account/second-factor", permission="identity.keep_account", sync_to_thread=True)
def factors_page(
    request: AnyRequest,
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
    next: FromQuery[str] = "",
) -> Response[str]:
    """The reader's second factors; also where those are led whose work needs one."""
    return page(request, "identity/factors.html", errors=[], led=bool(next), **_factors(platform, actor))


@post("/account/second-factor/begin", permission="identity.keep_account", fresh=True, sync_to_thread=True)
def begin_factor(platform: NamedDependency[Platform], actor: NamedDependency[Actor]) -> Redirect:
    """Make a secret for the authenticator; it does not count yet."""
    with platform.db.transaction() as tx:
        factors.begin(tx, platform.wrapper, actor=actor)
    return redirect("/account/second-factor")


@post("/account/second-factor/confirm", permission="identity.keep_account", fresh=True, sync_to_thread=True)
def confirm_factor(
    request: AnyRequest,
    data: URLEncodedBody[CodeForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """The authenticator's first code switches it on; the recovery codes are shown this once."""
    entrance = Entrance.of(request)
    try:
        codes = entrance.by_secret(
            lambda tx: factors.confirm(tx, platform.wrapper, data.code, actor=actor, at=clock.now(tx))
        )
    except (WrongCode, TooManyTries) as problem:
        context = {"led": False, **_factors(platform, actor)}
        return refused(request, "identity/factors.html", problem, field="code", **context)
    response = page(request, "identity/recovery_codes.html", codes=codes)
    set_session(response, entrance.proved(actor, strong=True), secure=not platform.settings.demo)
    return response


@post("/account/second-factor/remove", permission="identity.keep_account", fresh=True, sync_to_thread=True)
def remove_factor(platform: NamedDependency[Platform], actor: NamedDependency[Actor]) -> Redirect:
    with platform.db.transaction() as tx:
        factors.remove(tx, actor=actor, at=clock.now(tx))
    return redirect("/account/second-factor")


@post("/account/recovery-codes", permission="identity.keep_account", fresh=True, sync_to_thread=True)
def new_recovery_codes(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """New recovery codes, shown this once; the old ones are dead."""
    with platform.db.transaction() as tx:
        codes = factors.renew_recovery_codes(tx, actor=actor, at=clock.now(tx))
    return page(request, "identity/recovery_codes.html", codes=codes)


@post(
    "/account/passkeys/{passkey_id:str}/remove",
    permission="identity.keep_account",
    fresh=True,
    sync_to_thread=True,
)
def remove_passkey(
    passkey_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    with platform.db.transaction() as tx:
        passkeys.remove(tx, passkey_id, actor=actor, at=clock.now(tx))
    return redirect("/account/second-factor")


@get("/account/tokens", permission="identity.keep_account", sync_to_thread=True)
def tokens_page(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """The reader's API tokens."""
    return page(request, "identity/tokens.html", errors=[], made="", **_tokens(platform, actor))


@post("/account/tokens", permission="identity.keep_account", fresh=True, sync_to_thread=True)
def make_token(
    request: AnyRequest,
    data: URLEncodedBody[TokenForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """Make an API token and show it this once."""
    try:
        with platform.db.transaction() as tx:
            _, made = api_tokens.make(
                tx,
                name=data.name.strip()[:80] or "API",
                scopes=[data.scopes] if isinstance(data.scopes, str) else data.scopes,
                days=data.days,
                actor=actor,
                at=clock.now(tx),
            )
    except (api_tokens.ScopeTooWide, api_tokens.TokenTooLong) as problem:
        field = "days" if isinstance(problem, api_tokens.TokenTooLong) else "scopes"
        context = {"made": "", **_tokens(platform, actor)}
        return refused(request, "identity/tokens.html", problem, field=field, **context)
    return page(request, "identity/tokens.html", errors=[], made=made, **_tokens(platform, actor))


@post("/account/tokens/{token_id:str}/revoke", permission="identity.keep_account", sync_to_thread=True)
def revoke_token(
    token_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    with platform.db.transaction() as tx:
        api_tokens.revoke(tx, token_id, actor=actor, at=clock.now(tx))
    return redirect("/account/tokens")


def _renewed(platform: Platform, token: str, path: str) -> Redirect:
    response = redirect(path)
    set_session(response, token, secure=not platform.settings.demo)
    return response


def _factors(platform: Platform, actor: Actor) -> dict[str, Any]:
    with platform.db.read() as tx:
        mine = queries.my_factors(tx, actor=actor)
        username = queries.username_of(tx, actor.user_id)
        secret = factors.pending_secret(tx, platform.wrapper, actor=actor)
    issuer = platform.settings.centre or "Public resource trading"
    qr = segno.make(factors.address(secret, account=username, issuer=issuer)) if secret else None
    return {
        "factors": mine,
        "secret": secret or "",
        "qr": qr.svg_data_uri(scale=5, border=2) if qr else "",
        "passkeys": passkeys_offered(platform.settings),
    }


def _tokens(platform: Platform, actor: Actor) -> dict[str, Any]:
    with platform.db.read() as tx:
        mine = queries.my_tokens(tx, actor=actor)
    registered = platform.registry.permissions
    return {"mine": mine, "scopes": [registered[name] for name in sorted(actor.permissions - PERSONAL)]}


PAGES = [
    account,
    my_devices,
    end_session,
    end_other_sessions,
    password_page,
    change_password,
    factors_page,
    begin_factor,
    confirm_factor,
    remove_factor,
    new_recovery_codes,
    remove_passkey,
    tokens_page,
    make_token,
    revoke_token,
]
