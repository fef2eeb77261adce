"""The result `result/1`: the evaluation as the document that everybody can compute again."""

from __future__ import annotations

from trading.evaluation.scoring.aggregation import Alarm
from trading.evaluation.scoring.evaluating import Evaluated, Points
from trading.evaluation.scoring.exact import fixed, money, ratio
from trading.evaluation.scoring.prices import Price
from trading.evaluation.scoring.ranking import Place
from trading.evaluation.scoring.sheets import Invalid

SCHEMA = "result/1"


def document(evaluated: Evaluated) -> dict[str, object]:
    """The result as JSON: exact fractions, and what is published rounded."""
    places, candidates = evaluated.places, evaluated.file.candidates
    named = {place.bid for place in places}
    same_brand = sorted(evaluated.points.keys() - named)
    invalid = sorted(name for name, price in evaluated.prices.items() if price.invalid is not None)
    benchmark = evaluated.reference.benchmark
    return {
        "schema": SCHEMA,
        "valid": len(places),
        "enough": len(places) >= evaluated.file.least_valid,
        "benchmark": None if benchmark is None else ratio(benchmark),
        "standings": [
            *(_standing(evaluated, place.bid, place) for place in places),
            *(_standing(evaluated, name, None) for name in same_brand),
            *(_rejected(evaluated.prices[name]) for name in invalid),
        ],
        "candidates": [place.bid for place in places if place.rank <= candidates],
        "alarms": [_alarm(alarm) for alarm in evaluated.alarms],
    }


def _standing(evaluated: Evaluated, name: str, place: Place | None) -> dict[str, object]:
    price, points = evaluated.prices[name], evaluated.points[name]
    scale = evaluated.file.rounding.scale
    order = [section.id for section in evaluated.file.criteria.sections]
    return {
        "bid": name,
        "state": "same_brand" if place is None else "ranked",
        "rank": None if place is None else place.rank,
        "tied": place is not None and place.tied,
        "total": None if points.total is None else fixed(points.total, scale),
        "corrected": _corrected(price),
        "evaluated": ratio(price.evaluated),
        "deviation": _deviation(points),
        "sections": {section: ratio(points.sections[section]) for section in order},
        "shown": {section: fixed(points.sections[section], scale) for section in order},
        "invalid": None,
    }


def _rejected(price: Price) -> dict[str, object]:
    unknown = ("rank", "tied", "total", "evaluated", "deviation", "sections", "shown")
    return {
        "bid": price.bid.id,
        "state": "invalid",
        "corrected": _corrected(price),
        "invalid": None if price.invalid is None else _invalid(price.invalid),
        **dict.fromkeys(unknown),
    }


def _invalid(invalid: Invalid) -> dict[str, object]:
    return {
        "code": invalid.code,
        "article": invalid.article,
        "reason": invalid.reason,
        "gate": invalid.gate,
    }


def _corrected(price: Price) -> str | None:
    return None if price.corrected is None else money(price.corrected.price)


def _deviation(points: Points) -> str | None:
    return None if points.price is None or points.price.deviation is None else ratio(points.price.deviation)


def _alarm(alarm: Alarm) -> dict[str, object]:
    return {
        "member": alarm.member,
        "bid": alarm.bid,
        "node": alarm.node,
        "deviation": ratio(alarm.deviation),
    }
