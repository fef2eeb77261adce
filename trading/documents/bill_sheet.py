"""Bills of quantities as spreadsheets: read one with every error named by its cell, write one, give a template.

A sheet is read as values only. A formula is refused: its result would be what the author's program last computed.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from openpyxl import load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.cell.read_only import EmptyCell, ReadOnlyCell
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from govcore.errors import Detail, Problem
from govcore.sheets import MEDIA_TYPE, xlsx
from trading.documents.schemas import Bill, BillLine, BillSection

FILE_LIMIT = 10 << 20
UNPACKED_LIMIT = 100 << 20
ENTRY_LIMIT = 500
LINE_LIMIT = 20_000
TEXT_LIMIT = 1000
COLUMNS = ("项目编码", "项目名称", "项目特征", "计量单位", "工程量", "单价限价（元）")
EXAMPLE = (
    ("", "一、土方工程", "", "", "", ""),
    ("500101001001", "土方开挖", "三类土，运距 2 km", "m³", "42000", ""),
    ("500101002001", "土方回填", "压实度不小于 0.95", "m³", "18500.5", "36.50"),
)
_LINES = {"code": 32, "name": 200, "feature": TEXT_LIMIT, "unit": 20}
_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")
_DOCTYPE = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)

__all__ = ["MEDIA_TYPE", "BillError", "BillRead", "NotASheet", "name_of", "read", "template", "write"]

AnyCell = Cell | MergedCell | ReadOnlyCell | EmptyCell


class NotASheet(Problem):
    code = "E_BILL_FILE"
    status = 422
    text = "This is not an XLSX workbook that can be read: {detail}"


@dataclass(frozen=True, slots=True)
class BillError:
    """What is wrong in one cell."""

    cell: str
    detail: Detail


@dataclass(frozen=True, slots=True)
class BillRead:
    """What a sheet says, and what is wrong with it; with errors the bill is what could be read for a preview."""

    bill: Bill | None
    errors: tuple[BillError, ...]


def read(content: bytes) -> BillRead:
    """Read the first sheet of a workbook in the layout of the template; `NotASheet` for what is no safe workbook."""
    _check_archive(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        rows = sheet.iter_rows(max_row=LINE_LIMIT + 2, max_col=len(COLUMNS))
        return _read_rows(rows)
    except (InvalidFileException, KeyError, IndexError, ValueError, SyntaxError, zipfile.BadZipFile) as error:
        raise NotASheet(detail="a part of it is missing or malformed") from error


def write(title: str, bill: Bill) -> bytes:
    """The bill as a workbook in the layout of the template; reading it gives the same bill."""
    return xlsx(title, COLUMNS, _rows(bill))


def template() -> bytes:
    """A workbook to fill in: the heading, and a section with two lines as an example."""
    return xlsx("工程量清单", COLUMNS, EXAMPLE)


def name_of(lot: int) -> str:
    """What the workbook of a lot's bill is called among the files of a version."""
    return f"工程量清单-{lot}标段.xlsx"


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


def _read_rows(rows: Iterator[Sequence[AnyCell]]) -> BillRead:
    heading = next(rows, ())
    errors = [
        BillError(f"{get_column_letter(place)}1", Detail("The heading must be “{wanted}”.", wanted=wanted))
        for place, wanted in enumerate(COLUMNS, 1)
        if place > len(heading) or str(heading[place - 1].value or "").strip() != wanted
    ]
    if errors:
        return BillRead(None, tuple(errors))
    reader = _Reader()
    for number, row in enumerate(rows, 2):
        reader.take(number, row)
    return reader.result()


class _Reader:
    """Takes row after row; keeps the sections so far, the codes seen and the errors."""

    def __init__(self) -> None:
        self._sections: list[BillSection] = []
        self._codes: dict[str, int] = {}
        self._errors: dict[str, BillError] = {}
        self._count = 0

    def take(self, number: int, row: Sequence[AnyCell]) -> None:
        texts = [self._text(number, place, cell) for place, cell in enumerate(row)]
        texts += [""] * (len(COLUMNS) - len(texts))
        if not any(texts):
            return
        if self._count == LINE_LIMIT:
            self._error(number, 0, Detail("A bill has at most {most} lines.", most=LINE_LIMIT))
        self._count += 1
        code, name, _, unit, quantity, limit = texts
        if name and not (code or unit or quantity or limit):
            self._sections.append(BillSection(name=name[:200], lines=[]))
            return
        if not self._sections:
            self._sections.append(BillSection(name="", lines=[]))
        if (line := self._line(number, texts)) is not None:
            self._sections[-1].lines.append(line)

    def result(self) -> BillRead:
        filled = [section for section in self._sections if section.lines]
        if not filled and not self._errors:
            self._error(2, 0, Detail("The sheet has no line with a quantity."))
        bill = Bill(sections=filled) if filled else None
        return BillRead(bill, tuple(self._errors.values()))

    def _line(self, number: int, texts: Sequence[str]) -> BillLine | None:
        code, name, feature, unit, quantity, limit = texts
        before = len(self._errors)
        for place, given in ((0, code), (1, name), (3, unit), (4, quantity)):
            if not given:
                self._error(number, place, Detail("This cell is empty; a line needs it."))
        for place, (given, most) in enumerate(zip((code, name, feature, unit), _LINES.values(), strict=True)):
            if len(given) > most:
                self._error(number, place, Detail("At most {most} characters.", most=most))
        if code and (first := self._codes.setdefault(code, number)) != number:
            self._error(number, 0, Detail("This code is in row {row} already.", row=first))
        amount = self._decimal(number, 4, quantity) if quantity else None
        price = self._decimal(number, 5, limit) if limit else None
        if amount is not None and amount == 0:
            self._error(number, 4, Detail("The quantity is nought."))
        fen = None if price is None else price * 100
        if fen is not None and (fen != fen.to_integral_value() or fen == 0):
            self._error(number, 5, Detail("A price is more than nought and has at most two decimals."))
        if len(self._errors) > before or amount is None:
            return None
        return BillLine(
            code=code,
            name=name,
            unit=unit,
            quantity=f"{amount:f}",
            feature=feature,
            limit_fen=None if fen is None else int(fen),
        )

    def _text(self, number: int, place: int, cell: AnyCell) -> str:
        """The cell's value as text; formulas, errors, dates and truth values are none."""
        value, kind = cell.value, getattr(cell, "data_type", "n")
        if value is None:
            return ""
        if kind == "f" or (kind != "s" and isinstance(value, str) and value.startswith("=")):
            self._error(number, place, Detail("This is a formula; paste its value instead."))
        elif kind == "s" or (isinstance(value, str) and kind == "inlineStr"):
            return " ".join(str(value).split())
        elif isinstance(value, bool) or not isinstance(value, int | float):
            self._error(number, place, Detail("This is neither text nor a number."))
        else:
            return _plain(value)
        return ""

    def _decimal(self, number: int, place: int, text: str) -> Decimal | None:
        """An exact number from the cell, or an error."""
        if not _NUMBER.fullmatch(text.replace(",", "")):
            wrong = Detail(
                "“{given}” is not a number with at most 12 digits and 6 decimals.", given=text[:40]
            )
            self._error(number, place, wrong)
            return None
        return Decimal(text.replace(",", "")).normalize()

    def _error(self, number: int, place: int, detail: Detail) -> None:
        """The first thing that is wrong in a cell is told."""
        cell = f"{get_column_letter(place + 1)}{number}"
        self._errors.setdefault(cell, BillError(cell, detail))


def _plain(value: int | float) -> str:
    """A number as it was typed: the shortest decimal that gives the same float; what is none stays words."""
    try:
        exact = Decimal(repr(value))
    except InvalidOperation:
        return repr(value)
    return f"{exact.normalize():f}" if exact.is_finite() else repr(value)


def _rows(bill: Bill) -> Iterator[tuple[str, ...]]:
    for section in bill.sections:
        if section.name:
            yield ("", section.name, "", "", "", "")
        for line in section.lines:
            limit = "" if line.limit_fen is None else f"{Decimal(line.limit_fen) / 100:.2f}"
            yield (line.code, line.name, line.feature, line.unit, line.quantity, limit)
