"""Pieces of a file, as browsers ask for them (RFC 9110, section 14)."""

from __future__ import annotations

import re

from govcore.errors import Problem

_ONE = re.compile(r"bytes=(\d*)-(\d*)")


class RangeOutside(Problem):
    code = "E_RANGE"
    status = 416
    text = "The file has no bytes there."


def piece_of(header: str, size: int) -> tuple[int, int] | None:
    """Where the piece begins and how long it is; nothing for what is no single range, which asks for the whole file.

    Raise `RangeOutside` when nothing of the piece is in the file.
    """
    told = _ONE.fullmatch(header.replace(" ", ""))
    if told is None or told.groups() == ("", ""):
        return None
    first, last = told.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last) + 1, size) if first and last else size
    if first and last and int(last) < start:
        return None
    if start >= end:
        raise RangeOutside
    return start, end - start
