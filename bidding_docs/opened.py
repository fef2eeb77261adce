"""An opened part: its archive in clear for one reading, from the pieces that the store holds."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import BinaryIO, cast

from bidding_docs.archive_reader import read_archive, read_member
from bidding_docs.capsules import Context
from bidding_docs.opening import decrypt

_IN_MEMORY = 8 << 20


@contextmanager
def opened(chunks: Iterator[bytes], identity: bytes, *, ctx: Context) -> Iterator[BinaryIO]:
    """The decrypted archive of a part, in an unnamed temporary file when it is long or its descriptor is asked for.

    Raise `BadPayload` when it does not decrypt to its end.
    """
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as spooled:
        plain = cast(BinaryIO, spooled)  # it does all that a binary file promises but is not typed so
        decrypt(_Stream(chunks), plain, identity, ctx=ctx)
        plain.seek(0)
        yield plain


def small_files(
    chunks: Iterator[bytes], identity: bytes, *, ctx: Context, wanted: Mapping[str, int]
) -> dict[str, bytes]:
    """Those files of a part that are wanted, by name and greatest size; E_PAYLOAD, E_CONTENT, E_CTX_MISMATCH."""
    with opened(chunks, identity, ctx=ctx) as archive:
        return {
            one.name: read_member(archive, one)
            for one in read_archive(archive, ctx=ctx)
            if one.size <= wanted.get(one.name, -1)
        }


class _Stream:
    """Chunks as a readable binary stream; a read may give less than asked for, nothing only at the end."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = memoryview(b"")

    def read(self, size: int) -> bytes:
        self._fill()
        found, self._rest = self._rest[:size], self._rest[size:]
        return bytes(found)

    def readinto(self, target: memoryview) -> int:
        self._fill()
        used = min(len(target), len(self._rest))
        target[:used] = self._rest[:used]
        self._rest = self._rest[used:]
        return used

    def _fill(self) -> None:
        while not self._rest and (chunk := next(self._chunks, None)) is not None:
            self._rest = memoryview(chunk)
