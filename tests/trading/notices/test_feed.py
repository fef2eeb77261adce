"""The feed of changes loses nothing, whatever is committed when, and tells nothing that is not public."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from apps import app_for
from litestar import Litestar
from litestar.testing import TestClient
from scene_city import drafted

from govcore import clock
from govcore.audit.service import record
from govcore.platform import Platform
from trading.notices import feed
from trading.tender.models import Tender

WRITERS, EACH = 4, 25


def note(platform: Platform, name: str) -> None:
    with platform.db.transaction() as tx:
        feed.note(tx, "lot", name, tender_id="t", change="tender.closed")


def number(platform: Platform) -> int:
    with platform.db.transaction() as tx:
        return feed.number(tx, at=clock.now(tx))


def read_after(platform: Platform, after: int, limit: int = 1000) -> list[tuple[int, str]]:
    with platform.db.read() as tx:
        return [(item.seq, item.subject_id) for item in feed.forwards(tx, after=after, limit=limit)]


def test_readers_who_poll_while_many_write_see_every_change_once_and_in_order(platform: Platform) -> None:
    seen: list[tuple[int, str]] = []
    written = Event()

    def write(writer: int) -> None:
        for n in range(EACH):
            note(platform, f"{writer}-{n}")

    def integrate() -> None:
        while not written.is_set() or number(platform):
            number(platform)

    def poll() -> None:
        while len(seen) < WRITERS * EACH:
            seen.extend(read_after(platform, seen[-1][0] if seen else 0, limit=7))

    with ThreadPoolExecutor(WRITERS + 3) as pool:
        waiting = [pool.submit(integrate), pool.submit(integrate), pool.submit(poll)]
        list(pool.map(write, range(WRITERS)))
        written.set()
        for one in waiting:
            one.result(timeout=60)

    assert [seq for seq, _ in seen] == list(range(1, WRITERS * EACH + 1))
    assert {name for _, name in seen} == {f"{w}-{n}" for w in range(WRITERS) for n in range(EACH)}
    by_writer = [[name for _, name in seen if name.startswith(f"{w}-")] for w in range(WRITERS)]
    assert by_writer == [[f"{w}-{n}" for n in range(EACH)] for w in range(WRITERS)]


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_change_that_is_committed_late_comes_after_the_token_of_who_read_before(platform: Platform) -> None:
    with platform.db.transaction() as slow:
        feed.note(slow, "lot", "early but slow", tender_id="t", change="tender.closed")
        slow.flush()
        note(platform, "late but fast")
        number(platform)
        first = read_after(platform, 0)
    number(platform)

    assert first == [(1, "late but fast")]
    assert read_after(platform, 1) == [(2, "early but slow")]


def test_a_change_that_is_rolled_back_is_never_told(platform: Platform) -> None:
    with platform.db.transaction() as tx:
        feed.note(tx, "lot", "undone", tender_id="t", change="tender.closed")
        tx.rollback()
    note(platform, "done")

    assert number(platform) == 1
    assert read_after(platform, 0) == [(1, "done")]


def test_public_events_of_published_tenders_are_fed_and_those_of_drafts_are_not(platform: Platform) -> None:
    tender_id, (lot,), _ = drafted(platform, lots=1)

    def happen() -> list[tuple[int, str]]:
        with platform.db.transaction() as tx:
            at = clock.now(tx)
            record(tx, "schedule.changed", subject=lot, actor="system", at=at, data={})
            record(tx, "schedule.signed", subject=lot, actor="system", at=at, data={})
            record(tx, "tender.published", subject=tender_id, actor="system", at=at, data={})
        number(platform)
        return read_after(platform, 0)

    before = happen()
    with platform.db.transaction() as tx:
        tx.get_one(Tender, tender_id).state = "published"
    after = happen()

    assert before == []
    assert after == [(1, lot), (2, tender_id)]


def test_the_feed_is_read_forwards_for_ever_and_backwards_to_the_beginning(platform: Platform) -> None:
    for n in range(5):
        note(platform, f"lot-{n}")
    number(platform)
    with TestClient[Litestar](app_for(platform), base_url="http://site.example") as client:
        first = client.get("/api/feed?limit=3").json()
        second = client.get(first["next"]).json()
        nothing = client.get(second["next"]).json()
        newest = client.get("/api/feed?order=descending&limit=4").json()
        oldest = client.get(newest["next"]).json()
        refused = [client.get(f"/api/feed?{q}").status_code for q in ("after=x", "limit=0", "limit=1001")]
    note(platform, "lot-5")
    number(platform)
    with TestClient[Litestar](app_for(platform), base_url="http://site.example") as client:
        later = client.get(nothing["next"]).json()

    def names(answer: dict[str, list[dict[str, str]]]) -> list[str]:
        return [change["id"] for change in answer["changes"]]

    assert [names(one) for one in (first, second, nothing, later)] == [
        ["lot-0", "lot-1", "lot-2"],
        ["lot-3", "lot-4"],
        [],
        ["lot-5"],
    ]
    assert [names(one) for one in (newest, oldest)] == [["lot-4", "lot-3", "lot-2", "lot-1"], ["lot-0"]]
    assert [one["end"] for one in (first, second, newest, oldest)] == [False, True, False, True]
    assert refused == [422, 422, 422]
