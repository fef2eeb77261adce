"""The live hall in one process: what it refuses, and that before the deadline it has nothing to say."""

from __future__ import annotations

import asyncio

import pytest
from scene import Scene

from govcore.errors import Problem
from govcore.identity.policy import VISITOR
from trading.opening import hall_queries, live


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

    async def listen(lot_id: str, count: int) -> list[bytes]:
        halls = live.Halls(scene.platform, drawn.append_screen)
        stream = halls.messages(live.Watcher(lot_id, "en", "", VISITOR), after=0)
        said = [(await anext(stream)).encode() for _ in range(count)]
        await stream.aclose()
        return said

    drawn = Drawn()
    scene.submit_all()

    with_bids, without = (asyncio.run(listen(lot, 20)) for lot in scene.city.lots)

    assert with_bids == without
    assert drawn.of(scene.city.lots[0]) == drawn.of(scene.city.lots[1])
    with scene.platform.db.read() as tx:
        assert hall_queries.hall_heads(tx, scene.city.lots) == {}


class Drawn:
    """The screens that were drawn, by lot."""

    def __init__(self) -> None:
        self._screens: list[tuple[str, str]] = []

    def append_screen(self, _tx: object, lot_id: str, lang: str) -> str:
        self._screens.append((lot_id, lang))
        return "screen"

    def of(self, lot_id: str) -> list[str]:
        return [lang for lot, lang in self._screens if lot == lot_id]
