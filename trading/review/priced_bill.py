"""A bidder's priced bill of quantities, as a workbook in its bid, read into the rows of a statement."""

from __future__ import annotations

import re

from govcore.confined import Limits, value_of
from govcore.errors import Problem
from govcore.sheet_reading import FILE_LIMIT, CellError, Errors, NotASheet, read_rows
from trading.documents.bill_sheet import COLUMNS as BILL_COLUMNS
from trading.review.statements import LINES_MAX, Typed

COLUMNS = (*BILL_COLUMNS[:5], "综合单价（元）", "合价（元）")
"""The columns of the documents' bill, and what the bidder filled in."""

LIMITS = Limits(seconds=15)
"""What reading a bidder's workbook may take; one of a thousand lines takes a second."""

_FORBIDDEN = re.compile(r"[^A-Za-z0-9._-]", re.ASCII)


class UnreadableBill(Problem):
    code = "E_PRICED_BILL"
    status = 422
    text = "The workbook {name} cannot be taken over: cell {cell}. Type its lines by hand."


class NoWorkbook(Problem):
    code = "E_NO_WORKBOOK"
    status = 422
    text = "This part of the bid holds no workbook with a bill of quantities."


def typed_over(content: bytes, name: str) -> Typed:
    """What `read_priced_bill` gives for a bidder's workbook, read in a child process; raise `TooMuch` as well."""
    refusals = [NotASheet, UnreadableBill]
    return value_of(read_priced_bill, content, name, kind=Typed, limits=LIMITS, refusals=refusals)


def read_priced_bill(content: bytes, name: str) -> Typed:
    """Sections and lines as somebody would type them; raise `UnreadableBill`, or `NotASheet` for no safe workbook.

    A row with a total and no code is a section's; where one of them states no total there are only lines.
    """
    errors = Errors()
    rows = read_rows(content, COLUMNS, most=LINES_MAX, errors=errors)
    if len(errors):
        raise UnreadableBill(name=name, cell=_first(errors.all()))
    totals: list[str] = []
    lines: list[tuple[int, str, str]] = []
    for _, (code, name, _, _, quantity, unit, total) in rows:
        if code:
            lines.append((len(totals), _FORBIDDEN.sub("-", code), f"{quantity};{unit};{total}"))
        elif name and not quantity:
            totals.append(total)
    placed = all(totals) and all(place for place, _, _ in lines)
    return Typed(
        sections="\n".join(f"{n};{total}" for n, total in enumerate(totals, start=1)) if placed else "",
        lines="\n".join(f"{code};{place if placed and totals else ''};{rest}" for place, code, rest in lines),
    )


def is_workbook(name: str, size: int) -> bool:
    """Whether a file of a bid may be a workbook that is small enough to read."""
    return name.lower().endswith(".xlsx") and size <= FILE_LIMIT


def _first(errors: tuple[CellError, ...]) -> str:
    return errors[0].cell
