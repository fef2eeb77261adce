"""The tenders by chance, and their results, are of every kind of the page."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from tests.trading.evaluation.reference.reading import Refused
from tests.trading.evaluation.reference.scoring import score
from tests.trading.evaluation.reference.tenders import FAMILIES, case_of

SEEDS = range(1500)
KINDS = {"GROUP", "MANUAL", "BAND", "ADDITIVE", "DEDUCTION", "PASS_FAIL", "FORMULA"}


def values_of(thing: Any, name: str) -> Iterator[Any]:
    """What stands anywhere in a document under this name."""
    if isinstance(thing, dict):
        for key, value in thing.items():
            if key == name and not isinstance(value, dict | list):
                yield value
            yield from values_of(value, name)
    if isinstance(thing, list):
        for value in thing:
            yield from values_of(value, name)


def test_the_tenders_by_chance_are_of_every_kind() -> None:
    tenders = [case_of(Random(seed))[0] for seed in SEEDS]

    def seen(name: str) -> set[Any]:
        return set(values_of(tenders, name))

    assert seen("kind") == KINDS
    assert seen("family") == set(FAMILIES)
    assert seen("rule") == {"LOW_PRICE_FIRST", "BILATERAL", "HIGHWAY", "MEAN", "DROP_HIGH_LOW"}
    assert {(t["regime"], t["procedure"], t["method"]) for t in tenders} == {
        ("TB", "tender", "COMPREHENSIVE"),
        ("TB", "tender", "LOWEST_PRICE"),
        ("GP", "tender", "COMPREHENSIVE"),
        ("GP", "tender", "LOWEST_PRICE"),
        ("GP", "consultation", "COMPREHENSIVE"),
    }
    assert {(t["aggregation"]["level"], t["rounding"]["stage"]) for t in tenders} == {
        (level, stage)
        for level in ("SECTION", "ITEM", "TOTAL")
        for stage in ("FINAL", "EACH_ITEM", "DEVIATION_RATE")
        if (level, stage) != ("TOTAL", "EACH_ITEM")
    }
    assert {t["corrections"]["order"] for t in tenders} == {"TB", "GP", "NONE"}
    assert len(seen("draw")) > 1


def test_their_results_are_of_every_kind() -> None:
    rows: list[Any] = []
    refused = set()
    for seed in SEEDS[:300]:
        try:
            rows += score(*case_of(Random(seed)))["standings"]
        except Refused as refusal:
            refused.add(refusal.code)

    assert refused == {"E_BENCHMARK_UNDEFINED"}
    assert {row["state"] for row in rows} == {"ranked", "same_brand", "invalid"}
    assert {row["tied"] for row in rows if row["state"] == "ranked"} == {True, False}
    assert {row["invalid"]["code"] for row in rows if row["invalid"]} == {
        *("gate", "collusion", "unconfirmed", "no_price", "over_max_price", "abnormal_price"),
    }
