"""Small documents of an evaluation, for tests that change one thing in them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

Document = dict[str, Any]

NO_DOUBT: Document = {
    "gates": [],
    "confirmed": None,
    "policies": [],
    "adjustments": {},
    "abnormal": None,
    "other": None,
}
MEAN: Document = {"family": "MEAN"}
LOW_PRICE_FIRST: Document = {"rule": "LOW_PRICE_FIRST", "basis": "CORRECTED"}


def bilateral(benchmark: Document, **changes: object) -> Document:
    """A price rule by benchmark: one point for each percent above it, half a point below."""
    return {
        "rule": "BILATERAL",
        "basis": "CORRECTED",
        "benchmark_basis": "AFTER_PRELIM_REVIEW",
        "benchmark": benchmark,
        "e1": "1.0",
        "e2": "0.5",
        "floor": "0",
        "full_from": "0",
        "full_to": "0",
        **changes,
    }


def manual(name: str, points: str, *, objective: bool = False) -> Document:
    return {"id": name, "name": name, "kind": "MANUAL", "max": points, "objective": objective}


def group(name: str, points: str, *children: Document) -> Document:
    return {"id": name, "name": name, "kind": "GROUP", "max": points, "children": list(children)}


def gate(name: str) -> Document:
    return {"id": name, "name": name, "kind": "PASS_FAIL", "article": "art. 25"}


def price(points: str) -> Document:
    return {"id": "price", "name": "price", "kind": "FORMULA", "max": points}


def tender_file(*criteria: Document, **changes: object) -> Document:
    """A works tender in which the plan has 40 points and the price 60, unless told otherwise."""
    return {
        "schema": "evaluation/1",
        "regime": "TB",
        "procedure": "tender",
        "method": "COMPREHENSIVE",
        "price_kind": "total",
        "max_price": None,
        "criteria": list(criteria) or [manual("plan", "40"), price("60")],
        "price": LOW_PRICE_FIRST,
        "aggregation": {"rule": "DROP_HIGH_LOW", "from": 5, "level": "SECTION"},
        "rounding": {"stage": "FINAL", "scale": 2},
        "deviation_alarm": "1",
        "policies": [],
        "adjustments": [],
        "corrections": {"order": "NONE", "keep_replaced_total": True},
        "draws": [],
        "ties": [],
        "candidates": 3,
        "least_valid": 3,
        **changes,
    }


def opening(prices: Mapping[str, str | None], *, tickets: bool = False, **changes: object) -> Document:
    """The bids with their prices as read out; tickets are the hashes of the bids' ids."""
    return {
        "schema": "opening/1",
        "bids": [{"id": bid, "price": price, "brand": None} for bid, price in prices.items()],
        "draws": {},
        "tickets": {bid: hashlib.sha256(bid.encode()).hexdigest() for bid in prices} if tickets else {},
        **changes,
    }


def sheets(
    *members: Mapping[str, Mapping[str, object]],
    bids: Sequence[str] = (),
    reviews: Mapping[str, Mapping[str, object]] | None = None,
) -> Document:
    """Members m1, m2 and so on; bids have no doubtful review but those that are given."""
    named = dict.fromkeys([*bids, *(bid for member in members for bid in member)])
    found = reviews or {}
    return {
        "schema": "sheets/1",
        "members": [{"id": f"m{n}", "scores": dict(scores)} for n, scores in enumerate(members, 1)],
        "reviews": {bid: {**NO_DOUBT, **found.get(bid, {})} for bid in named},
    }


def prices_only(rule: Document, prices: Sequence[str], **changes: Any) -> tuple[Document, Document, Document]:
    """A tender in which all but the price is given in full by one member: what differs are the prices."""
    weight = changes.pop("weight", "60")
    rest = str(100 - int(weight))
    criteria = [price(weight)] if rest == "0" else [manual("plan", rest), price(weight)]
    drawn = changes.pop("drawn", {})
    bids = {f"b{n:02}": value for n, value in enumerate(prices, 1)}
    file = tender_file(*criteria, price=rule, **changes)
    given = {bid: {} if rest == "0" else {"plan": rest} for bid in bids}
    return file, opening(bids, tickets=True, draws=drawn), sheets(given)
