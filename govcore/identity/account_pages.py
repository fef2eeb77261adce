"""What everybody keeps of their own account: pages."""

from __future__ import annotations

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from govcore import clock
from govcore.identity import queries, sessions
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.rendering import AnyRequest


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


PAGES = [account, my_devices, end_session, end_other_sessions]
