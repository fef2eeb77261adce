"""The change feed at 200 updates a second, written by four processes and polled by readers, on PostgreSQL.

Writers note changes at a fixed rate in transactions that last up to 50 ms, so they commit in another order than they
began; the sweep numbers twice a second, as beat rings it. Readers poll with their last token. Each answer is a check:
an anomaly is a number that is not the next one, or a change seen twice; at the end, one that was never seen. The peer
is the wish: 200 updates a second.
"""

from __future__ import annotations

import multiprocessing
import random
import time
from multiprocessing.synchronize import Event, Semaphore
from queue import Queue
from threading import Lock, Thread

from govcore import clock
from govcore.db import Base, Database
from govcore.module import discover
from tests.bench.postgres import postgresql
from tests.bench.results import Result
from trading.notices import feed

RATE = 200
WRITERS = 4
SECONDS = 12.0
READERS = 3
PAUSE = 0.05


def measure() -> list[Result]:
    """Updates that were written a second, with the anomalies that readers saw."""
    discover()
    with postgresql() as url:
        database = Database(url)
        tables = [Base.metadata.tables[name] for name in ("notices_feed", "notices_feed_waiting")]
        Base.metadata.create_all(database.engine, tables=tables)
        readers: list[_Reader] = []
        written, seconds = _write_and_number(url, database, readers)
        seen = [reader.finish(len(written)) for reader in readers]
        database.dispose()
    checks = sum(reader.checks for reader in readers)
    anomalies = sum(reader.anomalies for reader in readers)
    lost = sum(len(written - one) for one in seen)
    return [
        Result(
            name=f"change feed, {WRITERS} writers, {READERS} readers polling",
            unit="updates/s",
            ours=len(written) / seconds,
            peer=RATE,
            least=0.95,
            note=f"{anomalies} anomalies in {checks:,} checks, {lost} of {len(written):,} lost",
        )
    ]


class _Reader:
    """Polls from its last token and holds every answer against what must come next."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._last = 0
        self._seen: set[str] = set()
        self._done = False
        self.checks = self.anomalies = 0
        self._thread = Thread(target=self._poll)
        self._thread.start()

    def _poll(self) -> None:
        while not self._done:
            self._check()
            time.sleep(PAUSE)

    def _check(self) -> None:
        with self._database.read() as tx:
            items = [(item.seq, item.subject_id) for item in feed.forwards(tx, after=self._last, limit=1000)]
        self.checks += 1
        names = {name for _, name in items}
        in_order = [seq for seq, _ in items] == list(range(self._last + 1, self._last + 1 + len(items)))
        if not in_order or len(names) != len(items) or names & self._seen:
            self.anomalies += 1
        self._seen |= names
        self._last = items[-1][0] if items else self._last

    def finish(self, expected: int) -> set[str]:
        """Everything this reader has seen, after it had the time to see all."""
        until = time.perf_counter() + 20
        while len(self._seen) < expected and time.perf_counter() < until:
            time.sleep(PAUSE)
        self._done = True
        self._thread.join()
        return self._seen


def _write_and_number(url: str, database: Database, readers: list[_Reader]) -> tuple[set[str], float]:
    """What was written and in which time; the readers poll from the first write on."""
    context = multiprocessing.get_context("spawn")
    ready, go, names = context.Semaphore(0), context.Event(), context.Queue()
    workers = [context.Process(target=_write, args=(url, n, ready, go, names)) for n in range(WRITERS)]
    for worker in workers:
        worker.start()
    for _ in workers:
        ready.acquire()
    readers += [_Reader(database) for _ in range(READERS)]
    done = False

    def integrate() -> None:
        while not done:
            _number(database)
            time.sleep(0.5)

    sweep = Thread(target=integrate)
    sweep.start()
    began = time.perf_counter()
    go.set()
    written = {name for _ in workers for name in names.get()}
    seconds = time.perf_counter() - began
    for worker in workers:
        worker.join()
    done = True
    sweep.join()
    _number(database)
    return written, seconds


def _number(database: Database) -> None:
    with database.transaction() as tx:
        feed.number(tx, at=clock.now(tx))


def _write(url: str, writer: int, ready: Semaphore, go: Event, names: Queue[set[str]]) -> None:
    """A quarter of the rate; some transactions wait before they commit while others go by."""
    database, dice, lock = Database(url), random.Random(writer), Lock()
    written: set[str] = set()
    each = RATE / WRITERS

    def one_thread(number: int, threads: int) -> None:
        began = time.perf_counter()
        count = int(each * SECONDS / threads)
        for n in range(count):
            wait = began + n * threads / each - time.perf_counter()
            time.sleep(max(wait, 0))
            name = f"{writer}-{number}-{n}"
            with database.transaction() as tx:
                feed.note(tx, "lot", name, tender_id="t", change="tender.closed")
                tx.flush()
                time.sleep(dice.choice((0.0, 0.0, 0.01, 0.05)))
            with lock:
                written.add(name)

    with database.read():
        ready.release()
    go.wait()
    threads = [Thread(target=one_thread, args=(number, 4)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    names.put(written)
    database.dispose()


if __name__ == "__main__":
    for result in measure():
        print(result, result.ratio)
