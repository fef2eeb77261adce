"""From the price of a bid to its points: correction, checks, policies, benchmark, deviation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from trading.evaluation.scoring.benchmark import Market, Offer, benchmark
from trading.evaluation.scoring.corrections import Corrected, correct
from trading.evaluation.scoring.exact import half_up
from trading.evaluation.scoring.given import Code, Refused
from trading.evaluation.scoring.opening import Bid, Opening
from trading.evaluation.scoring.sheets import Invalid, Review
from trading.evaluation.scoring.steps import Step, step
from trading.evaluation.scoring.tender_file import (
    Basis,
    BenchmarkBasis,
    Curve,
    How,
    PriceRule,
    Rule,
    Stage,
    TenderFile,
)

FULL = 100
"""The scale of percentage points, and of the highway rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A bid's price on its way: corrected, the one that the rule scores, and the evaluated one; or why it is out."""

    bid: Bid
    corrected: Corrected | None
    scored: Fraction
    evaluated: Fraction
    invalid: Invalid | None


@dataclass(frozen=True, slots=True)
class Reference:
    """What all prices are compared with, and how it came about."""

    lowest: Fraction | None
    benchmark: Fraction | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class PricePoints:
    """The points of a price and the deviation that they come from, if any; `before` is without add-ons."""

    deviation: Fraction | None
    before: Fraction
    points: Fraction


def priced(bid: Bid, review: Review, file: TenderFile) -> Price:
    """The bid's price after corrections, policies and adjustments, or the first reason that bars the bid."""
    if bid.price is None:
        zero = Fraction(0)
        invalid = review.invalid or Invalid("no_price")
        return Price(bid=bid, corrected=None, scored=zero, evaluated=zero, invalid=invalid)
    corrected = correct(bid, bid.price, file)
    read_out = file.price is not None and file.price.basis is Basis.BID
    scored = bid.price if read_out else corrected.price
    found = Price(bid=bid, corrected=corrected, scored=scored, evaluated=scored, invalid=None)
    found = replace(found, evaluated=_evaluated(found, review, file))
    return replace(found, invalid=review.invalid or _barred(found, bid.price, review, file))


def _barred(price: Price, read_out: Fraction, review: Review, file: TenderFile) -> Invalid | None:
    """Why a price bars its bid; the maximum itself is allowed (实施条例 art. 51)."""
    assert price.corrected is not None  # the bid has a price
    corrected = price.corrected.price
    if corrected != read_out and not review.confirmed:
        return Invalid("unconfirmed")
    if corrected <= 0 or price.scored <= 0:
        return Invalid("no_price")
    if file.max_price is not None and corrected > file.max_price:
        return Invalid("over_max_price")
    return Invalid("abnormal_price") if review.unexplained else None


def _evaluated(price: Price, review: Review, file: TenderFile) -> Fraction:
    share = 1 - _rates(review, file, How.DISCOUNT)
    amount = Fraction(0)
    for name, quantity in review.adjustments.items():
        share += file.adjustments[name].rate * quantity
        amount += file.adjustments[name].amount * quantity
    return price.scored * share + amount


def _rates(review: Review, file: TenderFile, how: How) -> Fraction:
    granted = (file.policies[name] for name in review.policies)
    return sum((policy.rate for policy in granted if policy.how is how), Fraction(0))


def reference(prices: Sequence[Price], file: TenderFile, opening: Opening) -> Reference:
    """The lowest price or the benchmark; `prices` are all of the opening, and those still valid have no reason."""
    valid = [price for price in prices if price.invalid is None]
    if file.price is None:
        return Reference(None, None, ())
    target = file.price.target
    if target is None:
        return Reference(min((price.evaluated for price in valid), default=None), None, ())
    if opening.benchmark is not None:
        kept = step("benchmark.kept", opening.benchmark)
        return Reference(None, opening.benchmark, (kept,))
    if target.basis is BenchmarkBasis.AFTER_PRELIM_REVIEW:
        offers = [(price.bid.id, price.scored) for price in valid]
    else:
        offers = [
            (bid.id, bid.price)
            for bid in opening.bids.values()
            if bid.price is not None
            and bid.price > 0
            and (file.max_price is None or bid.price <= file.max_price)
        ]
    if not offers:
        if valid:
            raise Refused(Code.BENCHMARK_UNDEFINED, "price.benchmark")
        return Reference(None, None, ())
    ordered = sorted((Offer(bid, price, opening.tickets.get(bid)) for bid, price in offers), key=_by_price)
    market = Market(tuple(ordered), file.max_price, opening.draws, [])
    value = benchmark(target.family, market)
    return Reference(None, value, tuple(market.steps))


def _by_price(offer: Offer) -> tuple[Fraction, str]:
    return offer.price, offer.bid


def price_points(price: Price, review: Review, compared: Reference, file: TenderFile) -> PricePoints:
    """A valid bid's points for its price under a file that scores prices."""
    assert file.price is not None
    assert file.criteria.price is not None  # a file has both or none
    most = file.criteria.points_of(file.criteria.price)
    deviation = None
    if compared.benchmark is None:
        assert compared.lowest is not None  # there is a valid bid: this one
        before = compared.lowest / price.evaluated * most
    else:
        deviation = (price.scored - compared.benchmark) / compared.benchmark * FULL
        if file.rounding.stage is Stage.DEVIATION_RATE:
            deviation = half_up(deviation, file.rounding.scale)
        before = _by_deviation(deviation, file.price, most)
    return PricePoints(deviation, before, before * (1 + _rates(review, file, How.ADD_ON)))


def _by_deviation(deviation: Fraction, rule: PriceRule, most: Fraction) -> Fraction:
    assert rule.curve is not None  # a rule with a benchmark has one
    if rule.rule is Rule.HIGHWAY:
        return _on_curve(deviation, rule.curve, Fraction(FULL)) * most / FULL
    return _on_curve(deviation, rule.curve, most)


def _on_curve(deviation: Fraction, curve: Curve, most: Fraction) -> Fraction:
    lost = Fraction(0)
    if deviation > curve.full_to:
        lost = (deviation - curve.full_to) * curve.e1
    elif deviation < curve.full_from:
        lost = (curve.full_from - deviation) * curve.e2
    return max(most - lost, curve.floor)
