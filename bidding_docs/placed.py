"""A sealed part read from any place: only those chunks are fetched and opened that hold what is asked for."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import dataclass

from bidding_docs.codes import BadPayload, Unreadable

Fetch = Callable[[int, int], bytes]
"""Sealed bytes from a place on, so many; fewer only at the end."""

HEAD = 1024
"""So much of a sealed part holds all that comes before its chunks."""


@dataclass(frozen=True, slots=True, repr=False)
class Chunks:
    """How the chunks of one payload lie and open; all but the last hold `size` bytes, which `sealed` make."""

    start: int
    size: int
    sealed: int
    length: int
    open: Callable[[int, bytes], bytes]
    """The n-th chunk in clear; raise `Unreadable` when it is not genuine or not the n-th."""


class PlacedPart(io.RawIOBase):
    """A part in clear, as a file to seek in; each chunk is genuine, `BadPayload` at the first that is not."""

    def __init__(self, fetch: Fetch, chunks: Chunks, *, part: str) -> None:
        self._fetch, self._chunks, self._part = fetch, chunks, part
        self._place = 0
        self._kept = (-1, b"")  # the last chunk: headers are read in little bits

    @property
    def length(self) -> int:
        return self._chunks.length

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._chunks.length}[whence]
        if base + offset < 0:
            raise ValueError("before the beginning")
        self._place = base + offset
        return self._place

    def tell(self) -> int:
        return self._place

    def readinto(self, target: memoryview, /) -> int:  # type: ignore[override]  # what io passes is one
        view = memoryview(target)
        end = min(self._place + len(view), self._chunks.length)
        wanted = max(0, end - self._place)
        if wanted:
            first, inside = divmod(self._place, self._chunks.size)
            clear = self._opened(first, (end - 1) // self._chunks.size)
            view[:wanted] = clear[inside : inside + wanted]
            self._place = end
        return wanted

    def _opened(self, first: int, last: int) -> bytes:
        if first == last == self._kept[0]:
            return self._kept[1]
        one = self._chunks.sealed
        sealed = memoryview(self._fetch(self._chunks.start + first * one, (last - first + 1) * one))
        try:
            found = [
                self._chunks.open(n, bytes(sealed[(n - first) * one : (n - first + 1) * one]))
                for n in range(first, last + 1)
            ]
        except Unreadable as error:
            raise BadPayload(part=self._part, detail=str(error)) from error
        self._kept = (last, found[-1])
        return b"".join(found)
