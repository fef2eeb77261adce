"""A bid's priced bill as it stands in its workbook: what cannot be read becomes a finding, nothing is repaired."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from govcore.errors import Detail
from govcore.sheet_reading import Errors, Wanted, read_sheets
from trading.billcheck.policy import Fee, Priced, PricedBill, Section
from trading.documents.bill_sheet import LINE_LIMIT
from trading.review.priced_bill import COLUMNS

FEES = ("费用名称", "计费基数（元）", "费率（%）", "金额（元）")
"""The heading of the second sheet, where a bill has fees and taxes."""
FEE_SHEET = "费用"
FEE_LIMIT = 100

_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,8})?")
_PERCENT = Decimal("0.01")


def read_bill(content: bytes) -> PricedBill:
    """Both sheets of a workbook; raise `NotASheet` for what is no safe workbook."""
    errors, fee_errors = Errors(), Errors()
    wanted = [Wanted(COLUMNS, LINE_LIMIT, errors), Wanted(FEES, FEE_LIMIT, fee_errors)]
    lines, charged = read_sheets(content, wanted)
    reader = _Lines(errors)
    for number, texts in lines:
        reader.take(number, texts)
    fees = tuple(_fee(number, texts, fee_errors) for number, texts in charged)
    unreadable = [(one.cell, one.detail.text) for one in errors.all()]
    unreadable += [(f"{FEE_SHEET}!{one.cell}", one.detail.text) for one in fee_errors.all()]
    return PricedBill(tuple(reader.sections), tuple(reader.lines), fees, tuple(unreadable))


class _Lines:
    """Takes row after row of the first sheet: a row with a code is a line, one with only a name heads a section."""

    def __init__(self, errors: Errors) -> None:
        self.sections: list[Section] = []
        self.lines: list[Priced] = []
        self._errors = errors

    def take(self, number: int, texts: Sequence[str]) -> None:
        code, name, _, unit, quantity, price, total = texts
        amount = _number(number, 6, total, self._errors)
        if not code:
            self.sections.append(Section(number, name, amount))
            return
        self.lines.append(
            Priced(
                row=number,
                section=len(self.sections),
                code=code,
                name=name,
                unit=unit,
                quantity=_number(number, 4, quantity, self._errors),
                price=_number(number, 5, price, self._errors),
                total=amount,
            )
        )


def _fee(number: int, texts: Sequence[str], errors: Errors) -> Fee:
    name, base, rate, amount = texts
    percent = _number(number, 2, rate, errors)
    return Fee(
        row=number,
        name=name,
        base=_number(number, 1, base, errors),
        rate=None if percent is None else percent * _PERCENT,
        amount=_number(number, 3, amount, errors),
    )


def _number(row: int, column: int, text: str, errors: Errors) -> Decimal | None:
    """The exact number of a cell; an empty one has none, and what is no plain number is an error."""
    if not text:
        return None
    plain = text.replace(",", "")
    if not _NUMBER.fullmatch(plain):
        errors.add(row, column, Detail("This is no plain number."))
        return None
    return Decimal(plain)
