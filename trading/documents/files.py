"""Which files documents may have: endings that bidders can open, with the content that the ending says."""

from __future__ import annotations

from govcore.errors import Problem

FILE_LIMIT = 64 << 20
"""Bytes of one file of the documents."""

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
BEGINNINGS: dict[str, tuple[bytes, ...]] = {
    "pdf": (b"%PDF-",),
    "ofd": (_ZIP,),
    "xlsx": (_ZIP,),
    "docx": (_ZIP,),
    "zip": (_ZIP,),
    "xls": (_OLE,),
    "doc": (_OLE,),
    "dwg": (b"AC10",),
    "jpg": (b"\xff\xd8\xff",),
    "png": (b"\x89PNG\r\n\x1a\n",),
}
"""The first bytes of each kind of file, by its ending."""


class FileKindRefused(Problem):
    code = "E_FILE_KIND"
    status = 422
    text = "The documents take files of these kinds: {kinds}."


class FileNotItsKind(Problem):
    code = "E_FILE_CONTENT"
    status = 422
    text = "The file is called .{ending} and is none: its content is of another kind."


class FileTooLarge(Problem):
    code = "E_FILE_SIZE"
    status = 422
    text = "The file is empty or larger than 64 MiB."


class FileNameRefused(Problem):
    code = "E_FILE_NAME"
    status = 422
    text = "A file's name has 1 to 120 characters without slashes and control characters."


def check_file(name: str, content: bytes) -> None:
    """Raise unless the file has a fitting name and size, a known ending, and begins as that ending says."""
    if not 1 <= len(name) <= 120 or any(sign in "/\\" or not sign.isprintable() for sign in name):
        raise FileNameRefused
    if not 0 < len(content) <= FILE_LIMIT:
        raise FileTooLarge
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if ending not in BEGINNINGS:
        raise FileKindRefused(kinds=", ".join(BEGINNINGS))
    if not content.startswith(BEGINNINGS[ending]):
        raise FileNotItsKind(ending=ending)
