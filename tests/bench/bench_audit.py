"""Audit append against the bare business insert: PostgreSQL, eight workers, ratios of one run."""

from __future__ import annotations

import multiprocessing
import time
from datetime import UTC, datetime
from multiprocessing.synchronize import Barrier
from queue import Queue

from sqlalchemy import String, Table, insert
from sqlalchemy.orm import Mapped, mapped_column

from govcore.audit.module import MODULE
from govcore.audit.service import record
from govcore.db import Base, BigId, Database
from govcore.module import EventType, Module, build_registry
from tests.bench.postgres import postgresql
from tests.bench.results import Result

WORKERS = 8
TURNS = 10
SECONDS = 0.5
BAR = 0.5

_BENCH = Module(
    name="bench",
    prefixes=("bench",),
    audit_events=(EventType(name="bench.written", zh="写入", en="Written", subject="row"),),
)


class BenchRow(Base):
    """An ordinary business row."""

    __tablename__ = "bench_row"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    subject: Mapped[str] = mapped_column(String(64))
    body: Mapped[str]


_INSERT = insert(Base.metadata.tables[BenchRow.__tablename__]).inline()


def measure() -> list[Result]:
    """Business insert with its audit event against the business insert alone, in many short turns."""
    with postgresql() as url:
        database = Database(url)
        Base.metadata.create_all(database.engine, tables=_tables())
        database.dispose()
        bare, audited = _totals(url)
    seconds = TURNS * SECONDS
    return [
        Result(
            name=f"insert with its audit event, {WORKERS} workers, against the insert alone",
            unit="transactions/s",
            ours=audited / seconds,
            peer=bare / seconds,
            least=BAR,
        )
    ]


def _tables() -> list[Table]:
    names = ("bench_row", "log_outbox", "log_event", "outbox_delivery")
    return [Base.metadata.tables[name] for name in names]


def _totals(url: str) -> tuple[int, int]:
    """Transactions of all workers, bare and audited; they take turns so that a busy machine slows both."""
    context = multiprocessing.get_context("spawn")
    ready, counts = context.Barrier(WORKERS), context.Queue()
    workers = [context.Process(target=_work, args=(url, ready, counts)) for _ in range(WORKERS)]
    for worker in workers:
        worker.start()
    done = [counts.get() for _ in workers]
    for worker in workers:
        worker.join()
    return sum(bare for bare, _ in done), sum(audited for _, audited in done)


def _work(url: str, ready: Barrier, counts: Queue[tuple[int, int]]) -> None:
    database = Database(url, info={"registry": build_registry([MODULE, _BENCH])}, pool_size=1)
    done = {False: 0, True: 0}
    for turn in range(-1, TURNS):
        order = (False, True) if turn % 2 else (True, False)
        for audited in order:
            ready.wait()
            count = _turn(database, audited=audited)
            done[audited] += count if turn >= 0 else 0  # the first turn warms up
    counts.put((done[False], done[True]))
    database.dispose()


def _turn(database: Database, *, audited: bool) -> int:
    at, count = datetime.now(UTC), 0
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        _write(database, audited=audited, at=at)
        count += 1
    return count


def _write(database: Database, *, audited: bool, at: datetime) -> None:
    with database.transaction() as tx:
        tx.execute(_INSERT, {"subject": "row-1", "body": "x" * 200})
        if audited:
            data = {"lot_id": "lot-1", "size": 200}
            record(tx, "bench.written", subject="row-1", actor="user-1", at=at, data=data)


if __name__ == "__main__":
    for result in measure():
        print(result)
