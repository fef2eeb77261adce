"""Scores and ranking from locked sheets and prices: exact inside, rounded half-up only where published."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

TRIM_FROM = 5
"""From this many members (or bids, for a trimmed benchmark) one highest and one lowest are left out."""

TECHNICAL = "technical"
"""The criterion that decides between equal totals and equal prices."""

Points = Mapping[str, Mapping[str, int]]
"""One member's sheet: bid id -> item id -> hundredths of a point."""


class CriterionKind(StrEnum):
    MANUAL = "manual"
    PRICE = "price"


class PriceMethod(StrEnum):
    LOW_PRICE_FIRST = "low_price_first"
    BENCHMARK_MEAN = "benchmark_mean"


class InvalidReason(StrEnum):
    OVER_MAX_PRICE = "over_max_price"
    NO_PRICE = "no_price"
    TECHNICAL = "technical"
    UNQUALIFIED = "unqualified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something the experts score, from 0 to `max_points`."""

    id: str
    label: str
    max_points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """A top-level section; a manual one is scored by its items, the price one by the rule."""

    id: str
    label: str
    kind: CriterionKind
    max_points: int
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRule:
    """How a price becomes points: `e1` and `e2` per percentage point above and below the benchmark."""

    method: PriceMethod
    e1: Fraction = Fraction(0)
    e2: Fraction = Fraction(0)
    trim_hl: bool = False
    k: Fraction = Fraction(0)
    floor: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedBid:
    """A bid as it comes to the price; nothing for one that failed before its price was opened."""

    bid_id: str
    price_fen: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A bid's points under one criterion: the exact value and the published one."""

    criterion_id: str
    exact: Fraction
    points: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a bid ends: rank, total and parts, or the reason why it has none; every ranked one has its price."""

    bid_id: str
    price_fen: int | None
    rank: int | None = None
    total: Decimal | None = None
    parts: tuple[Part, ...] = ()
    invalid: InvalidReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """All bids, the ranked ones first in their order; `benchmark_fen` when the method has one."""

    standings: tuple[Standing, ...]
    benchmark_fen: Fraction | None


def invalid_reason(price_fen: int | None, *, max_price_fen: int) -> InvalidReason | None:
    """Why a price bars its bid; the maximum itself is allowed (实施条例 art. 51)."""
    if price_fen is None:
        return InvalidReason.TECHNICAL
    if price_fen <= 0:
        return InvalidReason.NO_PRICE
    return InvalidReason.OVER_MAX_PRICE if price_fen > max_price_fen else None


def score(
    criteria: Sequence[Criterion],
    price_rule: PriceRule,
    bids: Iterable[PricedBid],
    sheets: Sequence[Points],
    *,
    max_price_fen: int,
    unqualified: Collection[str] = (),
) -> Result:
    """Score and rank; `sheets` must hold every item of every bid that is qualified and passes the price gate."""
    gated = [
        (
            bid,
            InvalidReason.UNQUALIFIED
            if bid.bid_id in unqualified
            else invalid_reason(bid.price_fen, max_price_fen=max_price_fen),
        )
        for bid in bids
    ]
    valid = [(bid, bid.price_fen) for bid, reason in gated if reason is None and bid.price_fen is not None]
    target = benchmark([price for _, price in valid], price_rule) if valid else None
    scored = [(bid, price, _parts(criteria, price_rule, bid, price, target, sheets)) for bid, price in valid]
    barred = [
        Standing(bid_id=bid.bid_id, price_fen=bid.price_fen, invalid=reason)
        for bid, reason in gated
        if reason is not None
    ]
    shown = target if price_rule.method is PriceMethod.BENCHMARK_MEAN else None
    return Result(standings=(*_ranked(scored), *barred), benchmark_fen=shown)


def benchmark(prices_fen: Sequence[int], rule: PriceRule) -> Fraction:
    """What prices are compared with: the lowest, or the (trimmed) mean times 1 - K, unrounded."""
    if rule.method is PriceMethod.LOW_PRICE_FIRST:
        return Fraction(min(prices_fen))
    kept = [Fraction(price) for price in prices_fen]
    return (trimmed_mean(kept) if rule.trim_hl else _mean(kept)) * (1 - rule.k)


def price_points(price_fen: int, *, target: Fraction, weight: int, rule: PriceRule) -> Fraction:
    """Exact points of a price; by benchmark they never fall below the rule's floor."""
    if rule.method is PriceMethod.LOW_PRICE_FIRST:
        return target / price_fen * weight
    percent = (price_fen - target) / target * 100
    lost = percent * rule.e1 if percent > 0 else -percent * rule.e2
    return max(weight - lost, rule.floor)


def trimmed_mean(values: Sequence[Fraction]) -> Fraction:
    """The mean; of five or more values without exactly one highest and one lowest."""
    if len(values) < TRIM_FROM:
        return _mean(values)
    return _mean(sorted(values)[1:-1])


def half_up(value: Fraction) -> Decimal:
    """A value of at least 0 rounded to two decimals, halves upwards."""
    return Decimal(math.floor(value * 100 + Fraction(1, 2))).scaleb(-2)


def section_total(sheet: Points, bid_id: str, criterion: Criterion) -> Fraction:
    """One member's points for one bid under one criterion."""
    return Fraction(sum(sheet[bid_id][item.id] for item in criterion.items), 100)


def _mean(values: Sequence[Fraction]) -> Fraction:
    return sum(values, Fraction(0)) / len(values)


def _parts(
    criteria: Sequence[Criterion],
    rule: PriceRule,
    bid: PricedBid,
    price_fen: int,
    target: Fraction | None,
    sheets: Sequence[Points],
) -> tuple[Part, ...]:
    parts = []
    for criterion in criteria:
        if criterion.kind is CriterionKind.PRICE:
            assert target is not None  # there is a valid bid: this one
            exact = price_points(price_fen, target=target, weight=criterion.max_points, rule=rule)
        else:
            exact = trimmed_mean([section_total(sheet, bid.bid_id, criterion) for sheet in sheets])
        parts.append(Part(criterion_id=criterion.id, exact=exact, points=half_up(exact)))
    return tuple(parts)


def _ranked(scored: Sequence[tuple[PricedBid, int, tuple[Part, ...]]]) -> list[Standing]:
    """By published total, then lower price, then technical points; what is still equal shares a rank."""
    keyed = []
    for bid, price, parts in scored:
        total = half_up(sum((part.exact for part in parts), Fraction(0)))
        technical = sum((part.points for part in parts if part.criterion_id == TECHNICAL), Decimal(0))
        keyed.append(((-total, price, -technical), bid, total, parts))
    keyed.sort(key=lambda entry: entry[0])
    return [
        Standing(
            bid_id=bid.bid_id,
            price_fen=bid.price_fen,
            rank=1 + sum(1 for other in keyed if other[0] < key),
            total=total,
            parts=parts,
        )
        for key, bid, total, parts in keyed
    ]
