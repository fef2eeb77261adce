"""The hall live: one look at the database for all streams of a process, no thread and no query for each of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field

import msgspec
import structlog
from litestar.concurrency import sync_to_thread
from litestar.response.sse import ServerSentEventMessage

from govcore.db import Tx
from govcore.errors import Problem
from govcore.identity import queries as identity
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.processes import MOST_STREAMS
from trading.opening.hall_queries import HallFact, hall_facts, hall_heads, progress

PERIOD = 0.5
"""Seconds between two looks at the database while somebody watches."""

HEARTBEAT = 15.0
"""Seconds of silence after which a stream says that it lives."""

RETRY = 1000
"""Milliseconds after which a browser comes back."""

MOST_OF_A_SESSION = 6
MOST_VISITORS = 400

Draw = Callable[[Tx, str, str], str]
"""The screen of a lot's hall in a language."""

_log = structlog.get_logger()


class Crowded(Problem):
    code = "E_CROWDED"
    status = 503
    text = "Too many people watch live at this moment. Load the page again to see the present state."


@dataclass(eq=False, slots=True)
class Watcher:
    """One open stream; `token` is its session's hash, empty for a visitor."""

    lot_id: str
    language: str
    token: str
    actor: Actor
    news: asyncio.Event = field(default_factory=asyncio.Event)
    ended: bool = False


@dataclass(slots=True)
class _Room:
    """What this process knows of a hall that somebody watches."""

    facts: list[HallFact] = field(default_factory=list)
    progress: int = 0
    screens: dict[str, str] = field(default_factory=dict)
    drawn: int = 0


@dataclass(frozen=True, slots=True)
class _Seen:
    facts: Mapping[str, list[HallFact]]
    progress: Mapping[str, int]
    screens: Mapping[tuple[str, str], str]
    actors: Mapping[str, Actor]


class Halls:
    """The halls that are watched through this process."""

    def __init__(self, platform: Platform, draw: Draw) -> None:
        self._platform = platform
        self._draw = draw
        self._watchers: set[Watcher] = set()
        self._rooms: dict[str, _Room] = {}
        self._wake = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None

    def check_room_for(self, watcher: Watcher) -> None:
        """Raise `Crowded` when too many watch already; visitors cannot crowd out those with an account."""
        same = sum(one.token == watcher.token for one in self._watchers)
        most = MOST_OF_A_SESSION if watcher.token else MOST_VISITORS
        if same >= most or len(self._watchers) >= MOST_STREAMS:
            raise Crowded

    def _enter(self, watcher: Watcher) -> None:
        self._watchers.add(watcher)
        room = self._rooms.setdefault(watcher.lot_id, _Room())
        if watcher.language not in room.screens:
            self._wake.set()
        if self._looking is None:
            self._looking = asyncio.get_running_loop().create_task(self._look_on())

    async def messages(self, watcher: Watcher, *, after: int) -> AsyncIterator[ServerSentEventMessage]:
        """The facts after a number, each once and in order; the screen now and whenever it has changed."""
        told, drawn = after, 0
        self._enter(watcher)
        try:
            yield ServerSentEventMessage(data=None, comment="open", retry=RETRY)
            while not watcher.ended:
                watcher.news.clear()
                room = self._rooms[watcher.lot_id]
                for fact in room.facts[told:]:
                    yield ServerSentEventMessage(_encoded(fact), event="fact", id=fact.seq)
                    told = fact.seq
                if room.drawn > drawn and watcher.language in room.screens:
                    drawn = room.drawn
                    yield ServerSentEventMessage(room.screens[watcher.language], event="screen")
                if not await _comes(watcher.news, HEARTBEAT):
                    yield ServerSentEventMessage(data=None, comment="alive")
            yield ServerSentEventMessage("your session has changed", event="ended")
        finally:
            self._leave(watcher)

    def _leave(self, watcher: Watcher) -> None:
        self._watchers.discard(watcher)
        if all(one.lot_id != watcher.lot_id for one in self._watchers):
            self._rooms.pop(watcher.lot_id, None)

    async def _look_on(self) -> None:
        """Look again and again while somebody watches; a database that does not answer is asked again."""
        while self._watchers:
            self._wake.clear()
            known = {lot_id: (len(room.facts), room.progress) for lot_id, room in self._rooms.items()}
            wanted = {
                (one.lot_id, one.language): one.language not in self._rooms[one.lot_id].screens
                for one in self._watchers
            }
            tokens = {one.token for one in self._watchers if one.token}
            try:
                self._spread(await sync_to_thread(self._look, known, wanted, tokens), tokens)
            except Exception:
                _log.exception("opening.hall_not_read")
            await _comes(self._wake, PERIOD)
        self._looking = None

    def _look(
        self, known: Mapping[str, tuple[int, int]], wanted: Mapping[tuple[str, str], bool], tokens: set[str]
    ) -> _Seen:
        with self._platform.db.read() as tx:
            heads, moving = hall_heads(tx, known), progress(tx, known)
            facts = {
                lot_id: hall_facts(tx, lot_id, after=seq)
                for lot_id, (seq, _) in known.items()
                if heads.get(lot_id, 0) > seq
            }
            screens = {
                (lot_id, language): self._draw(tx, lot_id, language)
                for (lot_id, language), missing in wanted.items()
                if lot_id in facts or missing or moving.get(lot_id, 0) != known[lot_id][1]
            }
            return _Seen(facts, moving, screens, identity.actors_of_sessions(tx, tokens))

    def _spread(self, seen: _Seen, tokens: set[str]) -> None:
        for (lot_id, language), screen in seen.screens.items():
            if lot_id in self._rooms:
                self._rooms[lot_id].screens[language] = screen
        for lot_id in {lot_id for lot_id, _ in seen.screens} & self._rooms.keys():
            self._rooms[lot_id].progress = seen.progress.get(lot_id, 0)
            self._rooms[lot_id].drawn += 1
        for lot_id, facts in seen.facts.items():
            room = self._rooms.get(lot_id)
            if room is not None and facts[0].seq == len(room.facts) + 1:
                room.facts += facts
        changed = {lot_id for lot_id, _ in seen.screens} | seen.facts.keys()
        for watcher in self._watchers:
            watcher.ended = watcher.token in tokens and seen.actors.get(watcher.token) != watcher.actor
            if watcher.ended or watcher.lot_id in changed:
                watcher.news.set()


def _encoded(fact: HallFact) -> str:
    return msgspec.json.encode(fact).decode()


async def _comes(event: asyncio.Event, seconds: float) -> bool:
    """False when the event did not come in this time."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True
