"""Every intermediate value of one bid, step by step, for those who want to follow it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from trading.evaluation.scoring.criteria import Section
from trading.evaluation.scoring.evaluating import Evaluated, Points
from trading.evaluation.scoring.exact import half_up
from trading.evaluation.scoring.prices import Price
from trading.evaluation.scoring.steps import Step, step
from trading.evaluation.scoring.tender_file import Level, Method, Stage


def steps_of(evaluated: Evaluated, bid: str) -> list[Step]:
    """The steps of one bid in the order of the evaluation, ending with its rank or the reason why it has none."""
    price = evaluated.prices[bid]
    if price.invalid is not None:
        return [*_price(evaluated, price), step("invalid", price.invalid.code, of=price.invalid.gate)]
    points = evaluated.points[bid]
    return [
        *_price(evaluated, price),
        *_sections(evaluated, bid, points),
        *_compared(evaluated, price, points),
        *_total(evaluated, bid, points),
        *_rank(evaluated, bid),
    ]


def _price(evaluated: Evaluated, price: Price) -> Iterator[Step]:
    if price.corrected is None or price.bid.price is None:
        return
    yield step("price.read_out", price.bid.price)
    yield from price.corrected.steps
    yield step("price.corrected", price.corrected.price)
    if price.invalid is not None:
        return
    review, file = evaluated.sheets.reviews[price.bid.id], evaluated.file
    for name in review.policies:
        yield step(f"policy.{file.policies[name].how.lower()}", file.policies[name].rate, of=name)
    for name, quantity in review.adjustments.items():
        adjustment = file.adjustments[name]
        cost = (adjustment.rate * price.scored + adjustment.amount) * quantity
        yield step("price.adjustment", cost, of=name, inputs=[("quantity", quantity)])
    yield step("price.evaluated", price.evaluated)


def _sections(evaluated: Evaluated, bid: str, points: Points) -> Iterator[Step]:
    for section in evaluated.file.criteria.sections:
        if section.id == evaluated.file.criteria.price:
            continue
        if section.subjective:
            yield from _subjective(evaluated, bid, section)
        for leaf in section.objective:
            index = evaluated.aggregator.leaves.index(leaf)
            given = Fraction(evaluated.scores[bid].rows[0][index], evaluated.aggregator.unit)
            yield step("points.objective", given, of=leaf.id)
        yield step("points.section", points.sections[section.id], of=section.id)


def _subjective(evaluated: Evaluated, bid: str, section: Section) -> Iterator[Step]:
    """The members' points and what is made of them: leaf by leaf, or their sums in the section."""
    aggregator = evaluated.aggregator
    start = aggregator.spans[section.id][0].start
    rows = [row[start : start + len(section.subjective)] for row in evaluated.scores[bid].rows]
    if evaluated.file.aggregation.level is not Level.ITEM:
        trims = evaluated.file.aggregation.level is Level.SECTION
        yield from _aggregated(evaluated, section.id, [sum(row) for row in rows], trims=trims)
        return
    for index, leaf in enumerate(section.subjective):
        yield from _aggregated(evaluated, leaf.id, [row[index] for row in rows], trims=True)


def _aggregated(evaluated: Evaluated, of: str, sums: list[int], *, trims: bool) -> Iterator[Step]:
    aggregator = evaluated.aggregator
    members = [member.id for member in evaluated.sheets.members]
    given = [Fraction(value, aggregator.unit) for value in sums]
    named = list(zip(members, given, strict=True))
    if trims and aggregator.trims:
        high = max(range(len(given)), key=given.__getitem__)
        low = min((n for n in range(len(given)) if n != high), key=given.__getitem__)
        yield step("points.members", None, of=of, inputs=named)
        yield step("points.left_out", None, of=of, inputs=[named[high], named[low]])
        yield step("points.mean", aggregator.combined(sums), of=of)
    else:
        yield step("points.mean", sum(given, Fraction(0)) / len(given), of=of, inputs=named)


def _compared(evaluated: Evaluated, price: Price, points: Points) -> Iterator[Step]:
    if points.price is None:
        return
    compared = evaluated.reference
    yield from compared.steps
    if compared.benchmark is None:
        yield step("price.lowest", compared.lowest)
    else:
        exact = (price.scored - compared.benchmark) / compared.benchmark * 100
        yield step(
            "price.deviation", exact, inputs=[("price", price.scored), ("benchmark", compared.benchmark)]
        )
        if evaluated.file.rounding.stage is Stage.DEVIATION_RATE:
            yield step("price.deviation_rounded", points.price.deviation)
    yield step("price.points", points.price.before)
    if points.price.points != points.price.before:
        yield step("price.points_added", points.price.points)


def _total(evaluated: Evaluated, bid: str, points: Points) -> Iterator[Step]:
    if points.exact is None:
        return
    scale = evaluated.file.rounding.scale
    if evaluated.file.aggregation.level is Level.TOTAL:
        spans = [subjective for subjective, _ in evaluated.aggregator.spans.values()]
        rows = evaluated.scores[bid].rows
        yield from _aggregated(
            evaluated, "total", [sum(sum(row[s]) for s in spans) for row in rows], trims=True
        )
    if evaluated.file.rounding.stage is Stage.EACH_ITEM:
        shown = [(name, half_up(value, scale)) for name, value in points.sections.items()]
        yield step("total.sections_rounded", points.total, inputs=shown)
    else:
        yield step("total.exact", points.exact, inputs=points.sections.items())
        yield step("total.rounded", points.total)


def _rank(evaluated: Evaluated, bid: str) -> Iterator[Step]:
    if bid in evaluated.drawn:
        yield step("draw.ticket", evaluated.opening.tickets[bid])
    place = next((place for place in evaluated.places if place.bid == bid), None)
    if place is None:
        yield step("same_brand", evaluated.prices[bid].bid.brand)
        return
    if evaluated.file.method is Method.LOWEST_PRICE:
        yield step("rank.price", evaluated.prices[bid].evaluated)
    yield step("rank", Fraction(place.rank))
