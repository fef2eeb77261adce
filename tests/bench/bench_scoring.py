"""Scoring 1,000 bids by 9 members in 200 criteria, without a trace, against a bare Decimal loop over the same numbers.

Ours is `score` from the three documents to the whole result: every entry is read, checked against its criterion's
range and for agreement and alarms; bids are priced by a trimmed benchmark and ranked. The loop knows that its numbers
are right: it adds each member's points in each of 4 sections, leaves out one highest and one lowest, takes the mean.
In the first line it makes its Decimals from the texts, in the second they were made before the clock starts. Both must
come to the same points.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from random import Random
from statistics import median
from typing import Any

from tests.bench.results import Result
from trading.evaluation.scoring import score

TURNS = 5
BIDS, MEMBERS, SECTIONS, ITEMS = 1000, 9, 4, 50
LIMIT = 3.0

Loop = list[list[list[list[Any]]]]
"""Bids, sections, members, points."""


def measure() -> list[Result]:
    """Both in turns, the garbage collector at rest while the clock runs."""
    documents = _documents(Random(20260601))
    texts = _texts(documents[2])
    numbers = [[[[Decimal(text) for text in row] for row in rows] for rows in bid] for bid in texts]
    _compare(score(*documents), _sections(texts))
    work: dict[str, Callable[[], object]] = {
        "ours": lambda: score(*documents),
        "reading": lambda: _sections(texts),
        "adding": lambda: _sections(numbers),
    }
    taken: dict[str, list[float]] = {name: [] for name in work}
    for turn in range(TURNS):
        for name in list(work) if turn % 2 == 0 else list(reversed(work)):
            taken[name].append(_seconds(work[name]))
    ours = median(taken["ours"])
    subject = "1,000 bids x 9 members x 200 criteria scored, against a Decimal loop"
    return [
        Result(name=subject, unit="s", ours=ours, peer=median(taken["reading"]), most=LIMIT),
        Result(
            name=f"{subject} whose numbers were read before",
            unit="s",
            ours=ours,
            peer=median(taken["adding"]),
        ),
    ]


def _documents(chance: Random) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """A works tender in which every item has points from 0 to 0.25 or 0.5, and the price 50."""
    bids = [f"b{n:04}" for n in range(BIDS)]
    sections = [
        {
            "id": f"s{s}",
            "name": f"s{s}",
            "kind": "GROUP",
            "max": "12.5",
            "children": [_item(s, n) for n in range(ITEMS)],
        }
        for s in range(SECTIONS)
    ]
    price = {
        "rule": "BILATERAL",
        "basis": "CORRECTED",
        "benchmark_basis": "AFTER_PRELIM_REVIEW",
        "benchmark": {"family": "TRIM_MEAN_HL", "from": 5, "high": 1, "low": 1},
        **{"e1": "1.0", "e2": "0.5", "floor": "0", "full_from": "0", "full_to": "0"},
    }
    tender_file = {
        "schema": "evaluation/1",
        "regime": "TB",
        "procedure": "tender",
        "method": "COMPREHENSIVE",
        "price_kind": "total",
        "max_price": "10200.00",
        "criteria": [*sections, {"id": "price", "name": "price", "kind": "FORMULA", "max": "50"}],
        "price": price,
        "aggregation": {"rule": "DROP_HIGH_LOW", "from": 5, "level": "SECTION"},
        "rounding": {"stage": "FINAL", "scale": 2},
        "deviation_alarm": "0.30",
        "policies": [],
        "adjustments": [],
        "corrections": {"order": "TB", "keep_replaced_total": True},
        "draws": [],
        "ties": ["s0"],
        "candidates": 3,
        "least_valid": 3,
    }
    review = {
        "gates": [],
        "confirmed": None,
        "policies": [],
        "adjustments": {},
        "abnormal": None,
        "other": None,
    }
    members = [{"id": f"m{m}", "scores": {bid: _entries(chance) for bid in bids}} for m in range(MEMBERS)]
    opening = {
        "schema": "opening/1",
        "bids": [
            {"id": bid, "price": f"{chance.randrange(850_000, 1_020_000) / 100:.2f}", "brand": None}
            for bid in bids
        ],
        "draws": {},
        "tickets": {},
    }
    return (
        tender_file,
        opening,
        {"schema": "sheets/1", "members": members, "reviews": dict.fromkeys(bids, review)},
    )


def _item(section: int, number: int) -> dict[str, object]:
    return {"id": f"s{section}-{number}", "name": "item", "kind": "MANUAL", "max": "0.25", "objective": False}


def _entries(chance: Random) -> dict[str, str]:
    """Members who mostly agree: six to nine tenths of an item's points."""
    return {f"s{s}-{n}": f"0.{chance.randrange(15, 24):02}" for s in range(SECTIONS) for n in range(ITEMS)}


def _texts(sheets: dict[str, Any]) -> Loop:
    members = [member["scores"] for member in sheets["members"]]
    return [
        [[[scores[bid][f"s{s}-{n}"] for n in range(ITEMS)] for scores in members] for s in range(SECTIONS)]
        for bid in members[0]
    ]


def _sections(bids: Loop) -> list[list[Decimal]]:
    """Each bid's points in each section: the bare loop."""
    found = []
    for sections in bids:
        points = []
        for rows in sections:
            sums = []
            for row in rows:
                total = Decimal(0)
                for value in row:
                    total += Decimal(value)
                sums.append(total)
            sums.sort()
            points.append(sum(sums[1:-1], Decimal(0)) / (len(sums) - 2))
        found.append(points)
    return found


def _compare(result: dict[str, Any], loop: list[list[Decimal]]) -> None:
    ours = {one["bid"]: one["sections"] for one in result["standings"]}
    for n, points in enumerate(loop):
        for s, value in enumerate(points):
            if abs(Fraction(ours[f"b{n:04}"][f"s{s}"]) - Fraction(value)) > Fraction(1, 10**20):
                raise AssertionError("the two do not come to the same points")


def _seconds(work: Callable[[], object]) -> float:
    gc.collect()
    gc.disable()
    start = time.perf_counter()
    work()
    taken = time.perf_counter() - start
    gc.enable()
    return taken
