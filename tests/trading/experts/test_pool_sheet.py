"""The pool's sheet: what it reads, what it writes, and what it refuses, cell by cell."""

from __future__ import annotations

from datetime import date

import pytest
from pool import code, particulars, workbook

from trading.experts import sheet
from trading.experts.policy import (
    Standing,
    Tie,
    TieKind,
    has_practised_long_enough,
    lies_in,
    practises,
    standing,
)

TODAY = date(2026, 11, 26)
BASIS = sheet.Basis(specialities={"A", "A02", "B"}, years=8, today=TODAY)
GOOD = ["li", "A02", code(1), "371502", "高级", 2010, "2026-01-01", "", 13800000001, "", "", "", ""]


def wrong(**cells: object) -> list[tuple[str, str]]:
    """What is wrong with a good row in which the cells of these columns were changed."""
    row = list(GOOD)
    for column, value in cells.items():
        row[ord(column) - ord("A")] = value
    return [(one.cell, str(one.detail)) for one in sheet.read(workbook(row), BASIS).errors]


def test_what_is_written_is_read_the_same() -> None:
    said = particulars(
        specialities=("A02", "B"),
        until=date(2028, 12, 31),
        ties=(
            Tie(kind=TieKind.EMPLOYED, uscc=code(2), since=date(2020, 1, 1), until=date(2024, 5, 31)),
            Tie(kind=TieKind.OFFICE, uscc=code(3), since=date(2019, 1, 1)),
            Tie(kind=TieKind.RELATIVE, uscc=code(4)),
        ),
        kin=("李小明", "Anna Li"),
    )

    read = sheet.read(sheet.write([sheet.texts_of("li", said)]), BASIS)

    assert read.errors == ()
    assert [(line.username, line.particulars) for line in read.lines] == [("li", said)]


def test_the_template_is_a_good_sheet() -> None:
    known = sheet.Basis(specialities={"A01", "A0203"}, years=8, today=TODAY)

    assert sheet.read(sheet.write([sheet.EXAMPLE]), known).errors == ()


def test_days_may_be_cells_of_the_program_s_own_kind() -> None:
    read = sheet.read(workbook([*GOOD[:6], date(2026, 3, 1), date(2027, 3, 1), *GOOD[8:]]), BASIS)

    assert read.errors == ()
    assert (read.lines[0].particulars.since, read.lines[0].particulars.until) == (
        date(2026, 3, 1),
        date(2027, 3, 1),
    )


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"A": ""}, ("A2", "This cell is empty; an entry needs it.")),
        ({"B": "A02、Z9"}, ("B2", "The speciality Z9 is not in the list.")),
        (
            {"C": code(1)[:-1] + "A"},
            ("C2", "The check character of the unified social credit code is wrong;"),
        ),
        ({"D": 3715}, ("D2", "A division is written with six digits, like 371500.")),
        ({"E": "中级"}, ("E2", "The title is one of: 高级、同等专业水平.")),
        ({"F": 2019}, ("F2", "An expert has worked in the field for 8 years (T15 · 招标投标法 art. 37).")),
        ({"F": 1e308}, ("F2", "This is no year.")),
        ({"F": "Infinity"}, ("F2", "This is no year.")),
        ({"F": "=2010"}, ("F2", "This is a formula; paste its value instead.")),
        ({"G": "2026-02-30"}, ("G2", "A day is written like 2026-03-31.")),
        ({"H": "2025-12-31"}, ("H2", "The last day lies before the first.")),
        ({"I": "1380000000"}, ("I2", "A mobile number has eleven digits.")),
        ({"J": code(2)}, ("J2", "Write code, first day 至 last day; separate several by ；")),
        ({"J": f"{code(2)} 2024-01-01至2023-01-01"}, ("J2", "The last day lies before the first.")),
        ({"L": "123"}, ("L2", "A unified social credit code has 18 digits")),
        ({"E": True}, ("E2", "This is neither text nor a number.")),
    ],
)
def test_what_is_wrong_is_told_by_its_cell(cells: dict[str, object], told: tuple[str, str]) -> None:
    found = wrong(**cells)

    assert (found[0][0], found[0][1][: len(told[1])]) == told
    assert len(found) == 1


def test_a_year_has_to_be_eight_years_ago_to_the_year() -> None:
    assert [has_practised_long_enough(year, on=TODAY, years=8) for year in (2018, 2019)] == [True, False]


def test_an_account_stands_in_one_row_and_the_other_rows_are_taken() -> None:
    other = ["wang", *GOOD[1:]]

    read = sheet.read(workbook(GOOD, GOOD, other), BASIS)

    assert [(one.cell, str(one.detail)) for one in read.errors] == [
        ("A3", "This account is in row 2 already.")
    ]
    assert [line.username for line in read.lines] == ["li", "wang"]


@pytest.mark.parametrize(
    ("area", "inside"),
    [("370000", True), ("371500", True), ("371502", True), ("371503", False), ("110000", False)],
)
def test_a_district_lies_in_its_city_and_province(area: str, inside: bool) -> None:
    assert lies_in("371502", area) is inside


def test_who_asks_for_a_speciality_finds_those_under_it_and_not_those_above() -> None:
    assert [practises(("A0203",), wanted) for wanted in ("A", "A02", "A0203", "A020301", "B")] == [
        True,
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("on", "suspended", "expected"),
    [
        (date(2025, 12, 31), False, Standing.NOT_YET),
        (date(2026, 1, 1), False, Standing.READY),
        (date(2026, 12, 31), False, Standing.READY),
        (date(2027, 1, 1), False, Standing.OVER),
        (date(2026, 6, 1), True, Standing.SUSPENDED),
    ],
)
def test_both_ends_of_the_period_are_in_it(on: date, suspended: bool, expected: Standing) -> None:
    found = standing(since=date(2026, 1, 1), until=date(2026, 12, 31), suspended=suspended, on=on)

    assert found is expected
