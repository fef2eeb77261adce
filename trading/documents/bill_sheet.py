"""Bills of quantities as spreadsheets: read one with every error named by its cell, write one, give a template.

A sheet is read as values only. A formula is refused: its result would be what the author's program last computed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from govcore.errors import Detail
from govcore.sheet_reading import FILE_LIMIT, CellError, Errors, NotASheet, read_rows
from govcore.sheets import MEDIA_TYPE, xlsx
from trading.documents.schemas import Bill, BillLine, BillSection

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

__all__ = ["FILE_LIMIT", "MEDIA_TYPE", "BillRead", "NotASheet", "name_of", "read", "template", "write"]


@dataclass(frozen=True, slots=True)
class BillRead:
    """What a sheet says, and what is wrong with it; with errors the bill is what could be read for a preview."""

    bill: Bill | None
    errors: tuple[CellError, ...]


def read(content: bytes) -> BillRead:
    """Read the first sheet of a workbook in the layout of the template; `NotASheet` for what is no safe workbook."""
    errors = Errors()
    rows = read_rows(content, COLUMNS, most=LINE_LIMIT, errors=errors)
    if len(errors) and not rows:
        return BillRead(None, errors.all())
    reader = _Reader(errors)
    for number, texts in rows:
        reader.take(number, texts)
    return reader.result()


def write(title: str, bill: Bill) -> bytes:
    """The bill as a workbook in the layout of the template; reading it gives the same bill."""
    return xlsx(title, COLUMNS, _rows(bill))


def template() -> bytes:
    """A workbook to fill in: the heading, and a section with two lines as an example."""
    return xlsx("工程量清单", COLUMNS, EXAMPLE)


def name_of(lot: int) -> str:
    """What the workbook of a lot's bill is called among the files of a version."""
    return f"工程量清单-{lot}标段.xlsx"


class _Reader:
    """Takes row after row; keeps the sections so far, the codes seen and the errors."""

    def __init__(self, errors: Errors) -> None:
        self._sections: list[BillSection] = []
        self._codes: dict[str, int] = {}
        self._errors = errors

    def take(self, number: int, texts: Sequence[str]) -> None:
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
        if not filled and not len(self._errors):
            self._errors.add(2, 0, Detail("The sheet has no line with a quantity."))
        bill = Bill(sections=filled) if filled else None
        return BillRead(bill, self._errors.all())

    def _line(self, number: int, texts: Sequence[str]) -> BillLine | None:
        code, name, feature, unit, quantity, limit = texts
        before = len(self._errors)
        for place, given in ((0, code), (1, name), (3, unit), (4, quantity)):
            if not given:
                self._errors.add(number, place, Detail("This cell is empty; a line needs it."))
        for place, (given, most) in enumerate(zip((code, name, feature, unit), _LINES.values(), strict=True)):
            if len(given) > most:
                self._errors.add(number, place, Detail("At most {most} characters.", most=most))
        if code and (first := self._codes.setdefault(code, number)) != number:
            self._errors.add(number, 0, Detail("This code is in row {row} already.", row=first))
        amount = self._decimal(number, 4, quantity) if quantity else None
        price = self._decimal(number, 5, limit) if limit else None
        if amount is not None and amount == 0:
            self._errors.add(number, 4, Detail("The quantity is nought."))
        fen = None if price is None else price * 100
        if fen is not None and (fen != fen.to_integral_value() or fen == 0):
            self._errors.add(number, 5, Detail("A price is more than nought and has at most two decimals."))
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

    def _decimal(self, number: int, place: int, text: str) -> Decimal | None:
        """An exact number from the cell, or an error."""
        if not _NUMBER.fullmatch(text.replace(",", "")):
            wrong = Detail(
                "“{given}” is not a number with at most 12 digits and 6 decimals.", given=text[:40]
            )
            self._errors.add(number, place, wrong)
            return None
        return Decimal(text.replace(",", "")).normalize()


def _rows(bill: Bill) -> Iterator[tuple[str, ...]]:
    for section in bill.sections:
        if section.name:
            yield ("", section.name, "", "", "", "")
        for line in section.lines:
            limit = "" if line.limit_fen is None else f"{Decimal(line.limit_fen) / 100:.2f}"
            yield (line.code, line.name, line.feature, line.unit, line.quantity, limit)
