"""Priced bills as bidders write them: a sheet of lines and, with fees, a second one."""

from __future__ import annotations

import io
from collections.abc import Sequence
from decimal import Decimal

from openpyxl import Workbook

from trading.billcheck.policy import Asked
from trading.billcheck.reading import FEE_SHEET, FEES
from trading.review.priced_bill import COLUMNS

Row = Sequence[object]


def workbook(rows: Sequence[Row], fees: Sequence[Row] = ()) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("工程量清单报价")
    sheet.append(list(COLUMNS))
    for row in rows:
        sheet.append(list(row))
    if fees:
        second = book.create_sheet(FEE_SHEET)
        second.append(list(FEES))
        for row in fees:
            second.append(list(row))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def bill_of(count: int) -> list[Asked]:
    """A tender's bill of so many lines."""
    return [
        Asked(f"5001{n:08d}", f"第{n}项", "m³", Decimal(n % 900 + 1) + Decimal(n % 4) / 4)
        for n in range(1, count + 1)
    ]


def priced(asked: Sequence[Asked], prices: Sequence[Decimal]) -> list[Row]:
    """A faultless answer to a bill at these unit prices."""
    return [
        (
            line.code,
            line.name,
            "",
            line.unit,
            float(line.quantity),
            float(price),
            float(round(line.quantity * price, 2)),
        )
        for line, price in zip(asked, prices, strict=True)
    ]
