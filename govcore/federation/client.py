"""Talk to an identity provider: nothing that it says is believed before it is checked."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, TypeVar
from urllib.parse import urlencode

import httpx
import msgspec
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

from govcore.errors import Problem
from govcore.federation.policy import FRESH, SKEW
from govcore.federation.providers import Provider

_T = TypeVar("_T")
_TIMEOUT = 5.0
_LARGEST = 256 << 10
_KEPT = 3600.0


class ProviderAway(Problem):
    """Nobody answered, or not in the documented form."""

    code = "E_OIDC_AWAY"
    status = 502
    text = "The identity provider does not answer as it must. Try again later, or sign in another way."


class AnswerRefused(Problem):
    """An answer that proves nothing; `reason` names the first thing that is wrong, for whoever runs the site."""

    code = "E_OIDC_ANSWER"
    status = 422
    text = "The identity provider's answer was not accepted ({reason}). You are not signed in."


class Addresses(msgspec.Struct, frozen=True):
    """What of a provider's own description is used."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class _Tokens(msgspec.Struct, frozen=True):
    id_token: str


@dataclass(frozen=True, slots=True)
class Subject:
    """Who a provider says came back: an identifier of its own, a name to show, and when the person proved it there."""

    issuer: str
    sub: str
    name: str
    proved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """What belongs to one attempt and no other."""

    redirect_uri: str
    nonce: str
    verifier: str = field(repr=False)


@dataclass(slots=True)
class _Kept:
    addresses: Addresses
    keys: KeySet
    until: float


class Providers:
    """The providers' descriptions and keys, kept for an hour, their keys asked anew when one is unknown."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}
        self._lock = Lock()

    def authorization_url(
        self, provider: Provider, *, state: str, challenge: str, expected: Expected, max_age: timedelta
    ) -> str:
        """Where the browser goes: the code flow with PKCE (RFC 7636).

        Who proved it there longer than `max_age` ago has to do it again; without any age, in any case.
        """
        asked = {
            "response_type": "code",
            "client_id": provider.client_id,
            "redirect_uri": expected.redirect_uri,
            "scope": " ".join(provider.scopes),
            "state": state,
            "nonce": expected.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "max_age": str(int(max_age.total_seconds())),
            **({} if max_age else {"prompt": "login"}),
        }
        return f"{self._of(provider).addresses.authorization_endpoint}?{urlencode(asked)}"

    def exchange(self, provider: Provider, code: str, expected: Expected, *, at: datetime) -> Subject:
        """Whom the code proves; `ProviderAway` or `AnswerRefused`."""
        kept = self._of(provider)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": expected.redirect_uri,
            "code_verifier": expected.verifier,
        }
        raw = _fetch(
            "POST", kept.addresses.token_endpoint, form, (provider.client_id, provider.client_secret)
        )
        token = _read(raw, _Tokens).id_token
        return read_token(provider, token, self._keys(provider, token), nonce=expected.nonce, at=at)

    def _of(self, provider: Provider) -> _Kept:
        with self._lock:
            kept = self._kept.get(provider.issuer)
            if kept is None or kept.until <= time.monotonic():
                addresses = _describe(provider)
                kept = _Kept(addresses, _keys_at(addresses.jwks_uri), time.monotonic() + _KEPT)
                self._kept[provider.issuer] = kept
            return kept

    def _keys(self, provider: Provider, token: str) -> KeySet:
        """The keys as kept, or asked anew once when the token names one that is not among them."""
        kept, kid = self._of(provider), _kid(token)
        if kid is not None and kid not in {key.kid for key in kept.keys.keys}:
            kept.keys = _keys_at(kept.addresses.jwks_uri)
        return kept.keys


def read_token(provider: Provider, token: str, keys: KeySet, *, nonce: str, at: datetime) -> Subject:
    """The subject of an ID token (OpenID Connect Core 3.1.3.7), else `AnswerRefused` with the reason."""
    try:
        claims = jwt.decode(token, _key_of(token, keys), algorithms=list(provider.algorithms)).claims
    except (JoseError, ValueError) as error:
        raise AnswerRefused(reason="signature") from error
    _check_claims(provider, claims, nonce=nonce, at=at)
    name = claims.get("name")
    proved_at = _time(claims, "auth_time") if "auth_time" in claims else None
    if proved_at is not None and proved_at > at + SKEW:
        raise AnswerRefused(reason="auth_time")
    shown = name[:50] if isinstance(name, str) else ""
    return Subject(provider.issuer, str(claims["sub"]), shown, proved_at)


def _check_claims(provider: Provider, claims: Mapping[str, Any], *, nonce: str, at: datetime) -> None:
    if claims.get("iss") != provider.issuer:
        raise AnswerRefused(reason="iss")
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    if not isinstance(audiences, list) or provider.client_id not in audiences:
        raise AnswerRefused(reason="aud")
    if claims.get("azp", provider.client_id) != provider.client_id or (
        len(audiences) > 1 and "azp" not in claims
    ):
        raise AnswerRefused(reason="azp")
    ends, issued = _time(claims, "exp"), _time(claims, "iat")
    if ends + SKEW <= at:
        raise AnswerRefused(reason="exp")
    if not at - FRESH <= issued <= at + SKEW:
        raise AnswerRefused(reason="iat")
    if claims.get("nonce") != nonce:
        raise AnswerRefused(reason="nonce")
    sub = claims.get("sub")
    if not isinstance(sub, str) or not 1 <= len(sub) <= 255:
        raise AnswerRefused(reason="sub")


def _time(claims: Mapping[str, Any], name: str) -> datetime:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise AnswerRefused(reason=name)
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise AnswerRefused(reason=name) from error


def _key_of(token: str, keys: KeySet) -> RSAKey | ECKey:
    """The one key that the token names, or the only one there is; never a secret that both sides know."""
    kid = _kid(token)
    fits = [key for key in keys.keys if kid is None or key.kid == kid]
    usable = [key for key in fits if isinstance(key, RSAKey | ECKey) and key.get("use", "sig") == "sig"]
    if len(usable) != 1:
        raise AnswerRefused(reason="key")
    return usable[0]


def _kid(token: str) -> str | None:
    try:
        kid = jws.extract_compact(token.encode()).headers().get("kid")
    except (JoseError, ValueError) as error:
        raise AnswerRefused(reason="token") from error
    return kid if isinstance(kid, str) else None


def _describe(provider: Provider) -> Addresses:
    """The provider's own description, whose addresses lie where we expect them."""
    address = f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration"
    found = _read(_fetch("GET", address), Addresses)
    if found.issuer != provider.issuer:
        raise AnswerRefused(reason="issuer")
    used = (found.authorization_endpoint, found.token_endpoint, found.jwks_uri)
    if not all(provider.admits(one) for one in used):
        raise AnswerRefused(reason="address")
    return found


def _keys_at(address: str) -> KeySet:
    try:
        return KeySet.import_key_set(msgspec.json.decode(_fetch("GET", address)))
    except (JoseError, msgspec.MsgspecError, ValueError, TypeError, KeyError) as error:
        raise AnswerRefused(reason="keys") from error


def _read(raw: bytes, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ProviderAway from error


def _fetch(
    method: str, url: str, form: dict[str, str] | None = None, auth: tuple[str, str] | None = None
) -> bytes:
    """The body of a 200 answer, not larger than it may be; redirects are not followed."""
    basic = httpx.BasicAuth(*auth) if auth else None
    try:
        with (
            httpx.Client(timeout=_TIMEOUT, trust_env=False) as client,
            client.stream(
                method, url, data=form, auth=basic, headers={"accept": "application/json"}
            ) as answer,
        ):
            if answer.status_code != 200:
                raise ProviderAway
            body = b""
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > _LARGEST:
                    raise ProviderAway
            return body
    except httpx.HTTPError as error:
        raise ProviderAway from error
