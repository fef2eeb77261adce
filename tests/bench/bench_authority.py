"""A page with real authorisation against the same page where the answer is a constant yes.

Ours looks up who asks, with roles, rights, duties and delegations, and holds them against what the route asks for. The
peer is the same application and also finds the session's person by the cookie, in one bare statement; but whatever that
person asks for, its guard says yes. The second line's peer does not even look who asks: what signing in costs a page.
All draw a bidder's desk, in turns, in one process without a network, on PostgreSQL; measured is processor time.
"""

from __future__ import annotations

import asyncio
import itertools
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from litestar import Litestar
from sqlalchemy import BindParameter, bindparam, select

from govcore import clock
from govcore.identity.models import SignInSession, User
from govcore.identity.policy import Actor
from govcore.identity.queries import actor_of_session
from govcore.identity.sessions import token_hash
from govcore.platform import Platform
from govcore.web import app as web
from govcore.web.door import Door
from tests.bench.postgres import postgresql
from tests.bench.results import Result
from tests.bench.town import found

PAGE = "/desk"
TURNS = 180
REQUESTS = 4
"""In one turn."""


def measure() -> list[Result]:
    """The processor time of one page with and without authorisation."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-authority-")))
        town = found(folder / "data", stack.enter_context(postgresql()), lots=1, bidders=1)
        stack.callback(town.platform.db.dispose)
        token = town.bidders[0].token
        with town.platform.db.read() as tx:
            actor = actor_of_session(tx, token_hash(token))
        apps = {
            "ours": web.create_app(town.platform),
            "yes": _saying_yes(town.platform, _Person(town.platform, actor)),
            "known": _saying_yes(town.platform, _Known(town.platform, actor)),
        }
        taken = asyncio.run(_in_turns(apps, token))
    ours, yes, known = (median(taken[name]) * 1000 for name in ("ours", "yes", "known"))
    return [
        Result(
            name="processor time of a desk with authorisation, against a constant yes",
            unit="ms",
            ours=ours,
            peer=yes,
            most=1.1,
        ),
        Result(
            name="processor time of the same desk, against one that does not look who asks",
            unit="ms",
            ours=ours,
            peer=known,
        ),
    ]


class _Known(Door):
    """A door that asks nobody."""

    def __init__(self, platform: Platform, actor: Actor) -> None:
        super().__init__(platform)
        self._actor = actor

    async def find(self, _token_sha256: str) -> tuple[Actor, bool]:
        return self._actor, False


class _Person(Door):
    """The real door, but it finds only whose sessions these are, and nothing of what these people may do."""

    def __init__(self, platform: Platform, actor: Actor) -> None:
        super().__init__(platform)
        self._actor = actor
        with platform.db.read() as tx:
            now = clock.expression(tx.get_bind().dialect.name, clock.offset(tx))
        tokens: BindParameter[str] = bindparam("tokens", expanding=True)
        self._query = (
            select(SignInSession.token_sha256, User.id)
            .join(User, User.id == SignInSession.user_id)
            .where(SignInSession.ends_at > now, SignInSession.idle_ends_at > now, User.active)
            .where(SignInSession.token_sha256.in_(tokens))
        )

    def _sessions(self, token_sha256s: Collection[str]) -> dict[str, tuple[Actor, bool]]:
        with self._platform.db.read() as tx:
            found = tx.connection().execute(self._query, {"tokens": list(token_sha256s)}).all()
        return {token: (self._actor, False) for token, user_id in found if user_id == self._actor.user_id}


def _saying_yes(platform: Platform, door: object) -> Litestar:
    with _guard_that_says_yes():
        app = web.create_app(platform)
    app.state["door"] = door
    return app


@contextmanager
def _guard_that_says_yes() -> Iterator[None]:
    async def yes(_connection: Any, _handler: Any) -> None:
        return None

    real, web._permission_guard = web._permission_guard, yes
    try:
        yield
    finally:
        web._permission_guard = real


async def _in_turns(apps: dict[str, Litestar], token: str) -> dict[str, list[float]]:
    taken: dict[str, list[float]] = {name: [] for name in apps}
    permutations = list(itertools.permutations(apps))
    for turn in range(TURNS + 1):
        for name in permutations[turn % len(permutations)]:
            began = time.process_time()
            for _ in range(REQUESTS):
                assert await _status(apps[name], token) == 200
            if turn:  # the first one warms both up
                taken[name].append((time.process_time() - began) / REQUESTS)
    return taken


async def _status(app: Litestar, token: str) -> int:
    said: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        said.append(message)

    headers = [
        (b"host", b"site.example"),
        (b"accept", b"text/html"),
        (b"cookie", f"session={token}".encode()),
    ]
    scope: Any = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": PAGE,
        "raw_path": PAGE.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("site.example", 80),
        "extensions": {},
        "state": {},
    }
    await app(scope, receive, send)
    status: int = said[0]["status"]
    return status


if __name__ == "__main__":
    for result in measure():
        print(result, result.ratio)
