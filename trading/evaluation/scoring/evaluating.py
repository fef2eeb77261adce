"""The steps of an evaluation in their order, over documents that have been read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from trading.evaluation.scoring.aggregation import Aggregator, Alarm, Scores
from trading.evaluation.scoring.exact import half_up
from trading.evaluation.scoring.opening import Opening, read_opening
from trading.evaluation.scoring.prices import (
    Price,
    PricePoints,
    Reference,
    price_points,
    priced,
    reference,
)
from trading.evaluation.scoring.ranking import Contender, Place, ranked
from trading.evaluation.scoring.sheets import Sheets, read_sheets
from trading.evaluation.scoring.tender_file import Method, Stage, TenderFile, read_tender_file


@dataclass(frozen=True, slots=True)
class Points:
    """A valid bid's points: by section, the exact total and the published one; no totals where prices alone rank."""

    sections: Mapping[str, Fraction]
    price: PricePoints | None
    exact: Fraction | None
    total: Fraction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """An evaluation with all its values; `points` holds the valid bids, `scores` what members gave them."""

    file: TenderFile
    opening: Opening
    sheets: Sheets
    aggregator: Aggregator
    prices: Mapping[str, Price]
    reference: Reference
    scores: Mapping[str, Scores]
    points: Mapping[str, Points]
    places: tuple[Place, ...]
    drawn: frozenset[str]
    alarms: tuple[Alarm, ...] = field(default=())


def evaluate(tender_file: object, opening: object, sheets: object) -> Evaluated:
    """Evaluate three documents, or refuse the first fault in them."""
    file = read_tender_file(tender_file)
    opened = read_opening(opening, file)
    found = read_sheets(sheets, file, opened)
    aggregator = Aggregator(file, found.members)
    prices = {bid.id: priced(bid, found.reviews[bid.id], file) for bid in opened.bids.values()}
    scores = {name: aggregator.read(name) for name, price in prices.items() if price.invalid is None}
    for name in list(scores):
        if (invalid := aggregator.failed_gate(name)) is not None:
            prices[name] = replace(prices[name], invalid=invalid)
            del scores[name]
    compared = reference(list(prices.values()), file, opened)
    points = {
        name: _points(prices[name], found, compared, file, aggregator, given)
        for name, given in scores.items()
    }
    ranking = ranked([_contender(prices[name], points[name], file, opened) for name in points], file)
    return Evaluated(
        file=file,
        opening=opened,
        sheets=found,
        aggregator=aggregator,
        prices=prices,
        reference=compared,
        scores=scores,
        points=points,
        places=ranking.places,
        drawn=ranking.drawn,
        alarms=tuple(alarm for name, given in scores.items() for alarm in aggregator.alarms(name, given)),
    )


def _points(
    price: Price,
    sheets: Sheets,
    compared: Reference,
    file: TenderFile,
    aggregator: Aggregator,
    scores: Scores,
) -> Points:
    if file.method is Method.LOWEST_PRICE:
        return Points({}, None, None, None)
    sections = aggregator.sections(price.bid.id, scores)
    exact = aggregator.total(scores, sections)
    by_price = None
    if file.criteria.price is not None:
        by_price = price_points(price, sheets.reviews[price.bid.id], compared, file)
        sections[file.criteria.price] = by_price.points
        exact += by_price.points
    scale = file.rounding.scale
    if file.rounding.stage is Stage.EACH_ITEM:
        total = sum((half_up(points, scale) for points in sections.values()), Fraction(0))
    else:
        total = half_up(exact, scale)
    return Points(sections, by_price, exact, total)


def _contender(price: Price, points: Points, file: TenderFile, opening: Opening) -> Contender:
    assert price.corrected is not None  # a valid bid has a price
    return Contender(
        bid=price.bid.id,
        total=points.total,
        corrected=price.corrected.price,
        evaluated=price.evaluated,
        ties=tuple(points.sections[name] for name in file.ties) if points.sections else (),
        brand=price.bid.brand,
        ticket=opening.tickets.get(price.bid.id, ""),
    )
