"""Processes that open parts beside the one that asks: they find the same, and are never needed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from bid_factories import World
from opening_factories import context, key_of

from bidding_docs.codes import BadPayload
from bidding_docs.openers import Job, Openers, open_here
from bidding_docs.sealing import SealedBid
from govcore.storage import Store

WANTED = {"summary.json": 1 << 20, "技术标/施工组织设计.txt": 1 << 20}


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"file://{tmp_path}/store"


@pytest.fixture
def jobs(tmp_path: Path, url: str) -> list[Job]:
    """The parts of a sealed bid in the store, the second in two pieces."""
    world, store = World(), Store(url)
    bid = world.seal(tmp_path / "bid")
    return [job(world, store, bid, "summary", 1), job(world, store, bid, "technical", 2)]


def job(world: World, store: Store, bid: SealedBid, part: str, pieces: int) -> Job:
    data, keys = bid.parts[part].read_bytes(), []
    step = -(-len(data) // pieces)
    for n in range(pieces):
        keys.append(f"bids/{part}/{n}")
        store.put_new(keys[-1], data[n * step : (n + 1) * step])
    key, ctx = key_of(world, bid, part), context(bid, part)
    return Job(tuple(keys), key, ctx, WANTED)


@pytest.fixture
def openers(url: str) -> Iterator[Openers]:
    with Openers(url, 1) as found:
        yield found


def damaged(job: Job, store: Store) -> Job:
    data = b"".join(map(store.get, job.pieces))
    store.put_new("bids/damaged", data[:-1] + bytes([data[-1] ^ 1]))
    return Job(("bids/damaged",), job.identity, job.ctx, job.wanted)


def test_another_process_finds_what_this_one_finds(openers: Openers, jobs: list[Job], url: str) -> None:
    found = openers.open(jobs)

    assert found is not None
    assert found == open_here(Store(url), jobs)
    assert json.loads(found[0]["summary.json"])["price"] == 123_456_700
    assert found[1]["技术标/施工组织设计.txt"].decode() == "施工组织设计"


def test_a_file_above_its_greatest_size_is_left_out(openers: Openers, jobs: list[Job]) -> None:
    short = Job(jobs[0].pieces, jobs[0].identity, jobs[0].ctx, {"summary.json": 3})

    assert openers.open([short]) == [{}]


def test_a_part_that_does_not_open_is_left_to_who_asked(openers: Openers, jobs: list[Job], url: str) -> None:
    store = Store(url)
    bad = damaged(jobs[0], store)
    gone = Job(("bids/nowhere",), bad.identity, bad.ctx, bad.wanted)

    assert openers.open([jobs[1], bad]) is None
    assert openers.open([gone]) is None
    assert openers.open(jobs) == open_here(store, jobs)
    with pytest.raises(BadPayload):
        open_here(store, [bad])


def test_a_process_that_died_is_not_asked_again(openers: Openers, jobs: list[Job]) -> None:
    (process,) = openers._processes
    process.kill()
    process.wait()

    assert [openers.open(jobs), openers.open(jobs)] == [None, None]


def test_who_finds_none_idle_is_told_so(url: str, jobs: list[Job]) -> None:
    with Openers(url, 0) as none:
        assert none.open(jobs) is None


def test_many_askers_each_get_their_own_answer(openers: Openers, jobs: list[Job], url: str) -> None:
    right = [open_here(Store(url), [one]) for one in jobs]

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda n: openers.open([jobs[n % 2]]), range(60)))

    assert any(found)
    assert [one for n, one in enumerate(found) if one not in (None, right[n % 2])] == []


def test_a_process_is_shown_neither_settings_nor_keys(
    monkeypatch: pytest.MonkeyPatch, url: str, jobs: list[Job]
) -> None:
    monkeypatch.setenv("TRADING_MASTER_KEY", "kept-here")

    with Openers(url, 1) as openers:
        assert openers.open(jobs) is not None
        place = Path("/proc", str(openers._processes[0].pid))
        seen = (place / "environ").read_bytes() + (place / "cmdline").read_bytes()

    assert b"kept-here" not in seen
    assert url.encode() not in seen
    assert jobs[0].identity.hex() not in repr(jobs)
    assert repr(jobs[0].identity)[2:-1] not in repr(jobs)


def test_the_processes_end_with_their_block(url: str) -> None:
    with Openers(url, 2) as openers:
        numbers = [one.pid for one in openers._processes]

    assert [n for n in numbers if os.path.exists(f"/proc/{n}")] == []
