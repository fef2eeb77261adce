"""The two cookies: the session, and the language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import Response

_SECURE = "__Host-session"
_PLAIN = "session"
LANGUAGE = "lang"


def session_token(cookies: Mapping[str, str]) -> str:
    """The session's token, empty for a visitor."""
    return cookies.get(_SECURE) or cookies.get(_PLAIN) or ""


def set_session(response: Response[Any], token: str, *, secure: bool) -> None:
    """`secure` is off in the demo only, which is served without TLS on loopback."""
    name = _SECURE if secure else _PLAIN
    response.set_cookie(name, token, path="/", httponly=True, secure=secure, samesite="lax")


def clear_session(response: Response[Any], *, secure: bool) -> None:
    name = _SECURE if secure else _PLAIN
    response.set_cookie(name, "", max_age=0, path="/", httponly=True, secure=secure, samesite="lax")
