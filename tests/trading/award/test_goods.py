"""What the result notice of a purchase says was bought."""

from __future__ import annotations

from decimal import Decimal

from trading.award.goods import MAIN, Bought, main_lines
from trading.billcheck.policy import Asked, Priced


def asked(code: str, quantity: str, feature: str = "") -> Asked:
    return Asked(code=code, name=f"设备{code}", unit="台", quantity=Decimal(quantity), feature=feature)


def priced(code: str, price: str | None) -> Priced:
    return Priced(2, 0, code, "", "", None, None if price is None else Decimal(price), None)


def test_each_line_has_its_name_specification_quantity_and_the_winners_unit_price() -> None:
    lines = main_lines(
        [asked("1", "12", "量程 30 m"), asked("2", "0.50")], [priced("2", "8.005"), priced("1", "4500")]
    )

    assert lines == (
        Bought(item="设备1", specification="量程 30 m", quantity="12 台", unit_price_fen=450_000),
        Bought(item="设备2", specification="—", quantity="0.50 台", unit_price_fen=801),
    )


def test_of_a_long_bill_the_dearest_lines_stand_in_the_order_of_the_bill() -> None:
    codes = [str(n) for n in range(1, MAIN + 3)]

    lines = main_lines([asked(code, "1") for code in codes], [priced(code, code) for code in codes])

    assert [line.item for line in lines] == [f"设备{code}" for code in codes[2:]]


def test_a_bill_without_all_prices_says_nothing_of_its_lines() -> None:
    lines = [asked("1", "1"), asked("2", "1")]

    assert main_lines(lines, [priced("1", "5")]) == ()
    assert main_lines(lines, [priced("1", "5"), priced("2", None)]) == ()
