"""Files that leave the platform: always as attachments, named safely, known by their SHA-256."""

from __future__ import annotations

import csv
import mimetypes
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import StringIO
from urllib.parse import quote

from litestar import Response
from litestar.response import Stream

from govcore.web.rendering import AnyRequest


def download(
    request: AnyRequest, chunks: Callable[[], Iterator[bytes]], *, name: str, sha256: str, size: int
) -> Response[None] | Stream:
    """Send a file that never changes under its hash; whoever has it already gets 304 and nothing is read."""
    tag = f'"{sha256}"'
    if tag in [
        known.strip().removeprefix("W/") for known in request.headers.get("if-none-match", "").split(",")
    ]:
        return Response(None, status_code=304, headers={"etag": tag})
    headers = {
        "content-disposition": disposition(name),
        "content-length": str(size),
        "etag": tag,
        "cache-control": "private, no-cache",
    }
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Stream(chunks(), headers=headers, media_type=kind)


def table(name: str, rows: Iterable[Sequence[object]]) -> Response[bytes]:
    """Rows as CSV that spreadsheets read as UTF-8, and never as formulas."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerows([[_inert(cell) for cell in row] for row in rows])
    headers = {"content-disposition": disposition(name), "cache-control": "private, no-cache"}
    return Response(out.getvalue().encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)


def _inert(cell: object) -> str:
    """A cell that a spreadsheet would calculate becomes text."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def disposition(name: str) -> str:
    """`attachment` with the name twice: for old readers without what could end a header, and exact (RFC 6266)."""
    plain = "".join(
        letter if (letter.isascii() and letter.isalnum()) or letter in "-_." else "_" for letter in name
    )
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
