"""What a file is by its content, and what in it acts: told to who reads it, never a reason to reject a bid."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from enum import StrEnum
from mmap import mmap

from trading.documents.files import BEGINNINGS

HEAD = 1024
TAIL = 66_000
"""The last record of a ZIP lies so near to the end."""
INFLATED = 4 << 20
MOST_INFLATED = 64 << 20
"""Bytes that are unpacked of one object stream of a PDF, and of all of them."""


class Remark(StrEnum):
    """What readers should know of a file."""

    OTHER_KIND = "other_kind"
    PROGRAM = "program"
    TWO_KINDS = "two_kinds"
    SCRIPT = "script"
    LAUNCHES = "launches"
    EMBEDS = "embeds"
    MACROS = "macros"
    ENCRYPTED = "encrypted"


_PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe")
_ZIP_END = b"PK\x05\x06"
_SPACE = rb"[\0\t\n\f\r ()<>\[\]{}/%]"


def _name(text: str) -> bytes:
    """A PDF name, each of whose letters may be written as its number (ISO 32000-1, 7.3.5)."""
    letters = b"".join(b"(?:%c|#%02x|#%02X)" % (one, one, one) for one in text.encode())
    return b"/" + letters + b"(?=" + _SPACE + b")"


_ACTS = {
    Remark.SCRIPT: re.compile(_name("JavaScript")),
    Remark.LAUNCHES: re.compile(_name("Launch")),
    Remark.EMBEDS: re.compile(_name("EmbeddedFile") + b"|" + _name("EmbeddedFiles")),
    Remark.ENCRYPTED: re.compile(_name("Encrypt")),
}
_OBJECT_STREAM = re.compile(_name("ObjStm") + rb"[^\0]{0,500}?stream\r?\n")


def remarks(name: str, data: mmap, start: int, size: int) -> list[Remark]:
    """What to tell about the file that lies at a place of some mapped bytes."""
    end, ending = start + size, name.rpartition(".")[2].lower()
    head, found = data[start : min(end, start + HEAD)], set[Remark]()
    if not head.startswith(BEGINNINGS.get(ending, ())) and ending in BEGINNINGS:
        found.add(Remark.OTHER_KIND)
    if head.startswith(_PROGRAMS):
        found.add(Remark.PROGRAM)
    is_pdf = b"%PDF-" in head
    is_zip = data.rfind(_ZIP_END, max(start, end - TAIL), end) >= 0
    if is_pdf and (is_zip or not head.startswith(b"%PDF-")):
        found.add(Remark.TWO_KINDS)
    if is_pdf:
        found |= _acts(data, start, end)
    if is_zip and data.find(b"vbaProject.bin", start, end) >= 0:
        found.add(Remark.MACROS)
    return sorted(found, key=list(Remark).index)


def _acts(data: mmap, start: int, end: int) -> set[Remark]:
    """What a PDF does when it is opened, as its objects say, those in compressed streams included."""
    found = {remark for remark, pattern in _ACTS.items() if pattern.search(data, start, end)}
    for packed in _object_streams(data, start, end):
        found |= {remark for remark, pattern in _ACTS.items() if pattern.search(packed)}
    return found


def _object_streams(data: mmap, start: int, end: int) -> Iterator[bytes]:
    left = MOST_INFLATED
    for place in _OBJECT_STREAM.finditer(data, start, end):
        if left <= 0:
            return
        try:
            inflated = zlib.decompressobj().decompress(
                data[place.end() : min(end, place.end() + 2 * INFLATED)], INFLATED
            )
        except zlib.error:
            continue
        left -= len(inflated)
        yield inflated
