"""The cookies: session, device, the secret of a step between two pages, and the language."""

from __future__ import annotations

from typing import Any

from litestar import Response
from litestar.connection import ASGIConnection

from govcore.settings import Settings

AnyConnection = ASGIConnection[Any, Any, Any, Any]

LANGUAGE = "lang"
SESSION = "session"
DEVICE = "device"
"""Says nothing but that somebody signed in from here before."""

STEP = "step"
"""The one-time secret between a page and the next; it never stands in an address."""

_LONG = 400 * 86400


def session_token(request: AnyConnection) -> str:
    """The session's token, empty for a visitor."""
    return secret_of(request, SESSION)


def secret_of(request: AnyConnection, name: str) -> str:
    """What a cookie of ours holds, empty without it; outside the demo a neighbouring site cannot have set it."""
    settings: Settings = request.app.state["platform"].settings
    return request.cookies.get(_full_name(name, secure=not settings.demo)) or ""


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
    full = _full_name(name, secure=secure)
    response.set_cookie(full, value, max_age=max_age, path="/", httponly=True, secure=secure, samesite="lax")


def _full_name(name: str, *, secure: bool) -> str:
    return f"__Host-{name}" if secure else name
