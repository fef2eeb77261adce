"""How a bid states its price, as a person types it or copies it from a spreadsheet: read into opening/1's statement."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from govcore.errors import Problem

LINES_MAX = 5000
_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,6})?", re.ASCII)
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
Rows = Mapping[int, Mapping[str, str | None]]
_COMMA = re.compile(r"(?<=\d),(?=\d{3})")


class BadStatement(Problem):
    code = "E_STATEMENT"
    status = 422
    text = "Row {line} here is not of the form that is asked for."


class BadAmount(Problem):
    code = "E_STATEMENT_AMOUNT"
    status = 422
    text = "This is not an amount in yuan with at most six decimals."


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What was typed: amounts in yuan, sections and lines one in each row."""

    words: str = ""
    other: str = ""
    sections: str = ""
    lines: str = ""


def yuan(fen: int) -> str:
    """Fen as a plain decimal of yuan."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def read_statement(typed: Typed, *, figures: str) -> dict[str, Any]:
    """The statement of opening/1; raise `BadAmount` or `BadStatement`, which names the field and the row."""
    sections = {
        row: {"id": cells[0], "total": cells[1]}
        for row, cells in _rows("sections", typed.sections, ids=1, numbers=1)
    }
    lines = {
        row: dict(zip(("id", "section", "quantity", "unit", "total"), cells, strict=True))
        for row, cells in _rows("lines", typed.lines, ids=2, numbers=3)
    }
    _check_places(sections, lines)
    return {
        "words": _amount("words", typed.words),
        "figures": figures,
        "other": _amount("other", typed.other),
        "sections": list(sections.values()),
        "lines": list(lines.values()),
    }


def _amount(field: str, text: str) -> str | None:
    plain = _COMMA.sub("", text.strip())
    if not plain:
        return None
    if not _NUMBER.fullmatch(plain):
        raise BadAmount(field=field)
    return plain


def _rows(field: str, text: str, *, ids: int, numbers: int) -> Iterator[tuple[int, list[str | None]]]:
    """The number and the cells of each row that is not empty; tabs, semicolons or vertical bars part cells."""
    rows = [(n, row) for n, row in enumerate(text.splitlines(), start=1) if row.strip()]
    if len(rows) > LINES_MAX:
        raise BadStatement(field=field, line=rows[LINES_MAX][0])
    for n, row in rows:
        cells = [cell.strip() for cell in re.split(r"[\t;|；]", row)]
        amounts = [_COMMA.sub("", cell) for cell in cells[ids:]]
        named = all(_ID.fullmatch(cell) or (place and not cell) for place, cell in enumerate(cells[:ids]))
        if len(cells) != ids + numbers or not named or not all(map(_NUMBER.fullmatch, amounts)):
            raise BadStatement(field=field, line=n)
        yield n, [*(cell or None for cell in cells[:ids]), *amounts]


def _check_places(sections: Rows, lines: Rows) -> None:
    """Ids are there once, and a line names a section exactly where there are any."""
    known = {one["id"] for one in sections.values()}
    for field, given in (("sections", sections), ("lines", lines)):
        seen: set[str | None] = set()
        for n, one in given.items():
            if one["id"] in seen:
                raise BadStatement(field=field, line=n)
            seen.add(one["id"])
    for n, one in lines.items():
        if (one["section"] not in known) if known else one["section"] is not None:
            raise BadStatement(field="lines", line=n)
