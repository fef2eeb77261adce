"""A stored ZIP whose every byte follows from its members: made in one pass, and held against a file the same way."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

UTF8 = 0x0800
DATE_1980 = 0x0021
LONG = 0xFFFFFFFF
MANY = 0xFFFF
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR64 = struct.Struct("<4sLQL")
_VERSION = 45


@dataclass(frozen=True, slots=True)
class Member:
    """A file of the package: its path, length and CRC-32, known before its first byte is sent."""

    path: str
    size: int
    crc: int


Content = Callable[[Member], Iterator[bytes]]


def archive(members: Sequence[Member], content: Content) -> Iterator[bytes]:
    """The bytes of the ZIP: no compression, no times, members in their order; holds one piece at a time."""
    offset, directory = 0, bytearray()
    for member in members:
        head = _head(member)
        yield head
        yield from content(member)
        directory += _entry(member, offset)
        offset += len(head) + member.size
    yield bytes(directory) + _ending(len(members), len(directory), offset)


def _head(member: Member) -> bytes:
    name, extra = member.path.encode(), b""
    size = member.size
    if size >= LONG:
        extra, size = struct.pack("<2H2Q", 1, 16, member.size, member.size), LONG
    fixed = _LOCAL.pack(
        b"PK\x03\x04", _VERSION, UTF8, 0, 0, DATE_1980, member.crc, size, size, len(name), len(extra)
    )
    return fixed + name + extra


def _entry(member: Member, offset: int) -> bytes:
    name, long = member.path.encode(), b""
    size, place = member.size, offset
    if size >= LONG:
        long, size = struct.pack("<2Q", member.size, member.size), LONG
    if place >= LONG:
        long, place = long + struct.pack("<Q", offset), LONG
    extra = struct.pack("<2H", 1, len(long)) + long if long else b""
    fixed = _CENTRAL.pack(
        b"PK\x01\x02",
        _VERSION,
        _VERSION,
        UTF8,
        0,
        0,
        DATE_1980,
        member.crc,
        size,
        size,
        len(name),
        len(extra),
        0,
        0,
        0,
        0,
        place,
    )
    return fixed + name + extra


def _ending(count: int, length: int, offset: int) -> bytes:
    short = _END.pack(
        b"PK\x05\x06", 0, 0, min(count, MANY), min(count, MANY), min(length, LONG), min(offset, LONG), 0
    )
    if count < MANY and length < LONG and offset < LONG:
        return short
    long = _END64.pack(b"PK\x06\x06", 44, _VERSION, _VERSION, 0, 0, count, count, length, offset)
    return long + _LOCATOR64.pack(b"PK\x06\x07", 0, offset + length, 1) + short
