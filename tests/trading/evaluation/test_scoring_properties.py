"""What must hold for every evaluation: no order of the documents matters, nothing is lost by rounding."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trading.evaluation.documents import (
    LOW_PRICE_FIRST,
    bilateral,
    group,
    manual,
    opening,
    price,
    sheets,
    tender_file,
)
from trading.evaluation.scoring import score, trace

PRICES = st.lists(st.integers(1, 10**7), min_size=1, max_size=8)
MEMBERS = st.integers(1, 7)
FAMILIES: list[dict[str, Any]] = [
    {"family": "MEAN"},
    {"family": "TRIM_MEAN_HL", "from": 5, "high": 1, "low": 1},
    {"family": "TRIM_PCT", "share": "0.2"},
    {"family": "ITERATIVE", "limit": "0.3", "factor": "1", "least": 2},
]
CRITERIA = (
    group("tech", "40", manual("plan", "25"), manual("safety", "15")),
    manual("credit", "10"),
    price("50"),
)


def documents(chance: Random, prices: list[int], members: int, rule: dict[str, Any], **changes: Any) -> Any:
    """A tender with points by chance; what it has is the same for the same chance."""
    bids = {f"b{n}": f"{value / 100:.2f}" for n, value in enumerate(prices)}
    given = [
        {
            bid: {name: f"{chance.randrange(most * 100 + 1) / 100:.2f}" for name, most in LEAVES.items()}
            for bid in bids
        }
        for _ in range(members)
    ]
    return tender_file(*CRITERIA, price=rule, **changes), opening(bids, tickets=True), sheets(*given)


LEAVES = {"plan": 25, "safety": 15, "credit": 10}


@given(PRICES, MEMBERS, st.integers(0, 2**32), st.sampled_from(FAMILIES))
@settings(max_examples=60)
def test_the_order_of_bids_and_members_does_not_matter(
    prices: list[int], members: int, seed: int, family: dict[str, Any]
) -> None:
    file, opened, given_sheets = documents(Random(seed), prices, members, bilateral(family))

    first = score(file, opened, given_sheets)
    opened["bids"].reverse()
    given_sheets["members"].reverse()
    second = score(file, opened, given_sheets)

    assert {**first, "alarms": []} == {**second, "alarms": []}


@given(PRICES, MEMBERS, st.integers(0, 2**32))
@settings(max_examples=60)
def test_a_lower_price_never_has_fewer_points_and_the_lowest_has_all(
    prices: list[int], members: int, seed: int
) -> None:
    found = score(*documents(Random(seed), prices, members, LOW_PRICE_FIRST))["standings"]

    by_price = sorted((Fraction(one["evaluated"]), Fraction(one["sections"]["price"])) for one in found)
    points = [value for _, value in by_price]
    assert points[0] == 50
    assert points == sorted(points, reverse=True)


@given(PRICES, MEMBERS, st.integers(0, 2**32), st.sampled_from(FAMILIES))
@settings(max_examples=60)
def test_by_benchmark_nearer_is_better_on_either_side(
    prices: list[int], members: int, seed: int, family: dict[str, Any]
) -> None:
    found = score(*documents(Random(seed), prices, members, bilateral(family)))["standings"]

    above = sorted((d, p) for d, p in map(_deviation, found) if d >= 0)
    below = sorted((-d, p) for d, p in map(_deviation, found) if d <= 0)
    for side in (above, below):
        points = [value for _, value in side]
        assert points == sorted(points, reverse=True)
        assert all(0 <= value <= 50 for value in points)


def _deviation(one: Any) -> tuple[Fraction, Fraction]:
    return Fraction(one["deviation"]), Fraction(one["sections"]["price"])


@given(PRICES, MEMBERS, st.integers(0, 2**32), st.sampled_from(["FINAL", "EACH_ITEM", "DEVIATION_RATE"]))
@settings(max_examples=60)
def test_the_total_is_the_exact_sum_within_its_rounding(
    prices: list[int], members: int, seed: int, stage: str
) -> None:
    rounding = {"stage": stage, "scale": 2}

    found = score(*documents(Random(seed), prices, members, bilateral(FAMILIES[1]), rounding=rounding))

    for one in found["standings"]:
        exact = sum(map(Fraction, one["sections"].values()))
        shown = sum(map(Decimal, one["shown"].values()))
        within = Fraction(1, 200) * (3 if stage == "EACH_ITEM" else 1)
        assert abs(Fraction(one["total"]) - exact) <= within
        if stage == "EACH_ITEM":
            assert Decimal(one["total"]) == shown


@given(st.integers(3, 9), st.integers(0, 2**32), st.sampled_from(["SECTION", "ITEM", "TOTAL"]))
@settings(max_examples=60)
def test_trimmed_points_lie_between_the_members(members: int, seed: int, level: str) -> None:
    aggregation = {"rule": "DROP_HIGH_LOW", "from": 3, "level": level}
    file, opened, given_sheets = documents(
        Random(seed), [100], members, LOW_PRICE_FIRST, aggregation=aggregation
    )

    sections = score(file, opened, given_sheets)["standings"][0]["sections"]

    credits = [Fraction(one["scores"]["b0"]["credit"]) for one in given_sheets["members"]]
    assert min(credits) <= Fraction(sections["credit"]) <= max(credits)


@given(PRICES, MEMBERS, st.integers(0, 2**32), st.sampled_from(FAMILIES))
@settings(max_examples=30)
def test_the_steps_of_a_bid_lead_to_its_result(
    prices: list[int], members: int, seed: int, family: dict[str, Any]
) -> None:
    given_documents = documents(Random(seed), prices, members, bilateral(family))
    found = score(*given_documents)
    one = found["standings"][0]

    steps = {(step["step"], step["of"]): step["value"] for step in trace(*given_documents, one["bid"])}

    assert steps["benchmark.value", None] == found["benchmark"]
    assert steps["price.deviation", None] == one["deviation"]
    assert steps["points.section", "tech"] == one["sections"]["tech"]
    assert Fraction(steps["total.rounded", None]) == Fraction(one["total"])
    assert steps["rank", None] == f"{one['rank']}/1"
