"""Go to an identity provider and come back; decide whose account a new identity opens."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from govcore import challenges, clock
from govcore.challenges import BadChallenge, Challenge
from govcore.errors import NotFound, Problem
from govcore.federation import queries, service
from govcore.federation.client import AnswerRefused, Expected, Providers, Subject
from govcore.federation.policy import ATTEMPT_LIFETIME, SKEW
from govcore.federation.providers import Provider
from govcore.identity import sessions
from govcore.identity.policy import PROOF_LIFETIME, Actor
from govcore.platform import Platform
from govcore.vault import Vault
from govcore.web import page, redirect, signing_in
from govcore.web.addresses import own_path
from govcore.web.origins import origin_of
from govcore.web.rendering import AnyRequest, language

_ATTEMPT, _PENDING = "oidc-attempt", "oidc-pending"
_known = Providers()


@get("/sign-in/with/{provider_id:str}", permission="public", cost=0, sync_to_thread=True)
def leave(
    request: AnyRequest,
    provider_id: FromPath[str],
    platform: NamedDependency[Platform],
    next: FromQuery[str] = "/desk",
    anew: FromQuery[bool] = False,
) -> Redirect:
    """Send the browser to the provider; what belongs to the attempt goes into a cookie of this browser.

    `anew` is for who is signed in here and has to prove it once more: being signed in there is not enough then.
    """
    provider = _provider(platform, provider_id)
    origin = origin_of(platform.settings, request)
    with platform.db.read() as tx:
        at = clock.now(tx)
    facts = {"provider": provider_id, "next": own_path(next), "anew": "1" if anew else ""}
    asked = _ask(platform, _ATTEMPT, origin, facts, at=at)
    nonce = challenges.read(platform.keys, asked, purpose=_ATTEMPT, origin=origin, at=at).nonce
    expected = _expected(platform.keys, nonce, origin, provider_id)
    digest = hashlib.sha256(expected.verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    state = _state(platform.keys, nonce)
    max_age = timedelta(0) if anew else platform.settings.profile.lifetime
    address = _known.authorization_url(
        provider, state=state, challenge=challenge, expected=expected, max_age=max_age
    )
    response = redirect(address)
    _keep(response, platform, _ATTEMPT, asked)
    return response


@get("/sign-in/with/{provider_id:str}/back", permission="public", cost=0, sync_to_thread=True)
def come_back(
    request: AnyRequest,
    provider_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    """Check the provider's answer; open the linked account, make its session fresh, or ask whose the identity is."""
    provider = _provider(platform, provider_id)
    origin = origin_of(platform.settings, request)
    # Read by hand: the framework keeps the name `state` for itself.
    code, state, iss = (request.query_params.get(name, "") for name in ("code", "state", "iss"))
    try:
        attempt = _attempt(request, platform, provider, origin, state=state, iss=iss)
        expected = _expected(platform.keys, attempt.nonce, origin, provider_id)
        with platform.db.read() as tx:
            at = clock.now(tx)
        if not code:
            raise AnswerRefused(reason="no code")
        subject = _known.exchange(provider, code, expected, at=at)
        tag = service.tag_of(platform.keys, subject)
        token = _opened(request, platform, attempt, subject, tag, actor)
    except Problem as problem:
        with platform.db.transaction() as tx:
            service.log_refusal(tx, provider_id, problem, at=clock.now(tx))
        raise
    if token is not None:
        response = redirect(attempt.facts["next"])
        signing_in.give(response, platform, token)
    else:
        response = redirect("/sign-in/new-identity")
        facts = {"provider": provider_id, "tag": tag, "name": subject.name, "next": attempt.facts["next"]}
        _keep(response, platform, _PENDING, _ask(platform, _PENDING, origin, facts, at=at))
    _forget(response, platform, _ATTEMPT)
    return response


def _opened(
    request: AnyRequest, platform: Platform, attempt: Challenge, subject: Subject, tag: str, actor: Actor
) -> str | None:
    """The token of a session for the linked account, as fresh as the provider's proof; nothing without a link.

    Asked anew, the actor's own session is made fresh, when the same person proved it after leaving from here.
    """
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        user_id = queries.user_of(tx, tag)
        if attempt.facts["anew"]:
            left_at = attempt.until - ATTEMPT_LIFETIME
            if not actor.signed_in or user_id != actor.user_id:
                raise AnswerRefused(reason="person")
            if subject.proved_at is None or subject.proved_at < left_at - SKEW:
                raise AnswerRefused(reason="auth_time")
            return sessions.prove(tx, actor=actor, at=at, strong=False, profile=platform.settings.profile)
        if user_id is None:
            return None
        proved_at = subject.proved_at or at - PROOF_LIFETIME
        return signing_in.begin(tx, platform, request, user_id=user_id, strong=False, proved_at=proved_at)


@get("/sign-in/new-identity", permission="public", cost=0, sync_to_thread=True)
def new_identity_page(request: AnyRequest, platform: NamedDependency[Platform]) -> Response[str]:
    """Whose account is it: the one that is signed in, another one, or a new one?"""
    pending = _pending(request, platform)
    provider = _provider(platform, pending.facts["provider"])
    return page(
        request,
        "federation/new_identity.html",
        provider=provider.name(language(request)),
        name=pending.facts["name"],
    )


@post("/sign-in/new-identity/link", permission="identity.keep_account", fresh=True, sync_to_thread=True)
def link(request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]) -> Redirect:
    """Link the identity to the account that is signed in."""
    pending = _pending(request, platform)
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        challenges.spend(tx, pending, at=at)
        service.link(tx, pending.facts["tag"], pending.facts["provider"], actor=actor, at=at)
    response = redirect("/account/identities")
    _forget(response, platform, _PENDING)
    return response


@post("/sign-in/new-identity/account", permission="public", cost=60, sync_to_thread=True)
def create_account(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    """Open a new account of a citizen for the identity."""
    pending = _pending(request, platform)
    if actor.signed_in:
        raise BadChallenge
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        challenges.spend(tx, pending, at=at)
        user_id = service.create_account(
            tx,
            pending.facts["tag"],
            pending.facts["provider"],
            pending.facts["name"],
            at=at,
            token=secrets.token_hex,
        )
        proved_at = at - PROOF_LIFETIME  # the provider's proof was for another step
        token = signing_in.begin(tx, platform, request, user_id=user_id, strong=False, proved_at=proved_at)
    response = redirect(pending.facts["next"])
    signing_in.give(response, platform, token)
    _forget(response, platform, _PENDING)
    return response


@get("/account/identities", permission="identity.keep_account", sync_to_thread=True)
def identities_page(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """The identities elsewhere that sign the reader in, and the providers that could."""
    with platform.db.read() as tx:
        links = queries.links_of(tx, actor=actor)
    names = {one.id: one.name(language(request)) for one in platform.settings.oidc}
    linked = {one.provider for one in links}
    return page(
        request,
        "federation/identities.html",
        links=links,
        names=names,
        others={key: name for key, name in names.items() if key not in linked},
    )


@post("/account/identities/{tag:str}/unlink", permission="identity.keep_account", sync_to_thread=True)
def unlink(
    tag: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    with platform.db.transaction() as tx:
        service.unlink(tx, tag, actor=actor, at=clock.now(tx))
    return redirect("/account/identities")


def _provider(platform: Platform, provider_id: str) -> Provider:
    for one in platform.settings.oidc:
        if one.id == provider_id:
            return one
    raise NotFound


def _attempt(
    request: AnyRequest, platform: Platform, provider: Provider, origin: str, *, state: str, iss: str
) -> Challenge:
    """The attempt that this browser began, once: its cookie, the state and the issuer (RFC 9207) belong together."""
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        asked = request.cookies.get(_ATTEMPT, "")
        attempt = challenges.read(platform.keys, asked, purpose=_ATTEMPT, origin=origin, at=at)
        right = hmac.compare_digest(_state(platform.keys, attempt.nonce), state)
        if not right or attempt.facts["provider"] != provider.id:
            raise AnswerRefused(reason="state")
        if iss and iss != provider.issuer:
            raise AnswerRefused(reason="iss")
        challenges.spend(tx, attempt, at=at)
    return attempt


def _ask(platform: Platform, purpose: str, origin: str, facts: dict[str, str], *, at: datetime) -> str:
    return challenges.ask(
        platform.keys,
        purpose=purpose,
        origin=origin,
        nonce=secrets.token_urlsafe(24),
        until=at + ATTEMPT_LIFETIME,
        facts=facts,
    )


def _pending(request: AnyRequest, platform: Platform) -> Challenge:
    with platform.db.read() as tx:
        at = clock.now(tx)
    origin = origin_of(platform.settings, request)
    asked = request.cookies.get(_PENDING, "")
    return challenges.read(platform.keys, asked, purpose=_PENDING, origin=origin, at=at)


def _expected(vault: Vault, nonce: str, origin: str, provider_id: str) -> Expected:
    """What belongs to an attempt follows from its nonce and our key: nothing secret lies in the cookie."""
    return Expected(
        redirect_uri=f"{origin}/sign-in/with/{provider_id}/back",
        nonce=vault.tag("oidc nonce", nonce),
        verifier=vault.tag("oidc verifier", nonce),
    )


def _state(vault: Vault, nonce: str) -> str:
    return vault.tag("oidc state", nonce)


def _keep(response: Response[Any], platform: Platform, name: str, asked: str) -> None:
    response.set_cookie(
        name,
        asked,
        path="/sign-in",
        httponly=True,
        secure=not platform.settings.demo,
        samesite="lax",
        max_age=int(ATTEMPT_LIFETIME.total_seconds()),
    )


def _forget(response: Response[Any], platform: Platform, name: str) -> None:
    response.set_cookie(
        name, "", path="/sign-in", httponly=True, secure=not platform.settings.demo, samesite="lax", max_age=0
    )


PAGES = [leave, come_back, new_identity_page, link, create_account, identities_page, unlink]
