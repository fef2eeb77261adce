"""Scoring against the worked cases of the rules, and what must hold for every evaluation."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.evaluation.points import (
    Criterion,
    CriterionKind,
    InvalidReason,
    Item,
    PricedBid,
    PriceMethod,
    PriceRule,
    benchmark,
    half_up,
    invalid_reason,
    price_points,
    score,
    trimmed_mean,
)

LOWEST = PriceRule(method=PriceMethod.LOW_PRICE_FIRST)
TECHNICAL = Criterion(
    id="technical",
    label="Technical",
    kind=CriterionKind.MANUAL,
    max_points=40,
    items=(Item(id="plan", label="Plan", max_points=25), Item(id="safety", label="Safety", max_points=15)),
)
CREDIT = Criterion(
    id="credit",
    label="Credit",
    kind=CriterionKind.MANUAL,
    max_points=10,
    items=(Item(id="record", label="Record", max_points=10),),
)
PRICE = Criterion(id="price", label="Price", kind=CriterionKind.PRICE, max_points=50)
CRITERIA = (TECHNICAL, CREDIT, PRICE)


def published(prices: list[int], *, weight: int, rule: PriceRule) -> list[str]:
    target = benchmark(prices, rule)
    return [str(half_up(price_points(p, target=target, weight=weight, rule=rule))) for p in prices]


def sheet(**bids: tuple[int, int, int]) -> dict[str, dict[str, int]]:
    return {
        bid: {"plan": plan, "safety": safety, "record": record}
        for bid, (plan, safety, record) in bids.items()
    }


def ranking(prices: dict[str, int], sheets: list[dict[str, dict[str, int]]]) -> list[tuple[str, int | None]]:
    bids = [PricedBid(bid_id=bid, price_fen=price) for bid, price in prices.items()]
    result = score(CRITERIA, LOWEST, bids, sheets, max_price_fen=200_00)
    return [(standing.bid_id, standing.rank) for standing in result.standings]


def test_pr01_the_lowest_price_gets_all_points_and_others_their_share() -> None:
    assert published([98, 105, 120], weight=30, rule=LOWEST) == ["30.00", "28.00", "24.50"]


def test_pr05_a_trimmed_mean_is_lowered_by_the_drawn_coefficient_and_not_rounded() -> None:
    rule = PriceRule(method=PriceMethod.BENCHMARK_MEAN, trim_hl=True, k=Fraction("0.02"))

    assert benchmark([9400, 9550, 9600, 9700, 9820, 9950], rule) == Fraction("9474.15")


def test_w1_points_fall_by_e1_above_and_e2_below_the_benchmark() -> None:
    rule = PriceRule(
        method=PriceMethod.BENCHMARK_MEAN,
        trim_hl=True,
        k=Fraction("0.02"),
        e1=Fraction(1),
        e2=Fraction("0.5"),
    )

    points = published([9400, 9550, 9600, 9700, 9820, 9950], weight=60, rule=rule)

    assert points == ["59.61", "59.20", "58.67", "57.62", "56.35", "54.98"]


def test_pr09_the_plain_mean_is_a_benchmark_with_a_floor() -> None:
    rule = PriceRule(
        method=PriceMethod.BENCHMARK_MEAN, e1=Fraction("0.2"), e2=Fraction("0.1"), floor=Fraction(10)
    )

    assert published([480, 500, 520, 540], weight=15, rule=rule) == ["14.41", "14.80", "14.61", "13.82"]


def test_points_by_benchmark_never_fall_below_the_floor() -> None:
    rule = PriceRule(method=PriceMethod.BENCHMARK_MEAN, e1=Fraction(5), e2=Fraction(1))

    assert price_points(400, target=Fraction(200), weight=50, rule=rule) == 0


def test_a_benchmark_of_fewer_than_five_bids_is_not_trimmed() -> None:
    rule = PriceRule(method=PriceMethod.BENCHMARK_MEAN, trim_hl=True)

    assert benchmark([100, 100, 100, 300], rule) == 150


def test_pr11_five_members_lose_one_highest_and_one_lowest() -> None:
    scores = [Fraction(value) for value in (85, 88, 90, 92, 70)]

    assert str(half_up(trimmed_mean(scores))) == "87.67"
    assert str(half_up(trimmed_mean(scores[:4]))) == "88.75"


def test_only_one_copy_of_the_highest_and_of_the_lowest_is_removed() -> None:
    assert trimmed_mean([Fraction(v) for v in (90, 90, 60, 60, 75)]) == 75


@pytest.mark.parametrize(
    ("price_fen", "expected"),
    [
        (10_200_00, None),
        (10_200_01, InvalidReason.OVER_MAX_PRICE),
        (0, InvalidReason.NO_PRICE),
        (-1, InvalidReason.NO_PRICE),
    ],
)
def test_pr19_only_a_price_above_the_maximum_is_rejected(
    price_fen: int, expected: InvalidReason | None
) -> None:
    assert invalid_reason(price_fen, max_price_fen=10_200_00) == expected


def test_a_rejected_bid_has_a_reason_no_score_and_no_part_in_the_lowest_price() -> None:
    bids = [PricedBid(bid_id="a", price_fen=300_00), PricedBid(bid_id="b", price_fen=100_00)]
    sheets = [sheet(b=(20_00, 10_00, 8_00))]

    result = score(CRITERIA, LOWEST, bids, sheets, max_price_fen=200_00)

    first, last = result.standings
    assert (first.bid_id, first.rank, first.total) == ("b", 1, Decimal("88.00"))
    assert (last.bid_id, last.rank, last.total, last.invalid) == ("a", None, None, "over_max_price")


def test_with_every_bid_rejected_nobody_is_ranked() -> None:
    result = score(CRITERIA, LOWEST, [PricedBid(bid_id="a", price_fen=300_00)], [], max_price_fen=200_00)

    assert [standing.rank for standing in result.standings] == [None]


def test_trimming_is_by_section_total_not_by_item() -> None:
    # By item the extremes 25 and 0 would go; by section every member gave 25 points in total.
    sheets = [sheet(a=(plan * 100, (25 - plan) * 100, 5_00)) for plan in (10, 12, 15, 20, 25)]
    bids = [PricedBid(bid_id="a", price_fen=100_00)]

    result = score(CRITERIA, LOWEST, bids, sheets, max_price_fen=200_00)

    assert [part.points for part in result.standings[0].parts] == [
        Decimal("25.00"),
        Decimal("5.00"),
        Decimal("50.00"),
    ]


def test_the_total_is_rounded_once_from_the_exact_sum() -> None:
    # 1/3 + 1/3 + 50: shown parts 0.33 + 0.33 + 50.00 do not add up to the total of 50.67.
    sheets = [sheet(a=(1_00, 0, 0)), sheet(a=(0, 0, 1_00)), sheet(a=(0, 0, 0))]
    bids = [PricedBid(bid_id="a", price_fen=100_00)]

    standing = score(CRITERIA, LOWEST, bids, sheets, max_price_fen=200_00).standings[0]

    assert [str(part.points) for part in standing.parts] == ["0.33", "0.33", "50.00"]
    assert str(standing.total) == "50.67"


def test_equal_totals_go_to_the_lower_price() -> None:
    # 100 yuan: 50.00 + 10.00; 125 yuan: 40.00 + 20.00.
    sheets = [sheet(dear=(20_00, 0, 0), cheap=(10_00, 0, 0))]

    assert ranking({"dear": 125_00, "cheap": 100_00}, sheets) == [("cheap", 1), ("dear", 2)]


def test_equal_totals_and_prices_go_to_the_better_technical_part() -> None:
    sheets = [sheet(a=(10_00, 0, 5_00), b=(12_00, 0, 3_00))]

    assert ranking({"a": 100_00, "b": 100_00}, sheets) == [("b", 1), ("a", 2)]


def test_what_is_equal_in_everything_shares_a_rank_and_is_never_drawn() -> None:
    sheets = [sheet(a=(10_00, 0, 5_00), b=(10_00, 0, 5_00), c=(1_00, 0, 0))]

    assert ranking({"a": 100_00, "b": 100_00, "c": 100_00}, sheets) == [("a", 1), ("b", 1), ("c", 3)]


PRICES = st.lists(st.integers(1, 10**13), min_size=1, max_size=12)
SCORES = st.lists(st.fractions(0, 100), min_size=1, max_size=9)


@given(SCORES, st.randoms(use_true_random=False))
def test_the_aggregate_lies_between_the_members_and_ignores_their_order(
    values: list[Fraction], chance: object
) -> None:
    shuffled = list(values)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    assert min(values) <= trimmed_mean(values) <= max(values)
    assert trimmed_mean(shuffled) == trimmed_mean(values)


@given(st.lists(st.fractions(0, 100), min_size=5, max_size=9), st.fractions(0, 10**6))
def test_one_member_cannot_move_the_aggregate_beyond_the_others(
    values: list[Fraction], extreme: Fraction
) -> None:
    others = values[1:]

    assert min(others) <= trimmed_mean([extreme, *others]) <= max(others)


@given(PRICES, st.integers(1, 100))
def test_low_price_first_gives_the_weight_to_the_lowest_and_keeps_the_order(
    prices: list[int], weight: int
) -> None:
    target = benchmark(prices, LOWEST)
    points = {price: price_points(price, target=target, weight=weight, rule=LOWEST) for price in prices}

    assert points[min(prices)] == weight
    assert all(0 < value <= weight for value in points.values())
    assert sorted(points, key=lambda price: -points[price]) == sorted(points)


@given(PRICES, st.integers(1, 100), st.fractions(0, 5), st.fractions(0, 5), st.booleans())
def test_by_benchmark_points_stay_between_floor_and_weight(
    prices: list[int], weight: int, e1: Fraction, e2: Fraction, trim: bool
) -> None:
    rule = PriceRule(method=PriceMethod.BENCHMARK_MEAN, e1=e1, e2=e2, trim_hl=trim)
    target = benchmark(prices, rule)

    assert all(0 <= price_points(p, target=target, weight=weight, rule=rule) <= weight for p in prices)


@given(st.integers(0, 10**9), st.integers(1, 10**6))
def test_rounding_half_up_is_off_by_at_most_half_a_hundredth(numerator: int, denominator: int) -> None:
    value = Fraction(numerator, denominator)
    difference = Fraction(half_up(value)) - value

    assert -Fraction(1, 200) < difference <= Fraction(1, 200)
