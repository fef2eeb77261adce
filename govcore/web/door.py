"""Who asks: the actor behind the session cookie, found once for each request and at its moment."""

from __future__ import annotations

import asyncio
from asyncio import AbstractEventLoop, Future, Task
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from litestar import Request
from litestar.concurrency import sync_to_thread
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from govcore import clock, logs
from govcore.errors import NotSignedIn
from govcore.identity import queries
from govcore.identity.policy import API_PREFIX, VISITOR, Actor
from govcore.identity.sessions import note_use, token_hash
from govcore.platform import Platform
from govcore.web.clients import address_of, network_of
from govcore.web.cookies import session_token
from govcore.web.problems import OtherSite
from govcore.web.rendering import AnyRequest


@dataclass(slots=True)
class _Queue:
    """Those who wait for the next look, in one event loop."""

    waiting: dict[str, Future[tuple[Actor, bool]]] = field(default_factory=dict)
    looking: Task[None] | None = None


class Door:
    """Finds the actors of sessions; who comes during a look is answered, with all others, by the next one.

    A look begins when everybody whom it answers has come: it lets nobody in by a session that had ended before.
    """

    def __init__(self, platform: Platform) -> None:
        self.proxies = platform.settings.trusted_proxies
        self._platform = platform
        self._queues: WeakKeyDictionary[AbstractEventLoop, _Queue] = WeakKeyDictionary()

    async def find(self, token_sha256: str) -> tuple[Actor, bool]:
        """The actor, a visitor for an unknown or ended session, and whether this use is to be written down."""
        loop = asyncio.get_running_loop()
        queue = self._queues.setdefault(loop, _Queue())
        if token_sha256 not in queue.waiting:
            queue.waiting[token_sha256] = loop.create_future()
        answer = queue.waiting[token_sha256]
        if queue.looking is None:
            queue.looking = loop.create_task(self._look(queue))
        return await asyncio.shield(answer)

    async def find_program(self, token_sha256: str) -> Actor:
        """Whom an API token acts for; one that is not good is refused, never taken for a visitor."""
        actor = await sync_to_thread(self._program, token_sha256)
        if not actor.signed_in:
            raise NotSignedIn
        return actor

    def _program(self, token_sha256: str) -> Actor:
        with self._platform.db.read() as tx:
            return queries.actor_of_token(tx, token_sha256)

    async def note_use(self, actor: Actor) -> None:
        await sync_to_thread(self._note_use, actor.session_id)

    async def _look(self, queue: _Queue) -> None:
        try:
            while asked := queue.waiting:
                queue.waiting = {}
                try:
                    found = await sync_to_thread(self._sessions, asked.keys())
                except Exception as error:
                    for answer in asked.values():
                        answer.set_exception(error)
                else:
                    for token, answer in asked.items():
                        answer.set_result(found.get(token, (VISITOR, False)))
        finally:
            queue.looking = None

    def _sessions(self, token_sha256s: Collection[str]) -> dict[str, tuple[Actor, bool]]:
        with self._platform.db.read() as tx:
            return queries.sessions(tx, token_sha256s)

    def _note_use(self, session_id: str) -> None:
        with self._platform.db.transaction() as tx:
            note_use(tx, session_id=session_id, at=clock.now(tx), profile=self._platform.settings.profile)


class Identify(ASGIMiddleware):
    """Number the request, find the actor behind the session cookie, refuse what a browser sends from another site.

    That a session was used is written down once the answer has left: nobody waits for it.
    """

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        connection: AnyRequest = Request(scope)
        scope["state"]["request"] = logs.begin_request()
        if connection.method not in ("GET", "HEAD", "OPTIONS"):
            _refuse_other_sites(connection)
        door: Door = scope["litestar_app"].state.door
        actor, unseen = VISITOR, False
        scope["state"]["actor"] = actor
        if bearer := _bearer(connection):
            actor = await door.find_program(token_hash(bearer))
        elif token := session_token(connection):
            actor, unseen = await door.find(token_hash(token))
        if actor.signed_in:
            actor = replace(actor, address=address_of(connection, door.proxies))
            logs.come_from(session=actor.session_id, network=network_of(actor.address))
        scope["state"]["actor"] = actor
        await next_app(scope, receive, send)
        if unseen:
            await door.note_use(actor)


def _bearer(connection: AnyRequest) -> str:
    """The API token of a request, empty without one."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip().startswith(API_PREFIX) else ""


def _refuse_other_sites(connection: AnyRequest) -> None:
    """Browsers name the origin of every unsafe request; a caller that names none is no browser."""
    site = connection.headers.get("sec-fetch-site")
    if site in ("same-origin", "none"):
        return
    origin = connection.headers.get("origin")
    if site is not None or (origin is not None and urlsplit(origin).netloc != connection.headers.get("host")):
        raise OtherSite
