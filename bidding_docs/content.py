"""The plaintext of a part: one stored ZIP with its context first and padding last, made in one pass.

The finished length is known before the first byte is read, so padding can be exact: it equals
Padme(max(length, 65,536)), and the size of a small part does not tell the digits of its price.
"""

from __future__ import annotations

import re
import struct
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from bidding_docs.capsules import Context
from bidding_docs.codes import BadContent
from bidding_docs.encoding import encode
from govcore.errors import Detail

CONTEXT_MEMBER = "bid-context.json"
PAD_MEMBER = ".pad"
SMALLEST = 65_536
FLAGS = 0x0808  # sizes follow the data; names are UTF-8
LONG = 0xFFFFFFFF
MANY = 0xFFFF
DATE_1980 = 0x0021
MAX_NAME = 1024
MAX_COMPONENT = 255
LOCAL = struct.Struct("<4s5H3L2H")
CENTRAL = struct.Struct("<4s6H3L5H2L")
END = struct.Struct("<4s4H2LH")
END64 = struct.Struct("<4sQ2H2L4Q")
LOCATOR64 = struct.Struct("<4sLQL")
EXTRA64 = struct.Struct("<2H3Q")
TRAILER = struct.Struct("<4s3L")
TRAILER64 = struct.Struct("<4sL2Q")
_ZEROS = bytes(65_536)
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\\]")  # Unicode's classes Cc and Cs, and the backslash


def padme(length: int) -> int:
    """Return the padded length: at most 12 % more, and telling only O(log log length) bits."""
    exponent = length.bit_length() - 1
    mask = (1 << max(0, exponent - exponent.bit_length())) - 1
    return (length + mask) & ~mask


def check_name(name: str) -> None:
    """E_CONTENT unless the name is a relative path that every system can be given safely."""
    raw = name.encode("utf-8", errors="replace")
    components = name.split("/")
    if unicodedata.normalize("NFC", name) != name or len(raw) > MAX_NAME:
        raise BadContent(detail="a file name is too long or not in Unicode's form NFC")
    if _UNSAFE.search(name):
        raise BadContent(detail="a file name has control characters or a backslash")
    if any(part in ("", ".", "..") or len(part.encode()) > MAX_COMPONENT for part in components):
        raise BadContent(detail="a file name is absolute, leads outside its folder or is too long")
    if len(components[0]) > 1 and components[0][1] == ":" and components[0][0].isalpha():
        raise BadContent(detail="a file name starts with a drive letter")


def check_names(names: Sequence[str]) -> None:
    """E_CONTENT unless all names are safe, different, and none is a folder of another."""
    taken = set(names)
    for name in names:
        check_name(name)
        parents = name.split("/")[:-1]
        if any("/".join(parents[:depth]) in taken for depth in range(1, len(parents) + 1)):
            raise BadContent(detail="a name is used for a file and for a folder")
    if len(taken) != len(names):
        raise BadContent(detail="two files have the same name")


@dataclass(frozen=True, slots=True)
class Item:
    """One member: its name, its length, and where its bytes come from (zeros when nowhere)."""

    name: str
    size: int
    source: bytes | Path | None


class PartArchive:
    """A part's archive as a readable stream of known length; files are read once, while it is read."""

    def __init__(self, ctx: Context, files: Sequence[tuple[str, bytes | Path]]) -> None:
        """Lay the archive out; E_CONTENT for names that no reader may accept."""
        named = [(unicodedata.normalize("NFC", name), source) for name, source in files]
        members = [(CONTEXT_MEMBER, encode(ctx)), *named]
        check_names([*(name for name, _ in members), PAD_MEMBER])
        items = [Item(name, _size(source), source) for name, source in members]
        self.length = padme(max(_finished([*items, Item(PAD_MEMBER, 0, None)]), SMALLEST))
        self._items = [*items, Item(PAD_MEMBER, _padding(items, self.length), None)]
        self._pieces = self._write()
        self._rest = memoryview(b"")

    def readinto(self, target: memoryview) -> int:
        """Fill as much of `target` as one piece allows; 0 at the end."""
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        used = min(len(self._rest), len(target))
        target[:used] = self._rest[:used]
        self._rest = self._rest[used:]
        return used

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes, all that is left when negative."""
        wanted = self.length if size < 0 else size
        buffer = memoryview(bytearray(wanted))
        used = 0
        while used < wanted and (got := self.readinto(buffer[used:])):
            used += got
        return bytes(buffer[:used])

    def _write(self) -> Iterator[bytes | memoryview]:
        offset, directory = 0, bytearray()
        for item in self._items:
            name = item.name.encode()
            yield LOCAL.pack(b"PK\x03\x04", 45, FLAGS, 0, 0, DATE_1980, 0, 0, 0, len(name), 0) + name
            crc = 0
            for piece in _bytes_of(item):
                crc = zlib.crc32(piece, crc)
                yield piece
            trailer = TRAILER64 if item.size >= LONG else TRAILER
            yield trailer.pack(b"PK\x07\x08", crc, item.size, item.size)
            directory += _entry(item, crc, offset)
            offset += LOCAL.size + len(name) + item.size + trailer.size
        yield bytes(directory) + _ending(len(self._items), len(directory), offset)


def _size(source: bytes | Path) -> int:
    return source.stat().st_size if isinstance(source, Path) else len(source)


def _padding(items: Sequence[Item], length: int) -> int:
    bare = _finished([*items, Item(PAD_MEMBER, 0, None)])
    # A padding that pushes an offset past 4 GiB makes the directory longer, which the padding then gives back.
    for overhead in (0, END64.size + LOCATOR64.size, EXTRA64.size + END64.size + LOCATOR64.size):
        pad = length - bare - overhead
        if pad >= 0 and _finished([*items, Item(PAD_MEMBER, pad, None)]) == length:
            return pad
    raise BadContent(detail="the part has a length that cannot be padded")


def _finished(items: Sequence[Item]) -> int:
    offset = directory = 0
    for item in items:
        name = len(item.name.encode())
        directory += CENTRAL.size + name + (EXTRA64.size if item.size >= LONG or offset >= LONG else 0)
        offset += LOCAL.size + name + item.size + (TRAILER64 if item.size >= LONG else TRAILER).size
    long = offset >= LONG or directory >= LONG or len(items) >= MANY
    return offset + directory + END.size + (END64.size + LOCATOR64.size if long else 0)


def _entry(item: Item, crc: int, offset: int) -> bytes:
    long = item.size >= LONG or offset >= LONG
    extra = EXTRA64.pack(1, 24, item.size, item.size, offset) if long else b""
    size, place = (LONG, LONG) if long else (item.size, offset)
    name = item.name.encode()
    head = (b"PK\x01\x02", 45, 45, FLAGS, 0, 0, DATE_1980, crc, size, size, len(name), len(extra))
    return CENTRAL.pack(*head, 0, 0, 0, 0, place) + name + extra


def _ending(count: int, size: int, offset: int) -> bytes:
    if offset < LONG and size < LONG and count < MANY:
        return END.pack(b"PK\x05\x06", 0, 0, count, count, size, offset, 0)
    record = END64.pack(b"PK\x06\x06", END64.size - 12, 45, 45, 0, 0, count, count, size, offset)
    locator = LOCATOR64.pack(b"PK\x06\x07", 0, offset + size, 1)
    short = (min(count, MANY), min(count, MANY), min(size, LONG), min(offset, LONG))
    return record + locator + END.pack(b"PK\x05\x06", 0, 0, *short, 0)


def _bytes_of(item: Item) -> Iterator[bytes | memoryview]:
    if isinstance(item.source, bytes):
        yield item.source
    elif item.source is None:
        whole, rest = divmod(item.size, len(_ZEROS))
        for _ in range(whole):
            yield _ZEROS
        yield _ZEROS[:rest]
    else:
        with item.source.open("rb", buffering=0) as stream:
            yield from _file(stream, item)


def _file(stream: BinaryIO, item: Item) -> Iterator[memoryview]:
    buffer = memoryview(bytearray(1024 * 1024))
    left = item.size
    while left:
        got = stream.readinto(buffer[: min(left, len(buffer))])  # type: ignore[attr-defined]
        if not got:
            break
        left -= got
        yield buffer[:got]
    if left or stream.read(1):
        raise BadContent(detail=Detail("{file} changed while it was sealed", file=item.name))
