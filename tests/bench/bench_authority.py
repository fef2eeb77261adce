"""A page with real authorisation against the same page where the answer is a constant yes.

Ours looks up who asks, with roles, rights and duties, and holds them against what the route asks for. The peer is the
same application, but its door knows the actor already and its guard says yes. Both draw a bidder's desk, in turns, in
one process without a network, on PostgreSQL; measured is processor time.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from litestar import Litestar

from govcore.identity.policy import Actor
from govcore.identity.queries import actor_of_session
from govcore.identity.sessions import token_hash
from govcore.platform import Platform
from govcore.web import app as web
from tests.bench.postgres import postgresql
from tests.bench.results import Result
from tests.bench.town import found

PAGE = "/desk"
TURNS = 150
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
        apps = {"ours": web.create_app(town.platform), "peer": _saying_yes(town.platform, actor)}
        taken = asyncio.run(_in_turns(apps, token))
    return [
        Result(
            name="processor time of a desk with authorisation, against a constant yes",
            unit="ms",
            ours=median(taken["ours"]) * 1000,
            peer=median(taken["peer"]) * 1000,
            most=1.1,
        )
    ]


class _Known:
    """A door that asks nobody."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor

    async def find(self, _token_sha256: str) -> tuple[Actor, bool]:
        return self._actor, False


def _saying_yes(platform: Platform, actor: Actor) -> Litestar:
    with _guard_that_says_yes():
        app = web.create_app(platform)
    app.state["door"] = _Known(actor)
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
    for turn in range(TURNS + 1):
        for name in sorted(apps, reverse=bool(turn % 2)):
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
