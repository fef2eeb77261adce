"""What a bill check finds in a workbook, and what it leaves alone."""

from __future__ import annotations

from decimal import Decimal

import pytest
from priced_workbooks import workbook

from govcore.confined import Limits, TooMuch, value_of
from govcore.sheet_reading import NotASheet
from trading.billcheck.policy import Asked, Finding, Found, PricedBill, check, unbalanced
from trading.billcheck.reading import read_bill

ASKED = [
    Asked("A1", "土方开挖", "m³", Decimal("100")),
    Asked("A2", "土方回填", "m³", Decimal("12.5"), limit=Decimal("36.50")),
]
DIG = ("A1", "土方开挖", "", "m³", 100, 10, 1000)
FILL = ("A2", "土方回填", "", "m³", 12.5, 30.02, 375.25)


def found(
    rows: list[tuple[object, ...]], fees: tuple[tuple[object, ...], ...] = (), price: str = "1375.25"
) -> list[Found]:
    return check(ASKED, read_bill(workbook(rows, fees)), price=Decimal(price))


def kinds(ones: list[Found]) -> list[Finding]:
    return [one.kind for one in ones]


def test_a_faultless_bill_has_nothing_to_ask_about() -> None:
    assert found([("", "一、土方", "", "", "", "", 1375.25), DIG, FILL]) == []


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([DIG], [Finding.MISSING, Finding.BID_TOTAL]),
        ([DIG, FILL, ("A9", "多列", "", "m", 1, 1, 1)], [Finding.EXTRA, Finding.BID_TOTAL]),
        ([DIG, FILL, DIG], [Finding.TWICE, Finding.BID_TOTAL]),
        ([("A1", "土方外运", "", "m³", 100, 10, 1000), FILL], [Finding.RENAMED]),
        ([("A1", "土方开挖", "", "m2", 100, 10, 1000), FILL], [Finding.UNIT]),
        ([("A1", "土方开挖", "", "m³", 99, 10, 990), FILL], [Finding.QUANTITY, Finding.BID_TOTAL]),
        ([("A1", "土方开挖", "", "m³", 100, "", 1000), FILL], [Finding.NO_PRICE]),
        ([("A1", "土方开挖", "", "m³", 100, 0, 0), FILL], [Finding.ZERO, Finding.BID_TOTAL]),
        ([("A1", "土方开挖", "", "m³", 100, -1, -100), FILL], [Finding.NEGATIVE, Finding.BID_TOTAL]),
        (
            [DIG, ("A2", "土方回填", "", "m³", 12.5, 36.51, 456.38)],
            [Finding.OVER_LIMIT, Finding.BID_TOTAL],
        ),
        ([("A1", "土方开挖", "", "m³", 100, 10, 1000.01), FILL], [Finding.LINE_TOTAL, Finding.BID_TOTAL]),
        ([("", "一、土方", "", "", "", "", 1375), DIG, FILL], [Finding.SECTION_TOTAL]),
    ],
)
def test_each_fault_is_found_by_its_name(rows: list[tuple[object, ...]], expected: list[Finding]) -> None:
    assert kinds(found(rows)) == expected


def test_a_finding_names_cell_and_both_numbers() -> None:
    (one,) = (one for one in found([("A1", "土方开挖", "", "m³", 100, 10, 1000.01), FILL]) if one.code)

    assert (one.where, one.expected, one.given) == ("G2", "1000.00", "1000.01")


@pytest.mark.parametrize("cell", ["=SUM(A1:A9)", "1e5", "inf", "NaN", "一百", "12..5", "1" * 20, True])
def test_formulas_and_malformed_numbers_are_named_and_never_taken(cell: object) -> None:
    ones = found([("A1", "土方开挖", "", "m³", 100, cell, 1000), FILL])

    assert kinds(ones) == [Finding.UNREADABLE, Finding.NO_PRICE]
    assert ones[0].where == "F2"


def test_a_foreign_heading_and_a_broken_file_are_told_apart() -> None:
    assert read_bill(workbook([])).lines == ()
    with pytest.raises(NotASheet):
        read_bill(b"PK\x03\x04 no workbook")


def test_fees_stand_on_the_bill_or_on_all_before_them() -> None:
    right = (("规费", 1375.25, 4, 55.01), ("税金", 1430.26, 9, 128.72))
    wrong = (("规费", 1300, 4, 52), ("税金", 1427.25, 9, 128.46))

    assert found([DIG, FILL], right, price="1558.98") == []
    assert kinds(found([DIG, FILL], wrong, price="1555.71")) == [Finding.FEE_BASE, Finding.FEE_AMOUNT]


def bid(price: str) -> bytes:
    total = Decimal(price) * 100
    return workbook([("A1", "土方开挖", "", "m³", 100, float(price), float(total)), FILL])


@pytest.mark.parametrize(
    ("prices", "far"),
    [
        (("10", "10", "10"), []),
        (("10", "10", "16.01"), ["b3"]),  # mean 12.00…: 33 % above
        (("7", "10", "13"), []),  # exactly 30 % is not farther
        (("6.99", "10.01", "13"), ["b1"]),
        (("1", "100"), []),  # two bids tell nothing
    ],
)
def test_a_price_far_from_the_mean_is_asked_about(prices: tuple[str, ...], far: list[str]) -> None:
    bills = {f"b{n}": read_bill(bid(price)) for n, price in enumerate(prices, 1)}

    apart = unbalanced(ASKED, bills)

    assert [name for name, ones in apart.items() if ones] == far


def test_a_refusal_of_the_reader_s_child_comes_through_where_it_is_expected_and_only_there() -> None:
    broken = b"PK\x03\x04 no workbook"

    with pytest.raises(NotASheet) as refused:
        value_of(read_bill, broken, kind=PricedBill, limits=Limits(), refusals=[NotASheet])
    with pytest.raises(TooMuch):
        value_of(read_bill, broken, kind=PricedBill, limits=Limits())

    assert refused.value.data == {"detail": "it is not a ZIP archive"}
