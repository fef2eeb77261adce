"""Amounts and times as papers write them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govcore.pdf.capitals import rmb_capitals
from govcore.pdf.figures import day, end_moment, moment, money, score, stamp, wan_yuan

DIGITS = {char: n for n, char in enumerate("零壹贰叁肆伍陆柒捌玖")}
PLACES = {"仟": 1000, "佰": 100, "拾": 10}


@pytest.mark.parametrize(
    ("fen", "expected"),
    [
        (123456789, "壹佰贰拾叁万肆仟伍佰陆拾柒元捌角玖分"),
        (1005000000, "壹仟零伍万元整"),
        (10000000105, "壹亿零壹元零伍分"),
        (107050, "壹仟零柒拾元伍角"),
        (0, "零元整"),
        (5, "伍分"),
        (50, "伍角"),
        (55, "伍角伍分"),
        (1005, "壹拾元零伍分"),
        (100000000, "壹佰万元整"),
        (10000000000, "壹亿元整"),
        (1000500000, "壹仟万伍仟元整"),
        (1000000100, "壹仟万零壹元整"),
        (100100100, "壹佰万壹仟零壹元整"),
        (1000000000000 * 100, "壹万亿元整"),
        (1000000000001 * 100, "壹万亿零壹元整"),
        (1234500000000 * 100, "壹万贰仟叁佰肆拾伍亿元整"),
    ],
)
def test_pr17_an_amount_in_capitals(fen: int, expected: str) -> None:
    """PR17 is the first four."""
    assert rmb_capitals(fen) == expected


@pytest.mark.parametrize("fen", [-1, 10**18])
def test_amounts_without_a_word_are_refused(fen: int) -> None:
    with pytest.raises(ValueError, match="capitals"):
        rmb_capitals(fen)


@given(st.integers(0, 10**18 - 1))
def test_capitals_read_back_to_the_same_amount(fen: int) -> None:
    text = rmb_capitals(fen)

    assert "零零" not in text
    assert _read(text) == fen


def _read(text: str) -> int:
    yuan, _, rest = text.removesuffix("整").rpartition("元")
    total = 0
    for part, unit in (("亿", 10**8), ("", 1)):
        head, mark, tail = yuan.partition("亿") if part else ("", "", yuan)
        if part and mark:
            total += _under_yi(head) * unit
            yuan = tail
        elif not part:
            total += _under_yi(yuan)
    fen = total * 100
    digit = 0
    for char in rest:
        if char in DIGITS:
            digit = DIGITS[char]
        else:
            fen += digit * (10 if char == "角" else 1)
    return fen


def _under_yi(text: str) -> int:
    head, mark, tail = text.partition("万")
    return _under_wan(head) * 10**4 + _under_wan(tail) if mark else _under_wan(text)


def _under_wan(text: str) -> int:
    total, digit = 0, 0
    for char in text:
        if char in PLACES:
            total += digit * PLACES[char]
            digit = 0
        else:
            digit = DIGITS[char]
    return total + digit


@pytest.mark.parametrize(
    ("fen", "yuan", "wan"),
    [
        (123456789, "1,234,567.89", "123.456789"),
        (0, "0.00", "0.00"),
        (5, "0.05", "0.000005"),
        (-150, "-1.50", "-0.00015"),
        (386000000000, "3,860,000,000.00", "386,000.00"),
    ],
)
def test_an_amount_in_figures(fen: int, yuan: str, wan: str) -> None:
    assert (money(fen), wan_yuan(fen)) == (yuan, wan)


@pytest.mark.parametrize(
    ("at", "prose", "table"),
    [
        (datetime(2026, 11, 22, 1, tzinfo=UTC), "2026年11月22日9时", "2026-11-22 09:00:00"),
        (datetime(2026, 1, 2, 1, 5, tzinfo=UTC), "2026年1月2日9时05分", "2026-01-02 09:05:00"),
        (datetime(2026, 12, 31, 16, 0, 7, tzinfo=UTC), "2027年1月1日0时00分07秒", "2027-01-01 00:00:07"),
    ],
)
def test_moments_are_written_in_beijing_time(at: datetime, prose: str, table: str) -> None:
    assert (moment(at), stamp(at)) == (prose, table)


def test_days_are_not_padded() -> None:
    assert day(date(2026, 1, 2)) == "2026年1月2日"
    assert day(datetime(2026, 1, 1, 16, tzinfo=UTC)) == "2026年1月2日"


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        stamp(datetime(2026, 1, 1))  # noqa: DTZ001


def test_scores_round_half_up() -> None:
    assert [score(Decimal(text)) for text in ("87.665", "28.4210526", "30")] == ["87.67", "28.42", "30.00"]


def test_a_period_that_ends_at_midnight_ends_at_24_of_the_day_before() -> None:
    assert end_moment(datetime(2026, 12, 6, 16, tzinfo=UTC)) == "2026年12月6日24时"
    assert end_moment(datetime(2026, 12, 6, 9, tzinfo=UTC)) == "2026年12月6日17时"
