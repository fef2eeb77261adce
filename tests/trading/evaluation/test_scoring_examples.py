"""The worked examples of the rules: benchmarks and price scores as the law's texts and real tenders give them."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.trading.evaluation.documents import (
    LOW_PRICE_FIRST,
    MEAN,
    Document,
    bilateral,
    manual,
    opening,
    price,
    prices_only,
    sheets,
    tender_file,
)
from trading.evaluation.scoring import score

TRIMMED: Document = {"family": "TRIM_MEAN_HL", "from": 5, "high": 1, "low": 1}
W1_PRICES = ["9400", "9550", "9600", "9700", "9820", "9950"]
K = {"id": "K", "candidates": ["0.01", "0.02", "0.03"]}


def result(rule: Document, prices: list[str], **changes: object) -> Document:
    return score(*prices_only(rule, prices, **changes))


def shown(found: Document) -> list[str]:
    """The published points of the price, in the order of the bids."""
    return [one["shown"]["price"] for one in sorted(found["standings"], key=lambda one: one["bid"])]


def test_pr01_the_lowest_price_gets_all_points_and_others_their_share() -> None:
    assert shown(result(LOW_PRICE_FIRST, ["98", "105", "120"], weight="30")) == ["30.00", "28.00", "24.50"]


def test_w1_pr05_pr06_a_trimmed_mean_is_lowered_by_the_drawn_coefficient() -> None:
    rule = bilateral({"family": "DRAW_K", "inner": TRIMMED, "form": "ONE_MINUS_K", "k": {"draw": "K"}})

    found = result(rule, W1_PRICES, max_price="10200", draws=[K], drawn={"K": "0.02"})

    assert Fraction(found["benchmark"]) == Fraction("9474.15")
    assert shown(found) == ["59.61", "59.20", "58.67", "57.62", "56.35", "54.98"]


def test_w2_pr07_the_trimmed_mean_is_mixed_with_the_maximum_price() -> None:
    rule = bilateral({"family": "MIX_CONTROL", "inner": TRIMMED, "k1": "0.97", "k2": "0.93", "q1": "0.7"})

    found = result(rule, W1_PRICES, max_price="10200")

    assert Fraction(found["benchmark"]) == Fraction("9410.0325")


def test_w3_pr08_three_prices_are_weighted_one_of_them_drawn() -> None:
    rule = bilateral(
        {
            "family": "ABC",
            "delta": "0.1",
            "k": "0.97",
            "weights": ["0.5", "0.3", "0.2"],
            "limit": {"mean": "0.7", "max": "0.3", "factor": "0.75"},
            "a_share": "0.95",
        }
    )
    file, opened, given = prices_only(rule, ["860", "820", "790", "905", "840"], max_price="1000")
    # The second bid has the first ticket of those between C = 790 and 0.95 A = 855.
    opened["tickets"] = {f"b{n:02}": f"{ticket:064x}" for n, ticket in enumerate([1, 3, 2, 0, 4], 1)}

    assert Fraction(score(file, opened, given)["benchmark"]) == Fraction("828.38")


def test_w4_pr09_the_plain_mean_is_a_benchmark_with_a_floor() -> None:
    rule = bilateral(MEAN, e1="0.2", e2="0.1", floor="10")

    found = result(rule, ["480", "500", "520", "540"], weight="15")

    assert (found["benchmark"], shown(found)) == ("510/1", ["14.41", "14.80", "14.61", "13.82"])


def test_w5_pr10_the_highway_rule_scores_on_a_scale_of_a_hundred() -> None:
    rule = {**bilateral(TRIMMED, e1="2", e2="1"), "rule": "HIGHWAY"}
    del rule["floor"]

    found = result(rule, ["8800", "8900", "9000", "9100", "9200", "9300", "9400"], weight="100")

    points = shown(found)
    assert (found["benchmark"], points[0], points[3], points[6]) == ("9100/1", "96.70", "100.00", "93.41")


@pytest.mark.parametrize(("rule", "expected"), [("DROP_HIGH_LOW", "87.67"), ("MEAN", "85.00")])
def test_pr11_five_members_lose_one_highest_and_one_lowest(rule: str, expected: str) -> None:
    file = tender_file(
        manual("plan", "100"),
        price=None,
        aggregation={"rule": rule, "from": 5, "level": "SECTION"},
    )
    given = sheets(*({"a": {"plan": points}} for points in ("85", "88", "90", "92", "70")))

    found = score(file, opening({"a": "100.00"}), given)

    assert found["standings"][0]["total"] == expected


def test_pr03_discounts_are_each_taken_from_the_original_price() -> None:
    policies = [
        {"id": "domestic", "name": "domestic product", "rate": "0.2", "how": "DISCOUNT"},
        {"id": "sme", "name": "small enterprise", "rate": "0.1", "how": "DISCOUNT"},
    ]
    file = tender_file(price("100"), regime="GP", policies=policies)
    given = sheets({"a": {}}, reviews={"a": {"policies": ["domestic", "sme"]}})

    assert score(file, opening({"a": "100"}), given)["standings"][0]["evaluated"] == "70/1"


def test_a_micro_enterprise_beats_a_lower_price_by_its_discount() -> None:
    policies = [{"id": "sme", "name": "small enterprise", "rate": "0.1", "how": "DISCOUNT"}]
    file = tender_file(manual("plan", "70"), price("30"), regime="GP", policies=policies)
    given = sheets({"a": {"plan": "0"}, "b": {"plan": "0"}}, reviews={"a": {"policies": ["sme"]}})

    found = score(file, opening({"a": "100", "b": "95"}), given)

    assert [(one["bid"], one["total"]) for one in found["standings"]] == [("a", "30.00"), ("b", "28.42")]


def test_points_of_technique_credit_and_price_add_up_to_the_worked_total() -> None:
    """24.50 + 22.50 + 38.67 = 85.67 (domain: 3.5)."""
    file = tender_file(manual("plan", "35"), manual("credit", "25"), price("40"))
    marks = {"plan": "24.50", "credit": "22.50"}

    found = score(file, opening({"a": "100000", "b": "96675"}), sheets({"a": marks, "b": marks}))

    one = next(one for one in found["standings"] if one["bid"] == "a")
    assert (one["shown"]["price"], one["total"]) == ("38.67", "85.67")


def test_pr13_lateness_makes_the_lower_price_dearer() -> None:
    adjustments = [{"id": "late", "name": "delivery", "unit": "day", "rate": "0.001"}]
    file = tender_file(
        {"id": "seal", "name": "seal", "kind": "PASS_FAIL", "article": "art. 51"},
        method="LOWEST_PRICE",
        price=None,
        adjustments=adjustments,
    )
    given = sheets(
        {"A": {"seal": "pass"}, "B": {"seal": "pass"}}, reviews={"A": {"adjustments": {"late": "5"}}}
    )

    found = score(file, opening({"A": "10000000", "B": "10030000"}), given)

    assert [(one["bid"], one["evaluated"]) for one in found["standings"]] == [
        ("B", "10030000/1"),
        ("A", "10050000/1"),
    ]


@pytest.mark.parametrize(
    ("bid", "expected"), [("10200.01", "over_max_price"), ("10200.00", None), ("0", "no_price")]
)
def test_pr19_only_a_price_above_the_maximum_is_rejected(bid: str, expected: str | None) -> None:
    found = result(LOW_PRICE_FIRST, [bid], max_price="10200.00")

    invalid = found["standings"][0]["invalid"]
    assert (invalid and invalid["code"]) == expected
