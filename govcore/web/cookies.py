"""The cookies: session, device, the secret of a step between two pages, and the language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import Response

LANGUAGE = "lang"
SESSION = "session"
DEVICE = "device"
"""Says nothing but that somebody signed in from here before."""

STEP = "step"
"""The one-time secret between a page and the next; it never stands in an address."""

_LONG = 400 * 86400


def session_token(cookies: Mapping[str, str]) -> str:
    """The session's token, empty for a visitor."""
    return secret_of(cookies, SESSION)


def secret_of(cookies: Mapping[str, str], name: str) -> str:
    """What a cookie of ours holds, empty without it."""
    return cookies.get(f"__Host-{name}") or cookies.get(name) or ""


def set_session(response: Response[Any], token: str, *, secure: bool) -> None:
    """`secure` is off in the demo only, which is served without TLS on loopback."""
    set_secret(response, SESSION, token, secure=secure)


def clear_session(response: Response[Any], *, secure: bool) -> None:
    set_secret(response, SESSION, "", secure=secure, max_age=0)


def set_device(response: Response[Any], device: str, *, secure: bool) -> None:
    set_secret(response, DEVICE, device, secure=secure, max_age=_LONG)


def set_secret(
    response: Response[Any], name: str, value: str, *, secure: bool, max_age: int | None = None
) -> None:
    """A cookie that no script reads and no other site sends; until the browser closes unless `max_age` is given."""
    full = f"__Host-{name}" if secure else name
    response.set_cookie(full, value, max_age=max_age, path="/", httponly=True, secure=secure, samesite="lax")
