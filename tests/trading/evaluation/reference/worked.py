"""The smallest tender, opening and sheets, to be changed by a test in what it is about."""

from __future__ import annotations

from hashlib import sha256
from typing import Any


def tender_of(*, price: Any, full: str = "60", **changes: Any) -> Any:
    """A works tender of one manual section and, unless its price is fixed, a price worth `full` points."""
    rest = "100" if price is None else str(100 - int(full))
    criteria: list[Any] = []
    if rest != "0":
        criteria.append(
            {"id": "technical", "name": "Technical", "kind": "MANUAL", "max": rest, "objective": False}
        )
    if price is not None:
        criteria.append({"id": "price", "name": "Price", "kind": "FORMULA", "max": full})
    return {
        "schema": "evaluation/1",
        "regime": "TB",
        "procedure": "tender",
        "method": "COMPREHENSIVE",
        "price_kind": "total",
        "criteria": criteria,
        "price": price,
        "aggregation": {"rule": "DROP_HIGH_LOW", "from": 5, "level": "SECTION"},
        "rounding": {"stage": "FINAL", "scale": 2},
        "deviation_alarm": "0.30",
        "policies": [],
        "adjustments": [],
        "corrections": {"order": "TB", "keep_replaced_total": True},
        "draws": [],
        "ties": [],
        "candidates": 3,
        "least_valid": 3,
    } | changes


def gates_only(**changes: Any) -> Any:
    """A tender for the lowest price, without anything for the members to enter."""
    return tender_of(price=None) | {"method": "LOWEST_PRICE", "criteria": []} | changes


def bilateral(benchmark: Any, **changes: Any) -> Any:
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
    } | changes


def opening_of(*prices: str, draws: dict[str, str] | None = None, **changes: Any) -> Any:
    """Bids b1, b2, ... with these prices; the tickets are in no order."""
    bids = [
        {"id": f"b{number}", "price": price, "brand": None, "statement": None}
        for number, price in enumerate(prices, start=1)
    ]
    tickets = {bid["id"]: sha256(bid["id"].encode()).hexdigest() for bid in bids}
    return {"schema": "opening/1", "bids": bids, "draws": draws or {}, "tickets": tickets} | changes


def review() -> Any:
    return {
        "gates": [],
        "confirmed": None,
        "policies": [],
        "adjustments": {},
        "abnormal": None,
        "other": None,
    }


def sheets_of(opening: Any, *technical: str) -> Any:
    """One member for each of `technical`, who gives it to every bid."""
    bids = [bid["id"] for bid in opening["bids"]]
    return {
        "schema": "sheets/1",
        "members": [
            {"id": f"m{number}", "scores": {bid: {"technical": points} for bid in bids}}
            for number, points in enumerate(technical, start=1)
        ],
        "reviews": {bid: review() for bid in bids},
    }
