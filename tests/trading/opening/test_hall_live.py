"""The live hall in one process: what it refuses, and that before the deadline it has nothing to say."""

from __future__ import annotations

import asyncio

import pytest
from scene import Scene

from bidding_docs.sealing import SealedBid
from govcore.errors import Problem
from govcore.identity.policy import VISITOR
from trading.opening import hall_queries, live, queries
from trading.opening.models import PartProgress

Sealed = dict[str, SealedBid]


def test_of_a_lot_that_is_not_published_or_not_there_nothing_is_heard(scene: Scene) -> None:
    answer = scene.http.get("/api/lots/none/opening/stream")

    assert (answer.status_code, answer.json()["code"]) == (404, "E_NOT_FOUND")


def test_too_many_streams_are_refused_and_visitors_leave_room_for_people(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MOST_VISITORS", 2)
    monkeypatch.setattr(live, "MOST_OF_A_SESSION", 1)

    async def crowd() -> list[str]:
        halls = live.Halls(scene.platform, lambda tx, lot_id, lang: "")
        refused, streams = [], []
        for token in ("", "", "", "a", "a", "b"):
            watcher = live.Watcher(scene.lot, "en", token, VISITOR)
            try:
                halls.check_room_for(watcher)
            except Problem as problem:
                refused.append(f"{token}:{problem.code}")
                continue
            streams.append(halls.messages(watcher, after=0))
            await anext(streams[-1])
        for stream in streams:
            await stream.aclose()
        halls.check_room_for(live.Watcher(scene.lot, "en", "a", VISITOR))
        return refused

    assert asyncio.run(crowd()) == [":E_CROWDED", "a:E_CROWDED"]


def test_the_stream_says_the_same_before_the_deadline_with_bids_and_without(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With seven messages and with none there is nothing to hear, and nothing is looked up but the hall."""
    monkeypatch.setattr(live, "HEARTBEAT", 0.01)

    async def listen(lot_id: str) -> list[bytes]:
        halls, said = live.Halls(scene.platform, drawn.append_screen), []
        stream = halls.messages(live.Watcher(lot_id, "en", "", VISITOR), after=0)
        quiet = 0
        while len(said) < 2 or quiet < 5:
            message = await anext(stream)
            quiet = quiet + 1 if message.comment == "alive" else 0
            if not quiet:
                said.append(message.encode())
        await stream.aclose()
        return said

    drawn = Drawn()
    scene.submit_all()

    with_bids, without = (asyncio.run(listen(lot)) for lot in scene.city.lots)

    assert with_bids == without
    assert drawn.of(scene.city.lots[0]) == drawn.of(scene.city.lots[1])
    with scene.platform.db.read() as tx:
        assert hall_queries.hall_heads(tx, scene.city.lots) == {}


def test_while_large_parts_are_checked_the_screen_follows_without_a_fact(
    scene: Scene, waiting: Sealed
) -> None:
    def check(done: int) -> None:
        with scene.platform.db.transaction() as tx:
            bid_id = queries.bids_of(tx, scene.lot)[0].bid_id
            tx.merge(PartProgress(bid_id=bid_id, part="technical", total=100, done=done))

    async def listen() -> list[str]:
        halls = live.Halls(scene.platform, Drawn().append_screen)
        with scene.platform.db.read() as tx:
            last = hall_queries.hall_heads(tx, [scene.lot])[scene.lot]
        stream = halls.messages(live.Watcher(scene.lot, "en", "", VISITOR), after=last)
        heard = [str(message.event) for message in [await anext(stream), await anext(stream)]]
        for done in (10, 100):
            await asyncio.to_thread(check, done)
            heard.append(str((await anext(stream)).event))
        await stream.aclose()
        return heard

    assert asyncio.run(listen()) == ["None", "screen", "screen", "screen"]


class Drawn:
    """The screens that were drawn, by lot."""

    def __init__(self) -> None:
        self._screens: list[tuple[str, str]] = []

    def append_screen(self, _tx: object, lot_id: str, lang: str) -> str:
        self._screens.append((lot_id, lang))
        return "screen"

    def of(self, lot_id: str) -> list[str]:
        return [lang for lot, lang in self._screens if lot == lot_id]
