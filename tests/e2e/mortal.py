"""A site whose web, worker and beat are killed and started again."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TypeVar

import click
import httpx
import nursery

from trading.client import Refused

ROOT = Path(__file__).parent.parent.parent
COMMANDS = {"web": ["serve", "--only", "web"], "worker": ["worker"], "beat": ["beat"]}
PATIENCE = 120.0

T = TypeVar("T")


class Site:
    """Processes by name, each a group of its own; `tend` starts again what has died."""

    def __init__(self, environ: Mapping[str, str], url: str, folder: Path) -> None:
        self.environ, self.url, self.folder = dict(environ), url, folder
        self.deaths: list[str] = []
        self._running: dict[str, BaseProcess] = {}
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def log(self) -> Path:
        return self.folder / "site.log"

    def start(self, *names: str) -> None:
        for name in names:
            self._running[name] = nursery.start(COMMANDS[name], environ=self.environ, log=self.log)
        if "web" in names:
            self._wait_for_web()

    def kill(self, *names: str) -> None:
        """End whole groups as `kill -9` does."""
        for name in names:
            process = self._running.pop(name)
            os.killpg(_pid(process), signal.SIGKILL)
            process.join()

    def process_ids(self) -> list[int]:
        """Every process of the groups that run."""
        groups = {_pid(process) for process in self._running.values()}
        everyone = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
        return [pid for pid in everyone if _group(pid) in groups]

    def stop(self) -> None:
        self.tend_nothing()
        self.kill(*list(self._running))

    def tend_nothing(self) -> None:
        """Forget what has died by itself."""
        for name in [name for name, process in self._running.items() if not process.is_alive()]:
            del self._running[name]

    def tend(self) -> None:
        for name, process in list(self._running.items()):
            if not process.is_alive():
                assert process.exitcode == -signal.SIGKILL, self.log.read_text()[-4000:]
                self.deaths.append(name)
                self.start(name)

    def _wait_for_web(self) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                if httpx.get(f"{self.url}/healthz", timeout=5).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
            if not self._running["web"].is_alive():
                break
        raise AssertionError(f"the site does not answer: {self.log.read_text()[-4000:]}")

    def until(self, question: Callable[[], T | None], what: str) -> T:
        """Ask again, over deaths and refusals, until the answer is something."""
        until, last = time.monotonic() + PATIENCE, ""
        while time.monotonic() < until:
            self.tend()
            try:
                answer = question()
            except Refused as refused:
                answer, last = None, refused.format_message()
            except click.ClickException as error:  # the site died under the request
                answer, last = None, error.format_message()
            if answer is not None:
                return answer
            time.sleep(0.1)
        raise AssertionError(f"never: {what}; {last}; {self.log.read_text()[-4000:]}")


def _pid(process: BaseProcess) -> int:
    assert process.pid is not None
    return process.pid


def _group(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return 0
