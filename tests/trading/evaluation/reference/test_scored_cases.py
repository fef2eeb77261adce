"""Cases computed by hand: the reference agrees with them, so that agreeing with the reference means something."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from tests.trading.evaluation.reference.scoring import score
from tests.trading.evaluation.reference.worked import (
    bilateral,
    gates_only,
    opening_of,
    sheets_of,
    tender_of,
)

TRIM = {"family": "TRIM_MEAN_HL", "from": 5, "high": 1, "low": 1}


def standings(result: Any) -> dict[str, Any]:
    return {row["bid"]: row for row in result["standings"]}


def price_points(result: Any) -> list[str]:
    rows = standings(result)
    return [rows[bid]["shown"]["price"] for bid in sorted(rows)]


def priced(price: Any, *prices: str, full: str = "60", drawn: Any = None, **changes: Any) -> Any:
    """The result of bids that differ in nothing but their prices."""
    opening = opening_of(*prices, draws=drawn)
    entered = [] if full == "100" else ["0"]
    return score(tender_of(price=price, full=full, **changes), opening, sheets_of(opening, *entered))


def test_low_price_first_gives_the_others_their_share() -> None:
    rule = {"rule": "LOW_PRICE_FIRST", "basis": "CORRECTED"}
    result = priced(rule, "980000", "1050000", "1200000", full="30", regime="GP")

    assert price_points(result) == ["30.00", "28.00", "24.50"]
    assert result["benchmark"] is None


def test_policies_are_summed_on_the_original_price() -> None:
    rule = {"rule": "LOW_PRICE_FIRST", "basis": "CORRECTED"}
    policies = [
        {"id": "domestic", "name": "Domestic", "rate": "0.2", "how": "DISCOUNT"},
        {"id": "sme", "name": "Small", "rate": "0.1", "how": "DISCOUNT"},
    ]
    opening = opening_of("100", "95")
    sheets = sheets_of(opening, "0")
    tender = tender_of(price=rule, full="30", regime="GP", policies=policies)

    sheets["reviews"]["b1"]["policies"] = ["domestic", "sme"]
    assert standings(score(tender, opening, sheets))["b1"]["evaluated"] == "70/1"

    sheets["reviews"]["b1"]["policies"] = ["sme"]
    assert price_points(score(tender, opening, sheets)) == ["30.00", "28.42"]


def test_the_trimmed_mean_with_a_drawn_coefficient() -> None:
    rule = bilateral({"family": "DRAW_K", "inner": TRIM, "form": "ONE_MINUS_K", "k": {"draw": "K"}})
    result = priced(
        rule,
        *("9400", "9550", "9600", "9700", "9820", "9950"),
        drawn={"K": "0.02"},
        draws=[{"id": "K", "candidates": ["0.01", "0.02"]}],
    )

    assert Fraction(result["benchmark"]) == Fraction("9474.15")
    assert price_points(result) == ["59.61", "59.20", "58.67", "57.62", "56.35", "54.98"]
    assert standings(result)["b1"]["deviation"] == "-148300/189483"


def test_the_mean_mixed_with_the_maximum_price() -> None:
    mix = {"family": "MIX_CONTROL", "inner": TRIM, "k1": "0.97", "k2": "0.93", "q1": "0.7"}
    result = priced(bilateral(mix), "9400", "9550", "9600", "9700", "9820", "9950", max_price="10200")

    assert Fraction(result["benchmark"]) == Fraction("9410.0325")


def test_the_benchmark_of_three_values_takes_the_first_ticket_of_its_pool() -> None:
    abc = {
        "family": "ABC",
        "delta": "0.1",
        "k": "0.97",
        "weights": ["0.5", "0.3", "0.2"],
        "limit": {"mean": "0.7", "max": "0.3", "factor": "0.75"},
        "a_share": "0.95",
    }
    tender = tender_of(price=bilateral(abc), max_price="1000")
    opening = opening_of("860", "820", "790", "905", "840")
    # 860 and 905 are not below 0.95 x 900, and 790 is C: their tickets do not count.
    opening["tickets"] = {f"b{n}": str(digit) * 64 for n, digit in [(1, 0), (2, 3), (3, 1), (4, 2), (5, 4)]}

    result = score(tender, opening, sheets_of(opening, "0"))

    assert Fraction(result["benchmark"]) == Fraction("828.38")


def test_the_plain_mean_with_its_own_slopes_and_floor() -> None:
    rule = bilateral({"family": "MEAN"}, e1="0.2", e2="0.1", floor="10")
    result = priced(rule, "480", "500", "520", "540", full="15")

    assert result["benchmark"] == "510/1"
    assert price_points(result) == ["14.41", "14.80", "14.61", "13.82"]


def test_the_highway_scale_of_one_hundred() -> None:
    rule = bilateral(TRIM, rule="HIGHWAY", e1="2", e2="1")
    del rule["floor"]
    result = priced(rule, "8800", "8900", "9000", "9100", "9200", "9300", "9400", full="100")

    assert result["benchmark"] == "9100/1"
    points = price_points(result)
    assert (points[0], points[3], points[6]) == ("96.70", "100.00", "93.41")


@pytest.mark.parametrize(("rule", "total"), [("DROP_HIGH_LOW", "87.67"), ("MEAN", "85.00")])
def test_the_mean_of_five_members_with_and_without_the_outermost(rule: str, total: str) -> None:
    tender = tender_of(price=None, aggregation={"rule": rule, "from": 5, "level": "SECTION"})
    opening = opening_of("100")

    result = score(tender, opening, sheets_of(opening, "85", "88", "90", "92", "70"))

    assert standings(result)["b1"]["total"] == total


def test_days_of_delay_are_priced_before_the_lowest_price_wins() -> None:
    delay = {"id": "delay", "name": "Delay", "unit": "day", "rate": "0.001"}
    opening = opening_of("10000000", "10030000")
    sheets = sheets_of(opening)
    sheets["reviews"]["b1"]["adjustments"] = {"delay": "5"}

    result = score(gates_only(adjustments=[delay]), opening, sheets)

    assert [(row["bid"], row["evaluated"]) for row in result["standings"]] == [
        ("b2", "10030000/1"),
        ("b1", "10050000/1"),
    ]


def corrected(statement: Any, *, order: str, confirmed: bool = True) -> Any:
    """What becomes of a bid with this statement."""
    opening = opening_of(statement["figures"])
    opening["bids"][0]["statement"] = {"words": None, "other": None, "sections": [], "lines": []} | statement
    sheets = sheets_of(opening)
    sheets["reviews"]["b1"]["confirmed"] = confirmed
    rules = {"regime": order, "corrections": {"order": order, "keep_replaced_total": True}}
    row = score(gates_only(**rules, max_price="1010000"), opening, sheets)["standings"][0]
    return row["invalid"]["code"] if row["invalid"] else row["corrected"]


def line(quantity: str, unit: str, total: str, section: str | None = None) -> Any:
    return {"id": "l1", "section": section, "quantity": quantity, "unit": unit, "total": total}


@pytest.mark.parametrize("order", ["TB", "GP"])
def test_words_beat_figures(order: str) -> None:
    assert corrected({"words": "1000000", "figures": "1010000"}, order=order) == "1000000.00"


@pytest.mark.parametrize("order", ["TB", "GP"])
def test_the_unit_price_beats_the_line(order: str) -> None:
    statement = {"figures": "15200", "lines": [line("1200", "12.50", "15200")]}

    assert corrected(statement, order=order) == "15000.00"


@pytest.mark.parametrize("order", ["TB", "GP"])
def test_a_slip_of_the_decimal_point_leaves_the_total(order: str) -> None:
    statement = {"figures": "15000", "lines": [line("1200", "1250.00", "15000")]}

    assert corrected(statement, order=order, confirmed=False) == "15000.00"


def test_another_part_that_differs_lets_the_summary_stand() -> None:
    statement = {"figures": "15200", "other": "15000", "lines": [line("1200", "12.50", "15000")]}

    assert corrected(statement, order="GP") == "15200.00"


@pytest.mark.parametrize("order", ["TB", "GP"])
def test_a_correction_that_nobody_confirmed_is_invalid(order: str) -> None:
    statement = {"words": "1000000", "figures": "1010000"}

    assert corrected(statement, order=order, confirmed=False) == "unconfirmed"


@pytest.mark.parametrize(
    ("price", "code"),
    [("10200", None), ("10200.01", "over_max_price"), ("0", "no_price"), ("-5", "no_price")],
)
def test_the_maximum_price_itself_is_allowed(price: str, code: str | None) -> None:
    opening = opening_of(price)

    (row,) = score(gates_only(max_price="10200"), opening, sheets_of(opening))["standings"]

    assert (row["invalid"] and row["invalid"]["code"]) == code


def test_totals_add_up_to_what_is_shown_only_with_each_item_rounded() -> None:
    def total(stage: str) -> str:
        tender = tender_of(price=None, rounding={"stage": stage, "scale": 2})
        tender["criteria"] = [
            {"id": name, "name": name, "kind": "MANUAL", "max": "50", "objective": False} for name in "ab"
        ]
        opening = opening_of("100")
        sheets = sheets_of(opening, "0", "0", "0")
        for member, points in zip(sheets["members"], ("33", "33", "34"), strict=True):
            member["scores"]["b1"] = {"a": points, "b": points}
        return str(standings(score(tender, opening, sheets))["b1"]["total"])

    exact = Decimal(200) / 3
    assert (total("FINAL"), total("EACH_ITEM")) == (f"{exact:.2f}", "66.66")
