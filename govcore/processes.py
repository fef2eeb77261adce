"""The processes of one `trading serve`: kept running, stopped together, never left behind."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import platform
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from litestar import Litestar

PARENT = "TRADING_PARENT"
STOP_LIMIT = 8.0
MOST_REQUESTS, MOST_STREAMS = 256, 1000
"""What one web process serves at a time: ordinary requests, and besides them streams that stay open."""

FIRST_DELAY, LONGEST_DELAY = 0.5, 30.0
STEADY = 60.0

_PR_SET_PDEATHSIG = 1
_SCHED_SETATTR = {"x86_64": 314, "aarch64": 274}
_LEAST = 19
_TURN = 100_000
"""Nanoseconds, the shortest turn that the kernel grants."""


def follow(parent: int) -> None:
    """Kill this process when its parent ends, however that happens (Linux only).

    Nothing is lost by that: every step is one transaction, and sweeps are safe to repeat.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != parent:  # it ended before the kernel knew
        os._exit(1)


def follow_supervisor() -> bool:
    """Follow the process that started this one, if it asked for it by `TRADING_PARENT`."""
    parent = os.environ.pop(PARENT, None)
    if parent is None:
        return False
    follow(int(parent))
    return True


def web_application() -> Litestar:
    """The application of a web worker, which must not outlive the server that forked it."""
    from govcore.web.app import create

    if server := multiprocessing.parent_process():
        follow(server.pid or os.getppid())
    keep_to_one_core()
    return create()


def keep_to_one_core() -> None:
    """Let the threads of a web worker share a core, the next worker's the next (Linux only).

    One of them runs Python at a time; on a core of its own each hand-over would first wake another core, which takes
    longer than most of what a request computes. Threads that work outside of Python may `stand_aside`.
    """
    if sys.platform == "linux":
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[os.getpid() % len(cores)]})


def stand_aside() -> None:
    """Let this thread have what others leave over, on any core, and hand the core back at once (Linux only).

    The least rank alone would keep whoever wakes up waiting until the turn is over, for some milliseconds; since Linux
    6.12 a thread may ask for shorter turns. Where the kernel knows no such wish, the rank is all there is.
    """
    if sys.platform != "linux":
        return
    thread = threading.get_native_id()
    os.sched_setaffinity(thread, range(os.cpu_count() or 1))
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, thread, _LEAST)
    if call := _SCHED_SETATTR.get(platform.machine()):
        wish = struct.pack("=IIQiIQQQ", 48, os.SCHED_OTHER, 0, _LEAST, 0, _TURN, 0, 0)
        ctypes.CDLL(None).syscall(call, thread, wish, 0)


def supervise(commands: Mapping[str, Sequence[str]]) -> None:
    """Run `trading` commands side by side until SIGTERM or SIGINT; start again, ever later, what dies."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    children = [_Child(name, arguments) for name, arguments in commands.items()]
    while not stop.wait(0.2):
        for child in children:
            child.keep_running(time.monotonic())
    until = time.monotonic() + STOP_LIMIT
    for child in children:
        child.ask_to_stop()
    for child in children:
        child.stop(until)


class _Child:
    """One command in a process group of its own; its restarts wait twice as long each time."""

    def __init__(self, name: str, arguments: Sequence[str]) -> None:
        self._name, self._arguments = name, arguments
        self._delay = FIRST_DELAY
        self._due: float | None = None
        self._start()

    def _start(self) -> None:
        self._due = None
        self._started = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "govcore", *self._arguments],
            env={**os.environ, PARENT: str(os.getpid())},
            start_new_session=True,
        )

    def keep_running(self, now: float) -> None:
        if self._due is not None:
            if now >= self._due:
                self._start()
        elif (code := self._process.poll()) is not None:
            if now - self._started > STEADY:
                self._delay = FIRST_DELAY
            click.echo(f"{self._name} ended with {code}; starting again in {self._delay:g} s", err=True)
            self._due = now + self._delay
            self._delay = min(2 * self._delay, LONGEST_DELAY)

    def ask_to_stop(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()

    def stop(self, until: float) -> None:
        """Wait until then, and end the whole group of a command that is too slow."""
        try:
            self._process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
