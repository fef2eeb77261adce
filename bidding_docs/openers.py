"""Processes that open parts beside this one: one process alone computes on one core.

Each reads jobs from its standard input and writes what it found to its standard output, until the input ends. It gets
keys by no other way, keeps nothing, and tells of a part that does not open no more than that: whoever asked opens such
a part itself and learns why.
"""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import IO, Self

import msgspec

from bidding_docs.capsules import Context
from bidding_docs.opened import small_files
from govcore.errors import Problem
from govcore.storage import Store

_LENGTH = struct.Struct(">I")
_SECRETS = "TRADING_"
"""How the names of our settings begin, keys among them; a process here needs none."""


class Job(msgspec.Struct, frozen=True):
    """A part to open: where its pieces lie, its key; the files wanted, with greatest sizes."""

    pieces: tuple[str, ...]
    identity: bytes
    ctx: Context
    wanted: Mapping[str, int]

    def __repr__(self) -> str:
        """The part alone, never its key."""
        return f"Job({self.ctx.part_id})"


Found = list[dict[str, bytes]]
"""Of each job the wanted files, by name."""


def open_here(store: Store, jobs: Sequence[Job]) -> Found:
    """Open parts in this process; `SealProblem`, `NotFound`."""
    return [
        small_files(map(store.get, job.pieces), job.identity, ctx=job.ctx, wanted=job.wanted) for job in jobs
    ]


class Openers:
    """So many processes that open parts of one store; they end with the `with` block."""

    def __init__(self, store_url: str, count: int) -> None:
        self._url, self._count = store_url, count
        self._processes: list[subprocess.Popen[bytes]] = []
        self._idle: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()

    def __enter__(self) -> Self:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(_SECRETS)}
        command = [sys.executable, "-P", "-m", "bidding_docs.openers"]
        for _ in range(self._count):
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=environment,
                start_new_session=True,  # a Ctrl-C is for the process that asks
            )
            assert process.stdin is not None
            _send(process.stdin, self._url.encode())  # not as an argument: `ps` would show it
            self._processes.append(process)
            self._idle.put(process)
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.communicate()

    def open(self, jobs: Sequence[Job]) -> Found | None:
        """What an idle process found; nothing when none is idle, when a part does not open or a process has died."""
        try:
            process = self._idle.get_nowait()
        except Empty:
            return None
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(OSError, EOFError):
            _send(process.stdin, msgspec.msgpack.encode(jobs))
            found = msgspec.msgpack.decode(_receive(process.stdout), type=Found | None)
            self._idle.put(process)
            return found
        return None


def _send(stream: IO[bytes], message: bytes) -> None:
    stream.write(_LENGTH.pack(len(message)) + message)
    stream.flush()


def _receive(stream: IO[bytes]) -> bytes:
    """The next message; EOFError at the end."""
    head = stream.read(_LENGTH.size)
    message = stream.read(*_LENGTH.unpack(head)) if len(head) == _LENGTH.size else b""
    if not message:
        raise EOFError
    return message


def _serve(asked: IO[bytes], told: IO[bytes]) -> None:
    with suppress(EOFError, BrokenPipeError):
        store = Store(_receive(asked).decode())
        while True:
            jobs = msgspec.msgpack.decode(_receive(asked), type=list[Job])
            found: Found | None = None
            with suppress(Problem):
                found = open_here(store, jobs)
            _send(told, msgspec.msgpack.encode(found))


if __name__ == "__main__":
    _serve(sys.stdin.buffer, sys.stdout.buffer)
