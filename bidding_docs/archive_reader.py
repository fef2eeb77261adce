"""The strict reader of a part's archive: any second way to read the same bytes is refused with E_CONTENT."""

from __future__ import annotations

import hashlib
import os
import stat
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from bidding_docs.capsules import Context, check_context
from bidding_docs.codes import BadContent, BadSchema
from bidding_docs.content import (
    CENTRAL,
    CONTEXT_MEMBER,
    END,
    END64,
    LOCAL,
    LOCATOR64,
    LONG,
    MANY,
    PAD_MEMBER,
    SMALLEST,
    TRAILER,
    TRAILER64,
    check_names,
    padme,
)
from bidding_docs.encoding import decode

_UTF8 = 0x0800
_SIZES_FOLLOW = 0x0008
_BLOCK = 1024 * 1024
_MAX_DIRECTORY = 64 * 1024 * 1024
_MAX_CONTEXT = 4096


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the archive; `start` is where its bytes begin."""

    name: str
    size: int
    crc: int
    start: int


@dataclass(frozen=True, slots=True)
class Extracted:
    """A file that was written out, with the path relative to the folder given."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    raw: bytes
    flags: int
    crc: int
    size: int
    offset: int
    fields: tuple[int, ...]


def read_archive(stream: BinaryIO, *, ctx: Context) -> list[Member]:
    """Check the whole archive and return the bidder's files; E_CONTENT or E_CTX_MISMATCH."""
    members = _listed(stream, ctx)
    for member in members:
        _check_bytes(stream, member)
    return members[1:-1]


def list_files(stream: BinaryIO, *, ctx: Context) -> list[Member]:
    """The bidder's files of an archive that was checked before: structure and context are, their bytes are not."""
    return _listed(stream, ctx)[1:-1]


def _listed(stream: BinaryIO, ctx: Context) -> list[Member]:
    length = stream.seek(0, os.SEEK_END)
    start, count, size = _ending(stream, length)
    entries = list(_directory(_at(stream, start, size), count))
    check_names([entry.name for entry in entries])
    members = _members(stream, entries, start)
    if len(members) < 2 or members[0].name != CONTEXT_MEMBER or members[-1].name != PAD_MEMBER:
        raise BadContent(detail="the archive does not begin with its context and end with its padding")
    if padme(max(length - members[-1].size, SMALLEST)) != length:
        raise BadContent(detail="the padding has the wrong length")
    _check_context(stream, members[0], ctx)
    return members


def read_member(stream: BinaryIO, member: Member) -> bytes:
    """Return one small file of a checked archive."""
    return _at(stream, member.start, member.size)


def extract(stream: BinaryIO, members: list[Member], folder: Path) -> list[Extracted]:
    """Write the files of a checked archive below `folder`; FileExistsError unless it is new or empty."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(folder)
    written = []
    for member in members:
        target = folder.joinpath(*member.name.split("/"))
        target.parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        with target.open("xb") as out:
            for block in _blocks(stream, member):
                digest.update(block)
                out.write(block)
        written.append(Extracted(member.name, member.size, digest.hexdigest()))
    return written


def _at(stream: BinaryIO, start: int, size: int) -> bytes:
    stream.seek(start)
    data = stream.read(size)
    if start < 0 or len(data) != size:
        raise BadContent(detail="the archive is cut off")
    return data


def _ending(stream: BinaryIO, length: int) -> tuple[int, int, int]:
    """Return the directory's place, its number of entries and its size, which must reach to the end records."""
    if length < END.size:
        raise BadContent(detail="not an archive")
    last = END.unpack(_at(stream, length - END.size, END.size))
    mark, *disks, count, total, size, start, comment = last
    if mark != b"PK\x05\x06" or any(disks) or comment or count != total:
        raise BadContent(detail="the archive does not end with a plain end record")
    end = length - END.size
    if MANY in (count, total) or LONG in (size, start):
        end -= END64.size + LOCATOR64.size
        start, count, size = _long_ending(stream, end)
    if start + size != end or size > _MAX_DIRECTORY:
        raise BadContent(detail="the directory does not lie before the end record")
    return start, count, size


def _long_ending(stream: BinaryIO, place: int) -> tuple[int, int, int]:
    if place < 0:
        raise BadContent(detail="the archive is cut off")
    mark, own, _, _, disk, first, count, total, size, start = END64.unpack(_at(stream, place, END64.size))
    locator = LOCATOR64.unpack(_at(stream, place + END64.size, LOCATOR64.size))
    plain = mark == b"PK\x06\x06" and own == END64.size - 12 and not disk and not first and count == total
    if not plain or locator != (b"PK\x06\x07", 0, place, 1):
        raise BadContent(detail="the long end record is damaged")
    return start, count, size


def _directory(data: bytes, count: int) -> Iterator[_Entry]:
    place = 0
    for _ in range(count):
        if len(data) - place < CENTRAL.size:
            raise BadContent(detail="the directory is cut off")
        mark, *head = CENTRAL.unpack_from(data, place)
        place += CENTRAL.size
        named, extra, comment = head[9], head[10], head[11]
        raw = data[place : place + named]
        tail = data[place + named : place + named + extra]
        place += named + extra
        if mark != b"PK\x01\x02" or comment or place > len(data):
            raise BadContent(detail="a directory entry is damaged or has a comment")
        yield _entry(head, raw, tail)
    if place != len(data):
        raise BadContent(detail="the directory has more than its entries")


def _entry(head: list[int], raw: bytes, extra: bytes) -> _Entry:
    flags, method, crc = head[2], head[3], head[6]
    size, disk, kind, offset = head[8], head[12], head[14] >> 16, head[15]
    if method or head[7] != size or disk or flags & ~(_UTF8 | _SIZES_FOLLOW) or head[1] > 45:
        raise BadContent(detail="a member is compressed, encrypted or in an unknown form")
    if kind and not stat.S_ISREG(kind) and stat.S_IFMT(kind):
        raise BadContent(detail="a member is not a plain file")
    size, offset = _long(extra, size, offset)
    try:
        name = raw.decode("utf-8" if flags & _UTF8 else "ascii")
    except UnicodeDecodeError:
        raise BadContent(detail="a file name is not UTF-8") from None
    return _Entry(name, raw, flags, crc, size, offset, (head[4], head[5]))


def _long(extra: bytes, size: int, offset: int) -> tuple[int, int]:
    """Read sizes above 4 GiB; every other extra field could give the member a second truth."""
    if not extra and LONG not in (size, offset):
        return size, offset
    wanted = (2 if size == LONG else 0) + (offset == LONG)
    if not wanted or len(extra) != 4 + 8 * wanted or extra[:4] != struct.pack("<2H", 1, 8 * wanted):
        raise BadContent(detail="a member has an unknown extra field")
    values = list(struct.unpack(f"<{wanted}Q", extra[4:]))
    if size == LONG:
        packed, size = values.pop(0), values.pop(0)
        if packed != size:
            raise BadContent(detail="a member has two sizes")
    return size, values.pop() if values else offset


def _members(stream: BinaryIO, entries: list[_Entry], directory: int) -> list[Member]:
    members, place = [], 0
    for position, entry in enumerate(entries):
        following = entries[position + 1].offset if position + 1 < len(entries) else directory
        if entry.offset != place or following <= place:
            raise BadContent(detail="members do not follow each other in the directory's order")
        members.append(_member(stream, entry, following))
        place = following
    return members


def _member(stream: BinaryIO, entry: _Entry, end: int) -> Member:
    mark, _, flags, method, time, date, crc, packed, size, named, extra = LOCAL.unpack(
        _at(stream, entry.offset, LOCAL.size)
    )
    raw = _at(stream, entry.offset + LOCAL.size, named)
    start = entry.offset + LOCAL.size + named
    later = bool(entry.flags & _SIZES_FOLLOW)
    same = (flags, method, (time, date), raw) == (entry.flags, 0, entry.fields, entry.raw)
    told = (crc, packed, size)
    agreed = (entry.crc, entry.size, entry.size)
    if mark != b"PK\x03\x04" or not same or extra or (told != agreed and not (later and told == (0, 0, 0))):
        raise BadContent(detail="a member's header and the directory disagree")
    gap = end - start - entry.size
    rest = _at(stream, start + entry.size, gap) if 0 <= gap <= TRAILER64.size else b"?"
    if rest not in (_trailers(entry) if later else (b"",)):
        raise BadContent(detail="there are bytes between the members")
    return Member(entry.name, entry.size, entry.crc, start)


def _trailers(entry: _Entry) -> tuple[bytes, ...]:
    long = TRAILER64.pack(b"PK\x07\x08", entry.crc, entry.size, entry.size)
    if entry.size >= LONG:
        return (long,)
    return (TRAILER.pack(b"PK\x07\x08", entry.crc, entry.size, entry.size), long)


def _blocks(stream: BinaryIO, member: Member) -> Iterator[bytes]:
    stream.seek(member.start)
    left = member.size
    while left:
        block = stream.read(min(left, _BLOCK))
        if not block:
            raise BadContent(detail="the archive is cut off")
        left -= len(block)
        yield block


def _check_bytes(stream: BinaryIO, member: Member) -> None:
    crc = 0
    for block in _blocks(stream, member):
        crc = zlib.crc32(block, crc)
        if member.name == PAD_MEMBER and block != bytes(len(block)):
            raise BadContent(detail="the padding is not empty")
    if crc != member.crc:
        raise BadContent(detail="a member's checksum is wrong")


def _check_context(stream: BinaryIO, member: Member, ctx: Context) -> None:
    if member.size > _MAX_CONTEXT:
        raise BadContent(detail="the context is too long")
    try:
        found = decode(read_member(stream, member), Context)
    except BadSchema:
        raise BadContent(detail="the context is not of the documented form") from None
    check_context(found, ctx)
