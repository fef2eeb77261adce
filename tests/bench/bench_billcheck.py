"""Twenty priced bills of 5,000 lines checked, against openpyxl reading the same files and nothing more.

Ours reads both sheets, refuses formulas and malformed numbers, holds every line against the tender's bill, adds up
and compares all unit prices; the peer opens each file read-only and walks over its cells.
"""

from __future__ import annotations

import gc
import io
import time
from collections.abc import Callable
from decimal import Decimal
from random import Random
from statistics import median

from openpyxl import Workbook, load_workbook

from tests.bench.results import Result
from trading.billcheck.policy import Asked, check, unbalanced
from trading.billcheck.reading import FEE_SHEET, FEES, read_bill
from trading.review.priced_bill import COLUMNS

TURNS = 3
BIDS, LINES = 20, 5000
LIMIT = 2.0


def measure() -> list[Result]:
    """Both in turns, on the same bytes."""
    chance = Random(20260601)
    asked = [
        Asked(f"5001{n:08d}", f"第{n}项 土石方及基础处理", "m³", Decimal(chance.randint(1, 90_000)) / 10)
        for n in range(LINES)
    ]
    files = [_workbook(asked, chance) for _ in range(BIDS)]
    work: dict[str, Callable[[], None]] = {
        "ours": lambda: _check(asked, files),
        "peer": lambda: _walk(files),
    }
    taken: dict[str, list[float]] = {name: [] for name in work}
    for turn in range(TURNS):
        for name in list(work) if turn % 2 == 0 else list(reversed(work)):
            taken[name].append(_seconds(work[name]))
    return [
        Result(
            name=f"{BIDS} bills of {LINES:,} lines checked, against a bare openpyxl read",
            unit="s",
            ours=median(taken["ours"]),
            peer=median(taken["peer"]),
            most=LIMIT,
        )
    ]


def _check(asked: list[Asked], files: list[bytes]) -> None:
    bills = {str(n): read_bill(content) for n, content in enumerate(files)}
    apart = unbalanced(asked, bills)
    faults = [found for bill in bills.values() for found in check(asked, bill, price=None)]
    assert not faults  # the files are faultless; a bill that was not read would be full of findings
    assert any(apart.values())


def _walk(files: list[bytes]) -> None:
    for content in files:
        book = load_workbook(io.BytesIO(content), read_only=True)
        cells = sum(1 for sheet in book.worksheets for row in sheet.iter_rows(values_only=True) for _ in row)
        assert cells >= LINES * len(COLUMNS)


def _workbook(asked: list[Asked], chance: Random) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("工程量清单报价")
    sheet.append(list(COLUMNS))
    total = Decimal(0)
    for line in asked:
        price = Decimal(chance.randint(600, 1400)) / 10
        amount = round(line.quantity * price, 2)
        total += amount
        sheet.append([line.code, line.name, "", line.unit, str(line.quantity), str(price), f"{amount:.2f}"])
    fees = book.create_sheet(FEE_SHEET)
    fees.append(list(FEES))
    fees.append(["税金", f"{total:.2f}", "9", f"{round(total * Decimal('0.09'), 2):.2f}"])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _seconds(work: Callable[[], None]) -> float:
    gc.collect()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
