"""Bills of quantities come from spreadsheets: every error with its cell, nothing computed, nothing unpacked unseen."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any

import pytest
from openpyxl import Workbook

from trading.documents import bill_sheet
from trading.documents.bill_sheet import COLUMNS, NotASheet
from trading.documents.schemas import Bill, BillLine, BillSection

GOOD = ("500101001", "土方开挖", "三类土", "m³", 42000, None)


def sheet(*rows: Sequence[Any], heading: Sequence[str] = COLUMNS) -> bytes:
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(list(heading))
    for row in rows:
        page.append(list(row))
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def errors(*rows: Sequence[Any]) -> list[tuple[str, str]]:
    return [(one.cell, str(one.detail)) for one in bill_sheet.read(sheet(*rows)).errors]


def test_sections_and_lines_are_read_exactly() -> None:
    found = bill_sheet.read(
        sheet(
            ("", "一、土方工程", "", "", "", ""),
            GOOD,
            (),
            ("500101002", "土方回填", "", "m³", 0.1, "36.50"),
            ("", "二、护坡", "", "", "", ""),
            ("500105003", "浆砌石护坡", "", "m³", "8,600.125", 412),
        )
    )

    assert found.errors == ()
    assert found.bill == Bill(
        sections=[
            BillSection(
                name="一、土方工程",
                lines=[
                    BillLine(
                        code="500101001", name="土方开挖", unit="m³", quantity="42000", feature="三类土"
                    ),
                    BillLine(code="500101002", name="土方回填", unit="m³", quantity="0.1", limit_fen=3650),
                ],
            ),
            BillSection(
                name="二、护坡",
                lines=[
                    BillLine(
                        code="500105003",
                        name="浆砌石护坡",
                        unit="m³",
                        quantity="8600.125",
                        limit_fen=41200,
                    )
                ],
            ),
        ]
    )


def test_what_is_written_is_read_the_same() -> None:
    bill = bill_sheet.read(bill_sheet.template()).bill
    assert bill is not None

    again = bill_sheet.read(bill_sheet.write("工程量清单", bill))

    assert (again.bill, again.errors) == (bill, ())
    assert [line.code for line in bill.lines] == ["500101001001", "500101002001"]


@pytest.mark.parametrize(
    ("row", "cell", "text"),
    [
        ((*GOOD[:4], "=6*7", None), "E2", "This is a formula; paste its value instead."),
        ((*GOOD[:4], True, None), "E2", "This is neither text nor a number."),
        ((*GOOD[:4], "4 2", None), "E2", "“4 2” is not a number with at most 12 digits and 6 decimals."),
        ((*GOOD[:4], -1, None), "E2", "“-1” is not a number with at most 12 digits and 6 decimals."),
        (
            (*GOOD[:4], 1e15, None),
            "E2",
            "“1000000000000000” is not a number with at most 12 digits and 6 decimals.",
        ),
        (
            (*GOOD[:4], "Infinity", None),
            "E2",
            "“Infinity” is not a number with at most 12 digits and 6 decimals.",
        ),
        ((*GOOD[:4], "１２", None), "E2", "“１２” is not a number with at most 12 digits and 6 decimals."),
        ((*GOOD[:4], 0, None), "E2", "The quantity is nought."),
        ((*GOOD[:4], None, None), "E2", "This cell is empty; a line needs it."),
        ((None, *GOOD[1:]), "A2", "This cell is empty; a line needs it."),
        ((*GOOD[:3], None, 1, None), "D2", "This cell is empty; a line needs it."),
        ((*GOOD[:5], 1.005), "F2", "A price is more than nought and has at most two decimals."),
        (("1" * 33, *GOOD[1:]), "A2", "At most 32 characters."),
    ],
)
def test_a_wrong_cell_is_named(row: Sequence[Any], cell: str, text: str) -> None:
    assert errors(row) == [(cell, text)]


def test_a_code_is_used_once_and_all_errors_are_told_together() -> None:
    found = bill_sheet.read(sheet(GOOD, GOOD, (*GOOD[:4], "x", None)))

    assert [one.cell for one in found.errors] == ["A3", "A4", "E4"]
    assert found.bill is not None
    assert [line.code for line in found.bill.lines] == ["500101001"]


def test_a_sheet_of_another_layout_or_without_lines_is_no_bill() -> None:
    other = bill_sheet.read(sheet(GOOD, heading=("编码", *COLUMNS[1:])))
    empty = bill_sheet.read(sheet(("", "一、土方工程", "", "", "", "")))

    assert [(one.cell, str(one.detail)) for one in other.errors] == [
        ("A1", "The heading must be “项目编码”.")
    ]
    assert [str(one.detail) for one in empty.errors] == ["The sheet has no line with a quantity."]


def test_an_overflowing_number_is_no_quantity() -> None:
    book = io.BytesIO(sheet(GOOD))
    changed = io.BytesIO()
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"<v>42000</v>", b"<v>1e999</v>"))

    found = bill_sheet.read(changed.getvalue())

    assert [(one.cell, str(one.detail)) for one in found.errors] == [
        ("E2", "“inf” is not a number with at most 12 digits and 6 decimals.")
    ]


def bomb() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(101):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", bytes(1 << 20))
    return written.getvalue()


def with_entities() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("xl/workbook.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    return written.getvalue()


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (b"%PDF-1.4", "it is not a ZIP archive"),
        (bytes(bill_sheet.FILE_LIMIT + 1), "it is larger than 10 MiB"),
        (bomb(), "unpacked it is larger than 100 MiB"),
        (with_entities(), "it declares XML entities"),
    ],
    ids=["no archive", "too large", "bomb", "entities"],
)
def test_what_is_no_safe_workbook_is_refused(content: bytes, detail: str) -> None:
    with pytest.raises(NotASheet) as refused:
        bill_sheet.read(content)

    assert refused.value.data == {"detail": detail}


def test_an_archive_without_a_workbook_is_refused() -> None:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("hello.txt", "x")

    with pytest.raises(NotASheet):
        bill_sheet.read(written.getvalue())
