"""Begin a session for a person who was proved some other way than by a password."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Response

from govcore import clock
from govcore.db import Tx
from govcore.identity.sessions import KeyUsed, open_session
from govcore.platform import Platform
from govcore.web.clients import device_of
from govcore.web.cookies import set_session
from govcore.web.rendering import AnyRequest


def begin(
    tx: Tx,
    platform: Platform,
    request: AnyRequest,
    *,
    user_id: str,
    strong: bool,
    key: KeyUsed | None = None,
    proved_at: datetime | None = None,
) -> str:
    """The token of a new session; `strong` when a key or a second factor proved the person.

    It is as fresh as a proof of now, or of `proved_at`, when somebody else's word is older.
    """
    return open_session(
        tx,
        user_id=user_id,
        at=clock.now(tx),
        strong=strong,
        device=device_of(request, platform.settings.trusted_proxies),
        profile=platform.settings.profile,
        key=key,
        proved_at=proved_at,
    )


def give(response: Response[Any], platform: Platform, token: str) -> None:
    """Hand the session to the browser or program that asked."""
    set_session(response, token, secure=not platform.settings.demo)
