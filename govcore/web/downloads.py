"""Files that leave the platform: always as attachments, named safely, known by their SHA-256."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Iterable, Iterator, Sequence
from urllib.parse import quote

from litestar import Response
from litestar.response import Stream

from govcore.sheets import MEDIA_TYPE, Value, xlsx
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


def spreadsheet(name: str, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> Response[bytes]:
    """Rows as an XLSX file of this name."""
    headers = {"content-disposition": disposition(f"{name}.xlsx"), "cache-control": "private, no-cache"}
    return Response(xlsx(name, columns, rows), media_type=MEDIA_TYPE, headers=headers)


def disposition(name: str) -> str:
    """`attachment` with the name twice: for old readers without what could end a header, and exact (RFC 6266)."""
    plain = "".join(
        letter if (letter.isascii() and letter.isalnum()) or letter in "-_." else "_" for letter in name
    )
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
