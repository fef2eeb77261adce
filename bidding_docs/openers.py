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
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import IO, Self

import msgspec

from bidding_docs.capsules import Context
from bidding_docs.opened import small_files
from govcore.errors import Problem
from govcore.storage import Store

_LENGTH = struct.Struct(">I")
_BATCH = 4
"""So many orders are given away at once: whoever waits for an answer does not give the next."""

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


Files = list[dict[str, bytes]]
"""Of each job of an order the wanted files, by name."""


def _open(store: Store, order: Sequence[Job]) -> Files | Problem:
    """The files, or why a part of the order does not open; other errors are raised."""
    try:
        return [
            small_files(map(store.get, job.pieces), job.identity, ctx=job.ctx, wanted=job.wanted)
            for job in order
        ]
    except Problem as problem:
        return problem


class Openers:
    """This process and so many others that open parts of one store; the others end with the `with` block."""

    def __init__(self, store: Store, url: str, others: int) -> None:
        self._store, self._url, self._others = store, url, others
        self._processes: list[subprocess.Popen[bytes]] = []
        self._idle: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
        self.died: list[int] = []
        """Process ids of those that ended while they were asked: nothing is lost by it, but somebody should know."""

    def __enter__(self) -> Self:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(_SECRETS)}
        command = [sys.executable, "-P", "-m", "bidding_docs.openers"]
        for _ in range(self._others):
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

    def open(self, orders: Sequence[Sequence[Job]]) -> Iterator[Files | Problem]:
        """What each order's parts hold, in their order; a problem when one of them does not open."""
        batches = [orders[start : start + _BATCH] for start in range(0, len(orders), _BATCH)]
        # One thread opens here and one waits for each other process; alone, two wait for the store in turns.
        with ThreadPoolExecutor(1 + max(1, self._others), thread_name_prefix="open") as pool:
            for answers in pool.map(self._open_batch, batches):
                yield from answers

    def _open_batch(self, orders: Sequence[Sequence[Job]]) -> list[Files | Problem]:
        answers = self._ask(orders) or [None] * len(orders)
        return [
            _open(self._store, order) if answer is None else answer
            for order, answer in zip(orders, answers, strict=True)
        ]

    def _ask(self, orders: Sequence[Sequence[Job]]) -> list[Files | None] | None:
        """What an idle process found, nothing of what does not open; nothing at all when none is idle or it died."""
        try:
            process = self._idle.get_nowait()
        except Empty:
            return None
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(OSError, EOFError):
            _send(process.stdin, msgspec.msgpack.encode(orders))
            found = msgspec.msgpack.decode(_receive(process.stdout), type=list[Files | None])
            self._idle.put(process)
            return found
        self.died.append(process.pid)
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
            orders = msgspec.msgpack.decode(_receive(asked), type=list[list[Job]])
            found = [_open(store, order) for order in orders]
            _send(told, msgspec.msgpack.encode([None if isinstance(one, Problem) else one for one in found]))


if __name__ == "__main__":
    _serve(sys.stdin.buffer, sys.stdout.buffer)
