"""Spreadsheets that people send: read as values only, with every error named by its cell.

A formula is refused: its result would be what the author's program last computed.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from openpyxl import load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.cell.read_only import EmptyCell, ReadOnlyCell
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from govcore.errors import Detail, Problem

FILE_LIMIT = 10 << 20
UNPACKED_LIMIT = 100 << 20
ENTRY_LIMIT = 500
_DOCTYPE = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)

AnyCell = Cell | MergedCell | ReadOnlyCell | EmptyCell


class NotASheet(Problem):
    code = "E_SHEET_FILE"
    status = 422
    text = "This is not an XLSX workbook that can be read: {detail}"


@dataclass(frozen=True, slots=True)
class CellError:
    """What is wrong in one cell."""

    cell: str
    detail: Detail


class Errors:
    """The first thing that is wrong in each cell."""

    def __init__(self) -> None:
        self._by_cell: dict[str, CellError] = {}

    def add(self, row: int, column: int, detail: Detail) -> None:
        """Note an error; the heading is row 1, the first column 0."""
        cell = f"{get_column_letter(column + 1)}{row}"
        self._by_cell.setdefault(cell, CellError(cell, detail))

    def __len__(self) -> int:
        return len(self._by_cell)

    def all(self) -> tuple[CellError, ...]:
        return tuple(self._by_cell.values())


def read_rows(
    content: bytes, columns: Sequence[str], *, most: int, errors: Errors, dates: bool = False
) -> list[tuple[int, list[str]]]:
    """The filled rows of the first sheet below its heading, each with its number and a text for every column.

    With `dates` a date is read as 2026-03-31: else it is an error, for programs take codes like 1-2-3 for dates.
    Raises `NotASheet` for what is no safe workbook. Of a wrong heading nothing is read; a row past `most` is an error.
    """
    return read_sheets(content, [Wanted(columns, most, errors)], dates=dates)[0]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a sheet must be headed by, how many rows it may have, and where its errors go."""

    columns: Sequence[str]
    most: int
    errors: Errors


def read_sheets(
    content: bytes, wanted: Sequence[Wanted], *, dates: bool = False
) -> list[list[tuple[int, list[str]]]]:
    """The rows of the first sheets, each as `read_rows` gives them; one after the first that is not there has none."""
    _check_archive(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        found: list[list[tuple[int, list[str]]]] = []
        for place, one in enumerate(wanted):
            if place and place >= len(book.worksheets):
                found.append([])
                continue
            sheet = book.worksheets[place]
            sheet.reset_dimensions()
            rows = sheet.iter_rows(max_row=one.most + 2, max_col=len(one.columns))
            found.append(_filled(rows, one.columns, one.most, one.errors, dates))
        return found
    except (InvalidFileException, KeyError, IndexError, ValueError, SyntaxError, zipfile.BadZipFile) as error:
        raise NotASheet(detail="a part of it is missing or malformed") from error


def _filled(
    rows: Iterator[Sequence[AnyCell]], columns: Sequence[str], most: int, errors: Errors, dates: bool
) -> list[tuple[int, list[str]]]:
    heading = next(rows, ())
    for place, wanted in enumerate(columns):
        if place >= len(heading) or str(heading[place].value or "").strip() != wanted:
            errors.add(1, place, Detail("The heading must be “{wanted}”.", wanted=wanted))
    if len(errors):
        return []
    found: list[tuple[int, list[str]]] = []
    for number, row in enumerate(rows, 2):
        texts = [_text(number, place, cell, errors, dates) for place, cell in enumerate(row)]
        if any(texts):
            if len(found) == most:
                errors.add(number, 0, Detail("A sheet has at most {most} lines.", most=most))
            found.append((number, texts + [""] * (len(columns) - len(texts))))
    return found


def _check_archive(content: bytes) -> None:
    """Look at the archive's own list before anything is unpacked, then at the XML before anything parses it."""
    if len(content) > FILE_LIMIT:
        raise NotASheet(detail="it is larger than 10 MiB")
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile as error:
        raise NotASheet(detail="it is not a ZIP archive") from error
    entries = archive.infolist()
    if len(entries) > ENTRY_LIMIT:
        raise NotASheet(detail="it has too many parts")
    unpacked = 0
    for entry in entries:
        if entry.flag_bits & 1:
            raise NotASheet(detail="it is encrypted")
        with archive.open(entry) as part:
            head = True
            while block := part.read(1 << 20):
                unpacked += len(block)
                if unpacked > UNPACKED_LIMIT:
                    raise NotASheet(detail="unpacked it is larger than 100 MiB")
                if head and entry.filename.endswith((".xml", ".rels")) and _DOCTYPE.search(block):
                    raise NotASheet(detail="it declares XML entities")
                head = False


def _text(row: int, column: int, cell: AnyCell, errors: Errors, dates: bool) -> str:
    """The cell's value as text; formulas, errors, truth values and, unless they are asked for, dates are none."""
    value, kind = cell.value, getattr(cell, "data_type", "n")
    if value is None:
        return ""
    if kind == "f" or (kind != "s" and isinstance(value, str) and value.startswith("=")):
        errors.add(row, column, Detail("This is a formula; paste its value instead."))
    elif kind == "s" or (isinstance(value, str) and kind == "inlineStr"):
        return " ".join(str(value).split())
    elif dates and isinstance(value, datetime):
        return value.date().isoformat()
    elif isinstance(value, bool) or not isinstance(value, int | float):
        errors.add(row, column, Detail("This is neither text nor a number."))
    else:
        return _plain(value)
    return ""


def _plain(value: int | float) -> str:
    """A number as it was typed: the shortest decimal that gives the same float; what is none stays words."""
    try:
        exact = Decimal(repr(value))
    except InvalidOperation:
        return repr(value)
    return f"{exact.normalize():f}" if exact.is_finite() else repr(value)
