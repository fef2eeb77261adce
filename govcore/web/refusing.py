"""What was refused to somebody who is signed in reaches the log, after the answer has left."""

from __future__ import annotations

import structlog
from litestar.concurrency import sync_to_thread
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from govcore import clock
from govcore.audit.refusals import Counter, Refusal, note_refused
from govcore.errors import Problem
from govcore.identity.policy import Actor
from govcore.platform import Platform

REFUSED = "refused"
"""Where `on_problem` leaves the problem in a request's state."""

_log = structlog.get_logger()


class NoteRefusals(ASGIMiddleware):
    """Log each 401 and 403 of a signed-in person; a log that cannot be written is an alarm, not another answer."""

    scopes = (ScopeType.HTTP,)

    def __init__(self) -> None:
        self.counter = Counter()

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        await next_app(scope, receive, send)
        problem: Problem | None = scope["state"].get(REFUSED)
        actor: Actor = scope["state"]["actor"]
        if problem is not None and actor.signed_in and problem.status in (401, 403):
            await sync_to_thread(self._note, scope, problem, actor)

    def _note(self, scope: Scope, problem: Problem, actor: Actor) -> None:
        platform: Platform = scope["litestar_app"].state.platform
        params = scope.get("path_params", {})
        ids = {name: str(value)[:64] for name, value in params.items() if name.endswith("_id")}
        refusal = Refusal(str(scope.get("method", "")), scope.get("path_template", ""), ids, problem.code)
        try:
            with platform.db.read() as tx:
                kept_back = self.counter.admit(actor.user_id, at=clock.now(tx))
            if kept_back is not None:
                with platform.db.transaction() as tx:
                    note_refused(tx, refusal, actor=actor, kept_back=kept_back, at=clock.now(tx))
        except Exception as error:
            _log.error("a refusal could not be logged", exc_info=error)
