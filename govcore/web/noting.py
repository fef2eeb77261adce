"""What reaches the log after the answer has left: refusals of people who are signed in, and what supervisors read."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import structlog
from litestar.concurrency import sync_to_thread
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from govcore import clock
from govcore.audit.reads import Read, Recent, note_read, supervises
from govcore.audit.refusals import Counter, Refusal, note_refused
from govcore.errors import Problem
from govcore.identity.policy import PERSONAL, Actor
from govcore.platform import Platform

REFUSED = "refused"
"""Where `on_problem` leaves the problem in a request's state."""

_OPEN = PERSONAL | {"public"}
"""What is no reading of somebody else's matters."""

_log = structlog.get_logger()


class NoteRequests(ASGIMiddleware):
    """Log each 401 and 403 of a signed-in person, and what supervisors were shown of what is not public.

    A flood of refusals is counted, a thing that was read is logged once an hour of a session. A log that cannot be
    written is an alarm, not another answer.
    """

    scopes = (ScopeType.HTTP,)

    def __init__(self) -> None:
        self.counter, self.recent = Counter(), Recent()

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        actor: Actor = scope["state"]["actor"]
        watched = scope.get("method") == "GET" and supervises(actor)
        status = 0

        async def seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        await next_app(scope, receive, seen if watched else send)
        problem: Problem | None = scope["state"].get(REFUSED)
        if problem is not None and actor.signed_in and problem.status in (401, 403):
            await _note(partial(self._refused, scope, problem, actor))
        elif 200 <= status < 300 and scope["route_handler"].opt.get("permission") not in _OPEN:
            await _note(partial(self._read, scope, actor))

    def _refused(self, scope: Scope, problem: Problem, actor: Actor) -> None:
        platform: Platform = scope["litestar_app"].state.platform
        refusal = Refusal(str(scope.get("method", "")), _route(scope), _ids(scope), problem.code)
        with platform.db.read() as tx:
            kept_back = self.counter.admit(actor.user_id, at=clock.now(tx))
        if kept_back is not None:
            with platform.db.transaction() as tx:
                note_refused(tx, refusal, actor=actor, kept_back=kept_back, at=clock.now(tx))

    def _read(self, scope: Scope, actor: Actor) -> None:
        platform: Platform = scope["litestar_app"].state.platform
        read = Read(actor.session_id, actor.user_id, _route(scope), tuple(_ids(scope).items()))
        with platform.db.read() as tx:
            new = self.recent.admit(read, at=clock.now(tx))
        if new:
            with platform.db.transaction() as tx:
                note_read(tx, read, at=clock.now(tx))


async def _note(note: Callable[[], None]) -> None:
    try:
        await sync_to_thread(note)
    except Exception as error:
        _log.error("a request could not be logged", exc_info=error)


def _route(scope: Scope) -> str:
    """The route as declared."""
    return str(scope.get("path_template", ""))


def _ids(scope: Scope) -> dict[str, str]:
    """The ids in the address."""
    params = scope.get("path_params", {})
    return {name: str(value)[:64] for name, value in params.items() if name.endswith("_id")}
