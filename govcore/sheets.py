"""Tables for spreadsheets, in which no text becomes a formula."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import datetime

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.properties import PageSetupProperties

from govcore.clock import BEIJING

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Value = str | int | datetime | None

A4 = 9
"""Its number in the format of spreadsheets."""

WRAPPED = Alignment(wrap_text=True, vertical="top")
"""Long texts stay within their column, on the screen and in print."""


def xlsx(title: str, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """An XLSX file of one sheet with a heading row; times are Beijing's, texts stay texts whatever they begin with."""
    return workbook([(title, columns, rows)])


def workbook(sheets: Iterable[tuple[str, Sequence[str], Iterable[Sequence[Value]]]]) -> bytes:
    """An XLSX file of such sheets, each with its title, columns and rows."""
    book = Workbook(write_only=True)
    for title, columns, rows in sheets:
        _fill(book, title, columns, rows)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _fill(book: Workbook, title: str, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    sheet = book.create_sheet("".join(" " if letter in r"[]:*?/\'" else letter for letter in title)[:31])
    sheet.freeze_panes = "A2"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", A4
    sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr = 0, PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:1"
    for number in range(1, len(columns) + 1):
        sheet.column_dimensions[get_column_letter(number)].width = 24
    heading = [WriteOnlyCell(sheet, text) for text in columns]
    for cell in heading:
        cell.font, cell.alignment = Font(bold=True), WRAPPED
    sheet.append(heading)
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])


def _cell(sheet: WriteOnlyWorksheet, value: Value) -> Cell:
    if isinstance(value, datetime):
        cell = WriteOnlyCell(sheet, value.astimezone(BEIJING).replace(tzinfo=None))
        cell.number_format = "yyyy-mm-dd hh:mm:ss"
        return cell
    cell = WriteOnlyCell(sheet, _printable(value) if isinstance(value, str) else value)
    if isinstance(value, str):
        cell.data_type, cell.alignment = "s", WRAPPED
        cell.quotePrefix = True  # else a spreadsheet that edits the cell takes `=1+1` for a formula
    return cell


def _printable(text: str) -> str:
    """XML knows no control characters."""
    return "".join(letter if letter in "\n\t" or letter >= " " else "�" for letter in text)
