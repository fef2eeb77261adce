"""Every file that comes in a form goes to the scanner before anything else sees it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from litestar.concurrency import sync_to_thread
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType

from govcore.scanner import PIECE, HarmfulFile, Scanner
from govcore.web.rendering import AnyRequest


async def scan_uploads(request: AnyRequest) -> None:
    """Raise `HarmfulFile` or the scanner's refusals for a file that is not clean; nothing without a scanner."""
    scanner: Scanner | None = request.app.state.platform.scanner
    if scanner is None or request.content_type[0] != RequestEncodingType.MULTI_PART:
        return
    for given in (await request.form()).values():
        for one in given if isinstance(given, list) else [given]:
            if isinstance(one, UploadFile):
                await sync_to_thread(_check, scanner, one.filename, one.file)


def _check(scanner: Scanner, name: str, file: IO[bytes]) -> None:
    file.seek(0)
    found = scanner.scan(_pieces(file))
    file.seek(0)
    if found is not None:
        raise HarmfulFile(name=name, found=found)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece
