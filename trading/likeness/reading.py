"""Read what a bid's files tell of their making, confined to a child process: bidders' files meet parsers there.

The child has the archive; each file is one line of JSON as soon as it was read. Where one file ends the child, the
next child goes on behind it.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import IO, BinaryIO

import msgspec
from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import DictionaryObject, IndirectObject, StreamObject

from govcore.confined import Limits, run
from trading.likeness.passages import plain
from trading.likeness.policy import FileFacts

LIMITS = Limits()
MOST_ENDED = 3
"""After so many children that a part's files ended, the rest of the part is left unread."""
PAGES = 500
"""So many pages of a PDF are read for their text and pictures."""
LETTERS = 400_000
"""So many letters of a file are kept."""
LETTERS_OF_PART = 1_000_000
"""And so many of all files of a part, those that come first."""
XML = 16 << 20
"""An XML file in a package is read up to so many bytes."""
LEAST_FILE = 1024
LEAST_PICTURE = 4096
"""Smaller files are empty forms, smaller pictures bullets and lines: both are equal by chance."""

_SUBSET = re.compile(r"/[A-Z]{6}\+")
_PDF_DATE = re.compile(r"^D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)")
_DOCUMENT_ID = re.compile(rb"""xmpMM:DocumentID(?:>|=["'])([^<"']{8,200})""")
_FAULTS = (
    PyPdfError,
    zipfile.BadZipFile,
    ValueError,
    LookupError,
    AttributeError,
    TypeError,
    RecursionError,
    NotImplementedError,
    OSError,
    MemoryError,
    EOFError,
    zlib.error,
)
"""What pypdf and zipfile raise for files that are broken."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Where a file lies in the archive, and its ending in small letters."""

    start: int
    size: int
    ending: str


def read_files(archive: BinaryIO, pieces: Sequence[Piece]) -> list[FileFacts | None]:
    """What each file tells, in the order given; nothing for one at which a child came to its end.

    `archive` is a file with a descriptor.
    """
    found: list[FileFacts | None] = []
    ended = 0
    while len(found) < len(pieces) and ended < MOST_ENDED:
        found += _run(archive, pieces[len(found) :])
        if len(found) < len(pieces):
            found.append(None)
            ended += 1
    return found + [None] * (len(pieces) - len(found))


def _run(archive: BinaryIO, pieces: Sequence[Piece]) -> list[FileFacts]:
    """One child's answers, as far as it came."""
    said = run(tell_files, archive, msgspec.json.encode(pieces).decode(), limits=LIMITS).said
    whole = said[: said.rfind(b"\n") + 1]
    return [msgspec.json.decode(line, type=FileFacts) for line in whole.splitlines()]


def tell_files(archive: BinaryIO, out: IO[bytes], pieces: str) -> None:
    """What the child does: one line for each file."""
    left = LETTERS_OF_PART
    for piece in msgspec.json.decode(pieces, type=list[Piece]):
        facts = _facts(Window(archive, piece.start, piece.size), piece.ending)
        if len(facts.text) > left:
            facts = replace(facts, text=facts.text[:left], cut=True)
        left -= len(facts.text)
        out.write(msgspec.json.encode(facts) + b"\n")
        out.flush()


class Window(io.RawIOBase):
    """One file of an archive as a file of its own."""

    def __init__(self, archive: BinaryIO, start: int, size: int) -> None:
        self._archive, self._start, self.size, self._at = archive, start, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        if base + offset < 0:
            raise ValueError("before the beginning")
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, target: bytearray | memoryview) -> int:  # type: ignore[override]
        self._archive.seek(self._start + self._at)
        block = self._archive.read(max(0, min(len(target), self.size - self._at)))
        target[: len(block)] = block
        self._at += len(block)
        return len(block)


def _facts(window: Window, ending: str) -> FileFacts:
    file = io.BufferedReader(window)
    sha256 = hashlib.file_digest(file, "sha256").hexdigest() if window.size >= LEAST_FILE else ""
    facts, reader = FileFacts(sha256=sha256), _READERS.get(ending)
    if reader is None:
        return facts
    file.seek(0)
    try:
        return replace(reader(file), sha256=sha256)
    except _FAULTS:
        return replace(facts, cut=True)


def _pdf(file: IO[bytes]) -> FileFacts:
    reader = PdfReader(file, strict=False)
    if reader.is_encrypted:
        return FileFacts(cut=True)
    said: Mapping[str, object] = reader.metadata or {}
    origins = [value.hex() for value in _first_id(reader)]
    pictures, fonts, text, letters, cut = set[str](), set[str](), list[str](), 0, False
    try:
        if isinstance(xmp := reader.root_object.get("/Metadata"), IndirectObject):
            stream = xmp.get_object()
            if isinstance(stream, StreamObject):
                origins += [one.decode("utf-8", "replace") for one in _DOCUMENT_ID.findall(stream.get_data())]
    except _FAULTS:
        cut = True
    for n, page in enumerate(reader.pages):
        if n == PAGES or letters >= LETTERS:
            cut = True
            break
        try:
            _resources(page.get("/Resources"), pictures, fonts)
        except _FAULTS:
            cut = True
        try:
            text.append(plain(page.extract_text()))
            letters += len(text[-1])
        except _FAULTS:
            cut = True
    return FileFacts(
        authors=_some([str(said.get("/Author", ""))]),
        moment=_PDF_DATE.sub(r"\1-\2-\3 \4:\5:\6 ", str(said.get("/CreationDate", ""))).strip(),
        origins=_some(origins),
        pictures=tuple(sorted(pictures)),
        fonts=tuple(sorted(fonts)),
        text="".join(text)[:LETTERS],
        cut=cut,
    )


def _first_id(reader: PdfReader) -> list[bytes]:
    """The identifier that a PDF keeps through all its versions."""
    ids = reader.trailer.get("/ID")
    ids = ids.get_object() if ids is not None else []
    return [bytes(one.original_bytes) for one in list(ids)[:1]]


def _resources(held: object, pictures: set[str], fonts: set[str]) -> None:
    """Hash the embedded pictures and the subsets of fonts that a page draws on."""
    resources = held.get_object() if isinstance(held, IndirectObject) else held
    if not isinstance(resources, DictionaryObject):
        return
    for one in _values(resources.get("/XObject")):
        if (
            isinstance(one, StreamObject)
            and one.get("/Subtype") == "/Image"
            and len(one._data) >= LEAST_PICTURE
        ):
            pictures.add(hashlib.sha256(one._data).hexdigest())
    for font in _values(resources.get("/Font")):
        for face in [font, *_values(font.get("/DescendantFonts"))]:
            descriptor = face.get("/FontDescriptor")
            if descriptor is None or not _SUBSET.match(str(face.get("/BaseFont", ""))):
                continue
            for key in ("/FontFile", "/FontFile2", "/FontFile3"):
                program = descriptor.get_object().get(key)
                if program is not None:
                    fonts.add(hashlib.sha256(program.get_object()._data).hexdigest())


def _values(held: object) -> Iterator[DictionaryObject]:
    """The dictionaries in a dictionary or list, whether they lie in it or are named by it."""
    inner = held.get_object() if isinstance(held, IndirectObject) else held
    values: Iterable[object] = ()
    if isinstance(inner, DictionaryObject):
        values = [inner[key] for key in inner]
    elif isinstance(inner, list):
        values = list(inner)
    for value in values:
        found = value.get_object() if isinstance(value, IndirectObject) else value
        if isinstance(found, DictionaryObject):
            yield found


def _office(file: IO[bytes]) -> FileFacts:
    """A Word or Excel file: its properties, its text, its pictures."""
    with zipfile.ZipFile(file) as package:
        core, app = _member(package, "docProps/core.xml"), _member(package, "docProps/app.xml")
        body = _member(package, "word/document.xml") or _member(package, "xl/sharedStrings.xml")
        large = any(one.file_size > XML for one in package.infolist() if one.filename.endswith(".xml"))
        pictures = {
            hashlib.sha256(package.read(one)).hexdigest()
            for one in package.infolist()
            if "/media/" in one.filename and LEAST_PICTURE <= one.file_size <= XML
        }
    text = plain("".join(re.findall(r"<(?:w:)?t(?: [^>]*)?>([^<]*)<", body)))
    return FileFacts(
        authors=_some(
            [*_tags(core, "dc:creator"), *_tags(core, "cp:lastModifiedBy"), *_tags(app, "Company")]
        ),
        moment="".join(_tags(core, "dcterms:created")),
        pictures=tuple(sorted(pictures)),
        text=text[:LETTERS],
        cut=len(text) > LETTERS or large,
    )


def _ofd(file: IO[bytes]) -> FileFacts:
    """A fixed-layout document (GB/T 33190): what its root says of who made it."""
    with zipfile.ZipFile(file) as package:
        root = _member(package, "OFD.xml")
        text = "".join(
            "".join(_tags(_member(package, one.filename), "ofd:TextCode"))
            for one in package.infolist()[:PAGES]
            if one.filename.endswith("Content.xml")
        )
    return FileFacts(
        authors=_some(_tags(root, "ofd:Author")),
        origins=_some(_tags(root, "ofd:DocID")),
        text=plain(text)[:LETTERS],
        cut=len(text) > LETTERS,
    )


def _member(package: zipfile.ZipFile, name: str) -> str:
    """A file of a package as text, up to its limit; empty where there is none."""
    if name not in package.namelist():
        return ""
    with package.open(name) as member:
        return member.read(XML).decode("utf-8", "replace")


def _tags(xml: str, name: str) -> list[str]:
    """What stands between the tags of a name; entities stay as they are written."""
    return re.findall(rf"<{name}(?: [^>]*)?>([^<]*)</{name}>", xml)


def _some(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.strip()[:200] for one in values if one.strip()))


def _text(file: IO[bytes]) -> FileFacts:
    raw = file.read(4 * LETTERS)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("gb18030", "replace")
    return FileFacts(text=plain(text)[:LETTERS], cut=len(raw) == 4 * LETTERS)


_READERS = {"pdf": _pdf, "docx": _office, "xlsx": _office, "ofd": _ofd, "txt": _text}
