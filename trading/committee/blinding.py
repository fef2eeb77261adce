"""A PDF without its makers: a derived copy of the pages alone, for technical parts that are judged blind (暗标)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO, BinaryIO

from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    EncodedStreamObject,
    IndirectObject,
    NameObject,
    PdfObject,
    StreamObject,
)

from govcore import confined
from govcore.confined import Limits
from govcore.errors import Problem

KEPT = frozenset(
    {"/Type", "/Resources", "/MediaBox", "/CropBox", "/Rotate", "/Contents", "/Parent", "/UserUnit"}
)
"""What a page keeps: what it shows. Annotations, thumbnails, structure, actions and private data stay behind."""

DROPPED = frozenset(
    {"/Metadata", "/PieceInfo", "/LastModified", "/Thumb", "/OPI", "/Alternates", "/Ref", "/AF"}
)
"""What is taken out of everything that a page shows, however deep."""

MEMORY, SECONDS = 256 << 20, 20
"""What making a copy may take of bytes and of seconds where the file is small; large ones are given more.

A scanned plan takes twice its size in memory and, where its pictures are written in letters, a second for each 9 MB.
"""

_START, _SCAN, _END = b"\xff\xd8", 0xDA, 0xD9
_SAID_BY_CAMERAS = frozenset({0xE1, 0xED, 0xFE})  # Exif and XMP, Photoshop's, comments


class NotBlind(Problem):
    code = "E_BLIND_FILE"
    text = "This file cannot be shown without telling who made it: in a blind part only plain PDF files can be read."


def blind_copy(original: Iterable[bytes], *, size: int) -> bytes:
    """The pages of a PDF and nothing else of it, always the same bytes, made in a child process.

    Raise `NotBlind` for what is no plain PDF, and `TooMuch` for one that takes more than its size in bytes allows.
    """
    limits = Limits(memory=MEMORY + 4 * size, seconds=SECONDS + (size >> 22), answer=MEMORY + 2 * size)
    with confined.as_file(original) as source:
        return confined.run(copy_pages, source, limits=limits, refusals=[NotBlind]).whole()


def copy_pages(source: BinaryIO, out: IO[bytes]) -> None:
    """Write the copy; what the child does."""
    try:
        reader = PdfReader(source, strict=False)
        if reader.is_encrypted:
            raise NotBlind
        writer, seen = PdfWriter(), set[int]()
        for page in reader.pages:
            _strip_page(page)  # before it is copied: what the copy never held cannot be found in it
            _strip(page, seen)
            writer.add_page(page)
        writer.metadata = None
        writer.write(out)
    except (PyPdfError, ValueError, LookupError, RecursionError, AttributeError, TypeError) as error:
        # pypdf raises all of these for files that are broken
        raise NotBlind from error


def _strip_page(page: PageObject) -> None:
    for key in [key for key in page if key not in KEPT]:
        del page[key]


def _strip(value: PdfObject | None, seen: set[int]) -> None:
    """Take what names makers out of an object and of all that it holds."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, IndirectObject):
            if one.idnum in seen:
                continue
            seen.add(one.idnum)
            one = one.get_object()
        if isinstance(one, DictionaryObject):
            for key in DROPPED & one.keys():
                del one[key]
            if isinstance(one, StreamObject):
                _strip_picture(one)
            waiting += [held for key, held in dict.items(one) if key != "/Parent"]
        elif isinstance(one, ArrayObject):
            waiting += list(one)


def _strip_picture(stream: StreamObject) -> None:
    """A JPEG picture keeps its pixels and loses what cameras and programs wrote into it; JPEG 2000 is refused."""
    named = stream.get("/Filter", ArrayObject())
    filters = list(named) if isinstance(named, ArrayObject) else [named]
    if "/JPXDecode" in filters:
        raise NotBlind
    if "/DCTDecode" not in filters:
        return
    wrapped = EncodedStreamObject()
    wrapped.update({NameObject("/Filter"): ArrayObject(filters[:-1])})
    wrapped._data = stream._data
    stream._data = plain_jpeg(wrapped.get_data() if filters[:-1] else stream._data)
    stream[NameObject("/Filter")] = NameObject("/DCTDecode")
    stream.pop("/DecodeParms", None)


def plain_jpeg(data: bytes) -> bytes:
    """A JPEG without Exif, XMP, Photoshop's data and comments; raise `ValueError` when its segments cannot be read."""
    if data[:2] != _START:
        raise ValueError("no JPEG")
    kept, at = [_START], 2
    while True:
        if data[at] != 0xFF:
            raise ValueError("no segment")
        kind = data[at + 1]
        if kind in (_SCAN, _END):
            end = data.rfind(bytes((0xFF, _END)))
            return b"".join(kept) + data[at : end + 2 if end > at else None]
        size = int.from_bytes(data[at + 2 : at + 4])
        if kind not in _SAID_BY_CAMERAS:
            kept.append(data[at : at + 2 + size])
        at += 2 + size
