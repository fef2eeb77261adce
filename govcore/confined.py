"""Readers of strangers' files, each in a child process of its own: no keys, no environment, limits on all it takes.

The child is this module run by itself. It limits itself before it loads the reader; the file is its standard input,
the answer its standard output. What breaks a reader, or breaks into it, ends there.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from threading import BoundedSemaphore
from typing import IO, BinaryIO, TypeVar, cast

import msgspec
import structlog

from govcore.errors import Problem

AT_ONCE = 2
"""So many children does one of our processes have; who asks for more waits."""
REFUSED = 3
"""The child's exit status when the reader refused the file."""

T = TypeVar("T")
_log = structlog.get_logger()
_places = BoundedSemaphore(AT_ONCE)


class TooMuch(Problem):
    code = "E_FILE_TOO_MUCH"
    status = 422
    text = "This file takes more memory or time to read than a file may, so it is not read. The file itself is kept as it was sent."  # noqa: E501


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may take: bytes of memory, seconds of processor time, bytes of answer.

    The wall clock has twice the seconds.
    """

    memory: int = 1 << 30
    seconds: int = 60
    answer: int = 64 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What a child said until its end; `came_to_end` unless a limit or a fault ended it."""

    said: bytes
    came_to_end: bool

    def whole(self) -> bytes:
        """All that the reader had to say; raise `TooMuch` when it was ended before."""
        if not self.came_to_end:
            raise TooMuch
        return self.said


def run(
    reader: Callable[..., object],
    source: BinaryIO,
    *words: str,
    limits: Limits,
    refusals: Iterable[type[Problem]] = (),
) -> Answer:
    """Let `reader(source, out, *words)` read a file with a descriptor; raise what it raises of `refusals`.

    The reader is a function of a module that can be imported; the child shares nothing else with us.
    """
    given = msgspec.json.encode((limits, reader.__module__, reader.__qualname__, words)).decode()
    command = [sys.executable, "-I", "-B", "-X", "utf8", "-m", __name__, given]
    with _places, tempfile.TemporaryFile() as out:
        status, said = _outcome(command, source, cast(BinaryIO, out), 2 * limits.seconds)
    if status == REFUSED:
        raise _refusal(said, refusals)
    if status != 0:
        _log.warning("confined.ended", reader=reader.__module__, status=status)
    return Answer(said, status == 0)


def value_of(
    function: Callable[..., T],
    content: bytes,
    *words: str,
    kind: type[T],
    limits: Limits,
    refusals: Iterable[type[Problem]] = (),
) -> T:
    """What `function(content, *words)` gives, found in a child; raise `TooMuch`, and what it raises of `refusals`."""
    named = (function.__module__, function.__qualname__)
    with as_file([content]) as source:
        answer = run(_tell_value, source, *named, *words, limits=limits, refusals=refusals)
    return msgspec.json.decode(answer.whole(), type=kind)


def _outcome(command: list[str], source: BinaryIO, out: BinaryIO, seconds: int) -> tuple[int | None, bytes]:
    """The child's exit status, nothing when it was late, and what it wrote."""
    try:
        done = subprocess.run(
            command, stdin=source, stdout=out, stderr=subprocess.DEVNULL, env={}, timeout=seconds, check=False
        )
        status = done.returncode
    except subprocess.TimeoutExpired:
        status = None
    out.seek(0)
    return status, out.read()


@contextmanager
def as_file(blocks: Iterable[bytes]) -> Iterator[BinaryIO]:
    """Bytes as a file with a descriptor, to be read from its beginning, which has no name and is soon gone."""
    with tempfile.TemporaryFile() as file:
        file.writelines(blocks)
        file.seek(0)
        yield cast(BinaryIO, file)


def _tell_value(source: BinaryIO, out: IO[bytes], module: str, name: str, *words: str) -> None:
    function = _function(module, name)
    out.write(msgspec.json.encode(function(source.read(), *words)))


def _refusal(said: bytes, refusals: Iterable[type[Problem]]) -> Problem:
    """The refusal that a child named; only those that are expected, with nothing but text and numbers in them."""
    code, data = msgspec.json.decode(said, type=tuple[str, dict[str, str | int]])
    known = {one.code: one for one in refusals}
    return known[code](**data) if code in known else TooMuch()


def _function(module: str, name: str) -> Callable[..., object]:
    return cast(Callable[..., object], getattr(import_module(module), name))


def _confine(limits: Limits) -> None:
    import resource  # here, for whoever only asks may run where it does not exist

    for what, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, limits.seconds),
        (resource.RLIMIT_FSIZE, limits.answer),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def _main(given: str) -> int:
    """What the child does; its exit status."""
    limits, module, name, words = msgspec.json.decode(given, type=tuple[Limits, str, str, tuple[str, ...]])
    _confine(limits)
    out = sys.stdout.buffer
    try:
        _function(module, name)(sys.stdin.buffer, out, *words)
    except Problem as refusal:
        out.seek(0)
        out.truncate()
        out.write(msgspec.json.encode((refusal.code, refusal.plain())))
        return REFUSED
    finally:
        out.flush()
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1]))
