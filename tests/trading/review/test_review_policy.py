"""Majorities, prices too low to believe, statements as people type them."""

from __future__ import annotations

from fractions import Fraction

import pytest

from govcore.platform import Platform
from govcore.sheets import xlsx
from trading.review.policy import (
    ABNORMAL,
    ABNORMAL_TB,
    CAUSES,
    COMPETITION,
    LowPrice,
    Verdict,
    abnormally_low,
    fails,
    file_fits,
    reason_of,
)
from trading.review.priced_bill import COLUMNS, UnreadableBill, read_priced_bill, typed_over
from trading.review.statements import BadAmount, BadStatement, Typed, read_statement, yuan

SHARES = LowPrice(of_mean=Fraction(1, 2), of_next=Fraction(1, 2), of_max=Fraction(45, 100))


@pytest.mark.parametrize(
    ("passed", "out"),
    [
        ([True] * 5, False),
        ([False, False, True, True, True], False),
        ([False, False, False, True, True], True),
        ([False, False, True, True], False),
        ([], False),
    ],
)
def test_more_than_half_put_a_bid_out(passed: list[bool], out: bool) -> None:
    assert fails([Verdict(str(n), one, "") for n, one in enumerate(passed)]) is out


def test_the_reasons_of_a_rejection_are_those_of_who_said_no_each_once() -> None:
    said = [Verdict("a", False, "无许可证"), Verdict("b", True, ""), Verdict("c", False, "无许可证")]

    assert reason_of([*said, Verdict("d", False, "许可证过期")]) == "无许可证；许可证过期"


@pytest.mark.parametrize(
    ("prices", "low"),
    [
        ({"a": 100, "b": 98, "c": 96}, set()),
        ({"a": 100, "b": 98, "c": 45}, {"c"}),
        ({"a": 100, "b": 100, "c": 50}, set()),
        ({"a": 100, "b": 100, "c": 49}, {"c"}),
        ({"a": 45}, set()),
        ({"a": 44}, {"a"}),
        ({}, set()),
    ],
)
def test_a_price_is_too_low_strictly_below_a_share(prices: dict[str, int], low: set[str]) -> None:
    assert abnormally_low(prices, SHARES, max_price=100) == low


def test_a_statement_is_read_as_it_is_copied_from_a_spreadsheet() -> None:
    typed = Typed(
        words="1,000,000.00",
        sections="A; 15,200\n\nB\t300",
        lines="1.1\tA\t1200\t12.50\t15,200\n2.1|B|3|100|300",
    )

    assert read_statement(typed, figures="1010000.00") == {
        "words": "1000000.00",
        "figures": "1010000.00",
        "other": None,
        "sections": [{"id": "A", "total": "15200"}, {"id": "B", "total": "300"}],
        "lines": [
            {"id": "1.1", "section": "A", "quantity": "1200", "unit": "12.50", "total": "15200"},
            {"id": "2.1", "section": "B", "quantity": "3", "unit": "100", "total": "300"},
        ],
    }


@pytest.mark.parametrize(
    ("typed", "field", "line"),
    [
        (Typed(lines="1;;1200;12.50"), "lines", 1),
        (Typed(lines="1;;1200;=A1*2;15000"), "lines", 1),
        (Typed(lines="1;;1e3;12.50;15000"), "lines", 1),
        (Typed(lines="1;;1;1;1\n\n1;;1;1;1"), "lines", 3),
        (Typed(lines="1;A;1;1;1"), "lines", 1),
        (Typed(sections="A;1", lines="1;;1;1;1"), "lines", 1),
        (Typed(sections="甲;1"), "sections", 1),
        (Typed(sections="A;1\nA;2"), "sections", 2),
    ],
)
def test_a_statement_that_cannot_be_read_names_its_row(typed: Typed, field: str, line: int) -> None:
    with pytest.raises(BadStatement) as refused:
        read_statement(typed, figures="1.00")

    assert refused.value.data == {"field": field, "line": line}


def bill(*rows: tuple[str | None, ...]) -> bytes:
    return xlsx("清单", COLUMNS, rows)


def test_a_priced_bill_of_the_bid_becomes_the_rows_of_a_statement() -> None:
    book = bill(
        ("", "一、土方工程", "", "", "", "", "15200"),
        ("0101-1", "土方开挖", "三类土", "m³", "1200", "12.50", "15200"),
        ("", "二、护坡工程", "", "", "", "", "300"),
        ("0102 1", "浆砌石", "", "m³", "3", "100", "300"),
    )

    assert typed_over(book, "清单.xlsx") == Typed(
        sections="1;15200\n2;300", lines="0101-1;1;1200;12.50;15200\n0102-1;2;3;100;300"
    )


def test_sections_without_their_totals_are_left_out() -> None:
    book = bill(("", "一、土方工程", *[""] * 5), ("0101", "土方开挖", "", "m³", "1200", "12.50", "15000"))

    assert read_priced_bill(book, "清单.xlsx") == Typed(lines="0101;;1200;12.50;15000")


def test_a_workbook_of_another_layout_is_refused_with_its_cell() -> None:
    with pytest.raises(UnreadableBill) as refused:
        typed_over(xlsx("报价", ("序号", "名称"), []), "报价.xlsx")

    assert refused.value.data == {"name": "报价.xlsx", "cell": "A1"}


@pytest.mark.parametrize("amount", ["Infinity", "1e9", "１００", "12,34", "0x10", "一百"])
def test_an_amount_is_a_plain_number(amount: str) -> None:
    with pytest.raises(BadAmount):
        read_statement(Typed(words=amount), figures="1.00")


def test_fen_are_written_as_yuan() -> None:
    assert [yuan(fen) for fen in (0, 5, 150, -150)] == ["0.00", "0.05", "1.50", "-1.50"]


@pytest.mark.parametrize(
    ("name", "content", "fits"),
    [
        ("说明.pdf", b"%PDF-1.7", True),
        ("说明.PDF", b"%PDF-1.7", True),
        ("说明.pdf", b"MZ\x90", False),
        ("pdf", b"%PDF-1.7", False),
        ("说明.exe", b"%PDF-1.7", False),
    ],
)
def test_a_file_begins_as_its_name_says(name: str, content: bytes, fits: bool) -> None:
    assert file_fits(name, content) is fits


@pytest.mark.parametrize("backend", ["sqlite"])
def test_every_cause_and_article_has_its_chinese(platform: Platform) -> None:
    say = platform.catalogue.translator("zh_CN")
    causes = [
        *(one for some in CAUSES.values() for one in some),
        ABNORMAL,
        ABNORMAL_TB,
        *COMPETITION.values(),
    ]

    assert [one.id for one in causes if say(one.text) == one.text or say(one.article) == one.article] == []
