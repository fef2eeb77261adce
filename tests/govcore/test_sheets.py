"""Spreadsheets hold what was written, and run nothing."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from openpyxl import load_workbook

from govcore.sheets import xlsx

AT = datetime(2026, 11, 25, 1, 2, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["=1+1", '=HYPERLINK("http://x.example","点这里")', "@SUM(A1)", "-2+3", "+1", "\t=1"]
)
def test_text_that_looks_like_a_formula_stays_text(text: str) -> None:
    raw = xlsx("表", ["名称"], [[text]])

    (cell,) = load_workbook(io.BytesIO(raw)).active[2]
    assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)


def test_numbers_times_and_headings_are_what_they_were() -> None:
    rows = [["甲\x00公司", 12, AT, None]]
    sheet = load_workbook(io.BytesIO(xlsx("审计/日志", ["单位", "数", "时间", "备注"], rows))).active

    assert [cell.value for cell in sheet[1]] == ["单位", "数", "时间", "备注"]
    assert [cell.value for cell in sheet[2]] == ["甲�公司", 12, AT.replace(hour=9, tzinfo=None), None]
    assert sheet.title == "审计 日志"
