"""What the steps of a computation are called, as keys of the catalogue."""

from __future__ import annotations

TRACE_WORDS = {
    "price.read_out": "Price read out",
    "price.corrected": "Price after the correction of its arithmetic",
    "price.adjustment": "Added for a quantified difference",
    "price.evaluated": "Evaluated price",
    "price.lowest": "Lowest price of the valid bids",
    "price.deviation": "Deviation from the benchmark price, in percent",
    "price.deviation_rounded": "The same, rounded",
    "price.points": "Points for the price",
    "price.points_added": "Points for the price with what a policy adds",
    "policy.discount": "Policy granted: part of the price left out",
    "policy.add_on": "Policy granted: points added",
    "points.members": "Points of the members",
    "points.left_out": "Left out: the highest and the lowest",
    "points.mean": "Mean of the points that count",
    "points.objective": "Objective points, the same for all members",
    "points.section": "Points of the section",
    "total.sections_rounded": "Total of the rounded sections",
    "total.exact": "Total, exactly",
    "total.rounded": "Total, rounded",
    "rank": "Rank",
    "rank.price": "Price that decides the place",
    "draw.ticket": "Ticket of the draw between equal bids",
    "same_brand": "Another bid of the same brand counts",
    "invalid": "Bid rejected",
    "benchmark.value": "Benchmark price",
    "benchmark": "On the way to the benchmark price",
    "benchmark.drawn": "Number drawn at the opening for the benchmark price",
    "correction": "Correction of the arithmetic",
}


def words_of(name: str) -> str:
    """The words of a step, or those of the steps that its name begins with."""
    while name not in TRACE_WORDS:
        name = name.rpartition(".")[0]
    return TRACE_WORDS[name]
