"""Processes that open parts beside the one that asks: they find the same, and are never needed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from bid_factories import World
from opening_factories import context, key_of
from servers import wait_for

from bidding_docs.codes import BadPayload
from bidding_docs.openers import Files, Job, Openers
from bidding_docs.sealing import SealedBid
from govcore.errors import NotFound, Problem
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
    with Openers(Store(url), url, 1) as found:
        yield found


def here(url: str, *orders: list[Job]) -> list[Files | Problem]:
    with Openers(Store(url), url, 0) as alone:
        return list(alone.open(orders))


def damaged(job: Job, store: Store) -> Job:
    data = b"".join(map(store.get, job.pieces))
    store.put_new("bids/damaged", data[:-1] + bytes([data[-1] ^ 1]))
    return Job(("bids/damaged",), job.identity, job.ctx, job.wanted)


def test_another_process_finds_what_this_one_finds(openers: Openers, jobs: list[Job], url: str) -> None:
    asked = openers._ask([jobs, jobs[1:]])

    assert asked == here(url, jobs, jobs[1:])
    assert asked is not None
    first = asked[0]
    assert first is not None
    assert json.loads(first[0]["summary.json"])["price"] == 123_456_700
    assert first[1]["技术标/施工组织设计.txt"].decode() == "施工组织设计"


def test_a_file_above_its_greatest_size_is_left_out(openers: Openers, jobs: list[Job]) -> None:
    short = Job(jobs[0].pieces, jobs[0].identity, jobs[0].ctx, {"summary.json": 3})

    assert list(openers.open([[short]])) == [[{}]]


def test_of_what_does_not_open_the_reason_is_found_here(openers: Openers, jobs: list[Job], url: str) -> None:
    bad = damaged(jobs[0], Store(url))
    gone = Job(("bids/nowhere",), bad.identity, bad.ctx, bad.wanted)

    assert openers._ask([[jobs[1], bad], jobs, [gone]]) == [None, *here(url, jobs), None]
    payload, whole, missing = openers.open([[jobs[1], bad], jobs, [gone]])

    assert isinstance(payload, BadPayload)
    assert [whole] == here(url, jobs)
    assert isinstance(missing, NotFound)


def test_a_process_that_died_is_not_needed(openers: Openers, jobs: list[Job], url: str) -> None:
    (process,) = openers._processes
    process.kill()
    process.wait()

    assert list(openers.open([jobs] * 9)) == here(url, jobs) * 9
    assert openers._ask([jobs]) is None
    assert openers.died == [process.pid]


def test_every_order_gets_its_own_answer(openers: Openers, jobs: list[Job], url: str) -> None:
    orders = [[jobs[n % 2]] for n in range(90)]
    right = here(url, *orders[:2])

    assert list(openers.open(orders)) == right * 45


def test_a_process_is_shown_neither_settings_nor_keys(
    monkeypatch: pytest.MonkeyPatch, url: str, jobs: list[Job]
) -> None:
    monkeypatch.setenv("TRADING_MASTER_KEY", "kept-here")

    with Openers(Store(url), url, 1) as openers:
        assert openers._ask([jobs]) is not None
        place = Path("/proc", str(openers._processes[0].pid))
        seen = (place / "environ").read_bytes() + (place / "cmdline").read_bytes()

    assert b"kept-here" not in seen
    assert url.encode() not in seen
    assert repr(jobs) == "[Job(summary), Job(technical)]"


def test_the_processes_end_with_their_block(url: str) -> None:
    with Openers(Store(url), url, 2) as openers:
        numbers = [one.pid for one in openers._processes]

    assert all(map(ended, numbers))


def test_the_processes_end_when_who_started_them_is_killed(url: str) -> None:
    program = (
        "import sys; from bidding_docs.openers import Openers; from govcore.storage import Store\n"
        "with Openers(Store(sys.argv[1]), sys.argv[1], 1) as found:\n"
        "    print(found._processes[0].pid, flush=True); sys.stdin.read()"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", program, url], stdin=pipe, stdout=pipe, text=True) as parent:
        assert parent.stdout is not None
        number = int(parent.stdout.readline())
        parent.kill()

    wait_for(lambda: ended(number), what="the end of the other process")


def ended(number: int) -> bool:
    """Also when whoever adopted the process has not taken note of its end."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True
