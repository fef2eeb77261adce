"""Celery rings the sweeps: what is scheduled, and that a message reaches a worker on either broker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from servers import free_port, wait_for
from sqlalchemy import func, select

from govcore.audit.models import LogCheckpoint
from govcore.audit.service import record
from govcore.db import Database
from govcore.module import Registry, discover
from govcore.settings import Settings
from govcore.setup import is_current, migrate
from govcore.tasks import create_celery

CORE = "identity,audit,notify,web"


def _environ(data: Path, broker: str) -> dict[str, str]:
    return {
        "TRADING_DATA": str(data),
        "TRADING_BROKER_URL": broker,
        "TRADING_DEMO": "1",
        "TRADING_LOG_INTERVAL": "1",
        "TRADING_MODULES": CORE,
    }


@contextmanager
def _running(environ: dict[str, str], *command: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "govcore", *command],
        env={**os.environ, **environ},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def test_beat_rings_every_sweep_of_every_module(registry: Registry, tmp_path: Path) -> None:
    app = create_celery(Settings.from_environ({"TRADING_DATA": str(tmp_path)}), registry)

    scheduled = {
        name: (entry["task"], entry["schedule"], entry["options"])
        for name, entry in app.conf.beat_schedule.items()
    }

    assert scheduled == {
        name: (sweep.task, sweep.every, {"expires": max(sweep.every, 1)})
        for module in registry.modules
        for name, sweep in module.schedule.items()
    }
    assert {"audit.integrate", "outbox.deliver"} <= {task for task, _, _ in scheduled.values()}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("task_serializer", "json"),
        ("accept_content", ["json"]),
        ("task_acks_late", True),
        ("worker_prefetch_multiplier", 1),
        ("task_ignore_result", True),
        ("worker_enable_remote_control", False),
    ],
)
def test_messages_carry_json_and_may_be_repeated(tmp_path: Path, name: str, value: object) -> None:
    settings = Settings.from_environ({"TRADING_DATA": str(tmp_path)})

    assert create_celery(settings, discover(CORE.split(","))).conf[name] == value


@pytest.mark.parametrize("broker", ["filesystem", "redis"])
def test_a_ring_reaches_a_worker_process(broker: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """The worker integrates the log once it is told to, and not before."""
    url = "filesystem://" if broker == "filesystem" else request.getfixturevalue("redis_url")
    environ = _environ(tmp_path, url)
    settings = Settings.from_environ(environ)
    migrate(settings)
    registry = discover(settings.modules)
    database = Database(settings.database_url, info={"registry": registry})
    with database.transaction() as tx:
        at = datetime(2026, 1, 1, tzinfo=UTC)
        record(tx, "identity.signed_in", subject="u-1", actor="u-1", at=at, data={})
    app = create_celery(settings, registry)

    def integrated() -> bool:
        app.send_task("audit.integrate")
        with database.read() as tx:
            return bool(tx.scalar(select(func.count()).select_from(LogCheckpoint)))

    assert not integrated()
    with _running(environ, "worker"):
        wait_for(integrated, what="the worker integrates the log", limit=60)
    with database.read() as tx:
        sizes = list(tx.scalars(select(LogCheckpoint.size)))
    database.dispose()
    app.close()

    assert min(sizes) >= 1


@pytest.mark.parametrize("command", [("serve",), ("serve", "--only", "web"), ("worker",), ("beat",)])
def test_an_unmigrated_database_is_refused_in_one_sentence(tmp_path: Path, command: tuple[str, ...]) -> None:
    environ = _environ(tmp_path, "filesystem://")

    done = subprocess.run(
        [sys.executable, "-m", "govcore", *command],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 1
    assert done.stderr == "Error: The database is not up to date: run `trading migrate` first.\n"
    assert not (tmp_path / "trading.sqlite3").exists()


def test_a_migrated_database_is_current(tmp_path: Path) -> None:
    settings = Settings.from_environ({"TRADING_DATA": str(tmp_path)})

    assert not is_current(settings)
    migrate(settings)
    migrate(settings)
    assert is_current(settings)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL], ids=lambda ending: ending.name)
def test_no_process_outlives_serve(tmp_path: Path, ending: signal.Signals) -> None:
    environ = {**_environ(tmp_path, "filesystem://"), "TRADING_PORT": str(free_port())}
    migrate(Settings.from_environ(environ))

    with _running(environ, "serve") as process:
        wait_for(lambda: len(_descendants(process.pid)) >= 6, what="all processes run", limit=60)
        family = _descendants(process.pid)
        process.send_signal(ending)
        process.wait(20)
        wait_for(lambda: not any(_alive(pid) for pid in family), what="all processes end", limit=20)

    assert process.returncode == (0 if ending == signal.SIGTERM else -signal.SIGKILL)


def _descendants(pid: int) -> list[int]:
    children = [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [*children, *(each for child in children for each in _descendants(child))]


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
