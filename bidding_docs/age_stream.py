"""The payload of an age file: STREAM over ChaCha20-Poly1305.

A short one is moved by the calling thread. For a long one reader, cipher and writer are three threads that overlap,
because reads, the AEAD and writes all release the interpreter lock. Memory is bounded by a fixed set of buffers that
travel round, so the queues themselves need no limit and can never block a thread that has to stop.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from bidding_docs.age_header import MAX_HEADER, HeaderError, PayloadError

CHUNK = 64 * 1024
TAG = 16
SEALED_CHUNK = CHUNK + TAG
_CHUNKS_PER_BATCH = 16
_ALONE = 128  # chunks: as much is moved before other threads are of use
_WRITE = 65536  # longer writes send the kernel searching for long runs of free memory: 0.4 to 2.7 s a GiB
_BUFFERS = 4


class Readable(Protocol):
    """Where bytes come from; a `readinto`, where there is one, saves copies."""

    def read(self, size: int, /) -> bytes: ...


class Writable(Protocol):
    """Where bytes go; the number taken is returned."""

    def write(self, data: bytes | memoryview, /) -> int: ...


class Source:
    """Reads lines first and then fills buffers, from any stream that has `read`."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._ahead = b""
        self._readinto: Callable[[memoryview], int | None] | None = getattr(stream, "readinto", None)

    def readline(self) -> bytes:
        """Return the next line with its line feed, shorter only at the end; HeaderError above 1 MiB."""
        while b"\n" not in self._ahead:
            if len(self._ahead) > MAX_HEADER:
                raise HeaderError("a header line is too long")
            more = self._stream.read(4096)
            if not more:
                break
            self._ahead += more
        end = self._ahead.find(b"\n") + 1 or len(self._ahead)
        line, self._ahead = self._ahead[:end], self._ahead[end:]
        return line

    def fill(self, view: memoryview) -> int:
        """Fill `view` and return its used length, shorter only at the end of the stream."""
        used = min(len(self._ahead), len(view))
        view[:used] = self._ahead[:used]
        self._ahead = self._ahead[used:]
        while used < len(view):
            got = self._once(view[used:])
            if not got:
                break
            used += got
        return used

    def _once(self, view: memoryview) -> int:
        if self._readinto is not None:
            return self._readinto(view) or 0
        data = self._stream.read(len(view))
        view[: len(data)] = data
        return len(data)


class Step(Protocol):
    """Turns one batch into another: returns the bytes put into `target` and what stopped it, if anything."""

    def __call__(
        self, source: memoryview, target: memoryview, /, *, last: bool
    ) -> tuple[int, PayloadError | None]: ...


def encrypt(source: Source, dst: Writable, key: bytes) -> None:
    """Write every chunk of `source`, sealed under the payload key, to `dst`."""
    aead, counter = ChaCha20Poly1305(key), 0

    def step(plain: memoryview, sealed: memoryview, *, last: bool) -> tuple[int, PayloadError | None]:
        nonlocal counter
        position = written = 0
        while position < len(plain) or (last and counter == 0):
            chunk = plain[position : position + CHUNK]
            position += len(chunk)
            room = sealed[written : written + len(chunk) + TAG]
            aead.encrypt_into(_nonce(counter, last and position == len(plain)), chunk, None, room)
            written += len(room)
            counter += 1
        return written, None

    pump(source, dst, step, size=CHUNK, room=SEALED_CHUNK)


def decrypt(source: Source, dst: Writable, key: bytes) -> None:
    """Write the chunks that authenticate to `dst`; PayloadError at the first that does not."""
    aead, counter = ChaCha20Poly1305(key), 0

    def step(sealed: memoryview, plain: memoryview, *, last: bool) -> tuple[int, PayloadError | None]:
        nonlocal counter
        position = written = 0
        while position < len(sealed) or (last and counter == 0):
            chunk = sealed[position : position + SEALED_CHUNK]
            position += len(chunk)
            final = last and position == len(sealed)
            if len(chunk) < TAG or (len(chunk) == TAG and counter):
                return written, PayloadError("the last chunk is cut off or empty")
            room = plain[written : written + len(chunk) - TAG]
            try:
                aead.decrypt_into(_nonce(counter, final), chunk, None, room)
            except InvalidTag:
                early = not final and _opens(aead, _nonce(counter, True), chunk, room)
                reason = "data follows the last chunk" if early else "a chunk does not authenticate"
                return written + len(room) * early, PayloadError(reason)
            written += len(room)
            counter += 1
        return written, None

    pump(source, dst, step, size=SEALED_CHUNK, room=CHUNK)


def opener(key: bytes, *, last: int) -> Callable[[int, bytes], bytes]:
    """What opens any one chunk by its number; PayloadError when it does not authenticate as that one."""
    aead = ChaCha20Poly1305(key)

    def open_chunk(number: int, sealed: bytes) -> bytes:
        try:
            return aead.decrypt(_nonce(number, number == last), sealed, None)
        except InvalidTag:
            raise PayloadError("a chunk does not authenticate") from None

    return open_chunk


def _opens(aead: ChaCha20Poly1305, nonce: bytes, chunk: memoryview, room: memoryview) -> bool:
    try:
        aead.decrypt_into(nonce, chunk, None, room)
    except InvalidTag:
        return False
    return True


def _nonce(counter: int, final: bool) -> bytes:
    return counter.to_bytes(11, "big") + (b"\x01" if final else b"\x00")


def pump(source: Source, dst: Writable, step: Step, *, size: int, room: int) -> None:
    """Move `source` through `step` into `dst` in batches; other threads are started only when it is long."""
    held, spare, target = (memoryview(bytearray(length)) for length in (size, size, room))
    used = source.fill(held)
    for _ in range(_ALONE):
        following = source.fill(spare) if used == size else 0
        _write_all(dst, target, step(held[:used], target, last=not following))
        if not following:
            return
        held, spare, used = spare, held, following
    size, room = size * _CHUNKS_PER_BATCH, room * _CHUNKS_PER_BATCH
    _Pipeline(source, dst, step, size=size, room=room).run(held[:used])


def _write_all(dst: Writable, target: memoryview, made: tuple[int, PayloadError | None]) -> None:
    length, problem = made
    _write(dst, target[:length])
    if problem is not None:
        raise problem


def _write(dst: Writable, data: memoryview) -> None:
    while data:
        # Raw files may take less than offered; buffered ones report the whole length.
        data = data[dst.write(data[:_WRITE]) :]


class _Pipeline:
    def __init__(self, source: Source, dst: Writable, step: Step, *, size: int, room: int) -> None:
        self._source, self._dst, self._step = source, dst, step
        self._empty_in: SimpleQueue[memoryview | None] = SimpleQueue()
        self._full_in: SimpleQueue[memoryview | BaseException] = SimpleQueue()
        self._empty_out: SimpleQueue[memoryview | BaseException] = SimpleQueue()
        self._full_out: SimpleQueue[tuple[memoryview, int] | None] = SimpleQueue()
        for _ in range(_BUFFERS):
            self._empty_in.put(memoryview(bytearray(size)))
            self._empty_out.put(memoryview(bytearray(room)))
        self._failed: BaseException | None = None

    def run(self, first: memoryview) -> None:
        """Cipher in this thread; every thread has ended when this returns or raises."""
        reader = threading.Thread(target=self._read, args=(first,), name="age-read", daemon=True)
        writer = threading.Thread(target=self._drain, name="age-write", daemon=True)
        reader.start()
        writer.start()
        try:
            self._cipher()
        finally:
            self._empty_in.put(None)
            self._full_out.put(None)
            reader.join()
            writer.join()
        if self._failed is not None:
            raise self._failed

    def _read(self, first: memoryview) -> None:
        try:
            ahead: memoryview = first
            while (buffer := self._empty_in.get()) is not None:
                buffer[: len(ahead)] = ahead
                used = len(ahead) + self._source.fill(buffer[len(ahead) :])
                ahead = first[:0]
                self._full_in.put(buffer[:used])
                if used < len(buffer):
                    return
        except BaseException as error:
            self._full_in.put(error)

    def _drain(self) -> None:
        while (item := self._full_out.get()) is not None:
            buffer, used = item
            try:
                _write(self._dst, buffer[:used])
            except BaseException as error:
                self._failed = error
                self._empty_out.put(error)
                return
            self._empty_out.put(buffer)

    def _cipher(self) -> None:
        held = _raised(self._full_in.get())
        while True:
            # One batch is held back: only an end of stream tells that its last chunk is the final one.
            ended = len(held) < _whole(held)
            following = held[:0] if ended else _raised(self._full_in.get())
            last = ended or not following
            target = _raised(self._empty_out.get())
            length, problem = self._step(held, target, last=last)
            self._full_out.put((target, length))
            if problem is not None:
                raise problem
            self._empty_in.put(_restored(held))
            if last:
                return
            held = following


def _whole(view: memoryview) -> int:
    backing = view.obj
    assert isinstance(backing, bytearray)
    return len(backing)


def _restored(view: memoryview) -> memoryview:
    backing = view.obj
    assert isinstance(backing, bytearray)
    return memoryview(backing)


def _raised(item: memoryview | BaseException) -> memoryview:
    if isinstance(item, BaseException):
        raise item
    return item
