"""The benchmark price: eight families, each a pipeline over the prices (评标基准价)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from typing import Protocol

from trading.evaluation.scoring.exact import half_up, mean
from trading.evaluation.scoring.given import Code, Refused
from trading.evaluation.scoring.steps import Step, step

PLACE = "price.benchmark"
MANY = 7
"""From so many bids a share is cut off at each end; below it highest ones or nothing."""
FEW = 4


@dataclass(frozen=True, slots=True)
class Offer:
    """A price that takes part in the benchmark, and its bid's ticket from the draw."""

    bid: str
    price: Fraction
    ticket: str | None


@dataclass(frozen=True, slots=True)
class Market:
    """What a benchmark is made from: the offers by price, the maximum price, the drawn values; and how it was made."""

    offers: tuple[Offer, ...]
    max_price: Fraction | None
    draws: Mapping[str, Fraction]
    steps: list[Step]

    @property
    def mean(self) -> Fraction:
        return mean([offer.price for offer in self.offers])

    @property
    def ceiling(self) -> Fraction:
        """The maximum price, which a tender file has whose family asks for it."""
        assert self.max_price is not None  # checked when the file was read
        return self.max_price

    def only(self, offers: Sequence[Offer]) -> Market:
        """The same with fewer offers."""
        return replace(self, offers=tuple(offers))

    def note(self, name: str, value: Fraction | None, offers: Iterable[Offer] = ()) -> None:
        """Write down a step."""
        self.steps.append(step(f"benchmark.{name}", value, inputs=[(o.bid, o.price) for o in offers]))

    def kept(self, name: str, offers: Sequence[Offer]) -> Fraction:
        """The mean of the offers that stay, written down."""
        value = mean([offer.price for offer in offers])
        self.note(name, value, offers)
        return value


class Family(Protocol):
    """A way from the prices to the benchmark."""

    def value(self, market: Market) -> Fraction: ...


@dataclass(frozen=True, slots=True)
class Drawn:
    """A number of the tender file: written there, or drawn at the opening under an id."""

    fixed: Fraction | None
    draw: str | None

    def of(self, market: Market, name: str) -> Fraction:
        if self.draw is None:
            assert self.fixed is not None  # one of the two is given
            return self.fixed
        value = market.draws[self.draw]
        market.steps.append(step(f"benchmark.drawn.{name}", value, of=self.draw))
        return value


@dataclass(frozen=True, slots=True)
class Band:
    """A price between the mean and the maximum price: (mean x a + maximum x b) x factor."""

    mean: Fraction
    max: Fraction
    factor: Fraction

    def of(self, market: Market, name: str) -> Fraction:
        value = (market.mean * self.mean + market.ceiling * self.max) * self.factor
        market.note(name, value)
        return value


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of all."""

    def value(self, market: Market) -> Fraction:
        return market.kept("mean", market.offers)


@dataclass(frozen=True, slots=True)
class TrimMean:
    """The mean without some highest and lowest, from so many bids on."""

    trim_from: int
    high: int
    low: int

    def value(self, market: Market) -> Fraction:
        count = len(market.offers)
        if count < self.trim_from:
            return market.kept("mean", market.offers)
        return market.kept("trimmed", market.offers[self.low : count - self.high])


@dataclass(frozen=True, slots=True)
class TrimShare:
    """Of many bids a share less at each end, of some without the highest, of few the second lowest."""

    share: Fraction

    def value(self, market: Market) -> Fraction:
        offers = market.offers
        count = len(offers)
        if count < FEW:
            return market.kept("second_lowest", offers[min(1, count - 1) :][:1])
        if count >= MANY:
            cut = int(half_up(self.share * count, 0))
            return market.kept("trimmed", offers[cut : count - cut])
        lower = [offer for offer in offers if offer.price < offers[-1].price]
        return market.kept("trimmed", lower or offers)


@dataclass(frozen=True, slots=True)
class Iterative:
    """The farthest from the mean goes while it is farther than the limit; then times a factor."""

    limit: Fraction
    factor: Drawn
    least: int

    def value(self, market: Market) -> Fraction:
        offers = market.offers
        total, first, last = sum((offer.price for offer in offers), Fraction(0)), 0, len(offers)
        while last - first > self.least:
            middle = total / (last - first)
            above, below = offers[last - 1].price - middle, middle - offers[first].price
            if max(above, below) <= self.limit * middle:
                break
            if above >= below:
                last -= 1
                total -= offers[last].price
            else:
                total -= offers[first].price
                first += 1
        kept = market.kept("trimmed", offers[first:last])
        return kept * self.factor.of(market, "factor")


class KForm(StrEnum):
    ONE_MINUS_K = "ONE_MINUS_K"
    TIMES_K = "TIMES_K"


@dataclass(frozen=True, slots=True)
class DrawK:
    """Another family's value times a coefficient, or less a share."""

    inner: Family
    form: KForm
    k: Drawn

    def value(self, market: Market) -> Fraction:
        inner, k = self.inner.value(market), self.k.of(market, "k")
        return inner * (1 - k if self.form is KForm.ONE_MINUS_K else k)


@dataclass(frozen=True, slots=True)
class MixControl:
    """Another family's value mixed with the maximum price."""

    inner: Family
    k1: Drawn
    k2: Drawn
    q1: Drawn

    def value(self, market: Market) -> Fraction:
        inner = self.inner.value(market)
        k1, k2, q1 = self.k1.of(market, "k1"), self.k2.of(market, "k2"), self.q1.of(market, "q1")
        return inner * k1 * q1 + market.ceiling * k2 * (1 - q1)


@dataclass(frozen=True, slots=True)
class Abc:
    """A lowered maximum price, a bid drawn below it and the lowest bid above a limit, weighted."""

    delta: Drawn
    k: Drawn
    weights: tuple[Fraction, Fraction, Fraction]
    limit: Band
    a_share: Fraction

    def value(self, market: Market) -> Fraction:
        a = market.ceiling * (1 - self.delta.of(market, "delta"))
        market.note("a", a)
        limit = self.limit.of(market, "limit")
        inside = [offer for offer in market.offers if offer.price >= limit]
        if not inside:
            raise Refused(Code.BENCHMARK_UNDEFINED, PLACE)
        c = inside[0].price
        market.note("c", c, inside[:1])
        b = self._drawn(market, inside, a, c)
        weight_a, weight_b, weight_c = self.weights
        return (a * weight_a + b * weight_b + c * weight_c) * self.k.of(market, "k")

    def _drawn(self, market: Market, inside: Sequence[Offer], a: Fraction, c: Fraction) -> Fraction:
        """B: the first ticket between C and A, else of the range without C's own bid, else C."""
        lowest = min((offer for offer in inside if offer.price == c), key=_ticket)
        between = [offer for offer in inside if c < offer.price < self.a_share * a]
        pool = between or [offer for offer in inside if offer.price <= a and offer != lowest]
        market.note("pool", None, pool)
        chosen = min(pool, key=_ticket, default=lowest)
        market.note("b", chosen.price, [chosen])
        return chosen.price


@dataclass(frozen=True, slots=True)
class Size:
    """How many bids are drawn from a pool of up to `to`: a share of it, at least so many."""

    to: int | None
    share: Fraction
    least: int


@dataclass(frozen=True, slots=True)
class DrawSubset:
    """Another family's value over bids drawn from the pool, mixed with the maximum price."""

    pool: Band | None
    sizes: tuple[Size, ...]
    inner: Family
    max_share: Drawn

    def value(self, market: Market) -> Fraction:
        pool = self._pool(market)
        market.note("pool", None, pool)
        size = next(row for row in self.sizes if row.to is None or row.to >= len(pool))
        count = min(max(math.ceil(size.share * len(pool)), size.least), len(pool))
        drawn = set(sorted(pool, key=_ticket)[:count])
        subset = market.only([offer for offer in pool if offer in drawn])
        market.note("subset", None, subset.offers)
        inner = self.inner.value(subset)
        share = self.max_share.of(market, "max_share")
        return inner * (1 - share) + market.ceiling * share

    def _pool(self, market: Market) -> Sequence[Offer]:
        if self.pool is None:
            return market.offers
        least = self.pool.of(market, "limit")
        return [offer for offer in market.offers if offer.price >= least] or market.offers


def _ticket(offer: Offer) -> str:
    assert offer.ticket is not None  # the opening has tickets where a family draws
    return offer.ticket


def benchmark(family: Family, market: Market) -> Fraction:
    """The benchmark, exactly; one that is not above 0 is refused."""
    value = family.value(market)
    market.note("value", value)
    if value <= 0:
        raise Refused(Code.BENCHMARK_UNDEFINED, PLACE)
    return value
