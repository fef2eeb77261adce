"""What documents say about the evaluation becomes the document that bids are scored by, or is refused."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.trading.scene_city import ordinary_content
from trading.evaluation.scoring import check
from trading.procedure.rules import rule_set
from trading.tender.drafting import InconsistentTender, check_content
from trading.tender.evaluation_file import evaluation_file
from trading.tender.schemas import TenderContent

TB, GP = rule_set("tb-2026"), rule_set("gp-2026")
TRIMMED = {"family": "TRIM_MEAN_HL"}
FAMILIES: list[dict[str, Any]] = [
    {"family": "MEAN"},
    TRIMMED,
    {"family": "TRIM_PCT"},
    {"family": "ITERATIVE", "factor": "0.9"},
    {"family": "DRAW_K", "inner": TRIMMED, "form": "ONE_MINUS_K", "k": {"draw": "K"}},
    {"family": "MIX_CONTROL", "inner": TRIMMED, "k1": {"draw": "K"}, "k2": "0.93", "q1": "0.7"},
    {
        "family": "ABC",
        "delta": "0.1",
        "k": {"draw": "K"},
        "weights": ["0.5", "0.3", "0.2"],
        "limit": {"mean": "0.7", "max": "0.3", "factor": "0.75"},
        "a_share": "0.95",
    },
    {
        "family": "DRAW_SUBSET",
        "range": {"mean": "0.5", "max": "0.5", "factor": "0.85"},
        "sizes": [{"to": 10, "share": "0.5", "least": 3}, {"to": None, "share": "0.3", "least": 9}],
        "inner": {"family": "MEAN"},
    },
]


def content(**changes: object) -> TenderContent:
    """The scene's works with other members, as a stored draft would hold them."""
    return msgspec.convert({**msgspec.to_builtins(ordinary_content()), **changes}, TenderContent)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family["family"])
def test_a_tender_can_name_each_benchmark_family(family: dict[str, Any]) -> None:
    draws = [{"id": "K", "candidates": ["0.95", "0.97"]}]

    said = content(price={"method": "bilateral", "benchmark": family}, draws=draws)

    check_content(said, TB)
    file = evaluation_file(said, TB, max_price_fen=1_020_000_00)
    check(file)
    assert (file["max_price"], file["price"]["benchmark"]["family"]) == ("1020000.00", family["family"])


def test_what_the_documents_leave_open_the_rule_set_decides() -> None:
    works = evaluation_file(content(), TB, max_price_fen=100)
    goods = evaluation_file(content(), GP, max_price_fen=100)

    assert works["aggregation"] == {"rule": "DROP_HIGH_LOW", "from": 5, "level": "SECTION"}
    assert goods["aggregation"]["rule"] == "MEAN"
    assert (works["ties"], goods["ties"]) == (["technical"], [])
    assert (works["corrections"]["order"], goods["corrections"]["order"]) == ("TB", "GP")
    assert (works["rounding"], works["deviation_alarm"]) == ({"stage": "FINAL", "scale": 2}, "0.3")
    assert (works["candidates"], works["least_valid"], goods["candidates"]) == (3, 3, 3)


def test_what_the_documents_say_stands_above_the_rule_set() -> None:
    said = content(scoring={"trim": "MEAN", "scale": 4, "ties": ["price"], "candidates": 1, "alarm": "0.5"})

    file = evaluation_file(said, TB, max_price_fen=100)

    assert (file["aggregation"]["rule"], file["rounding"]["scale"]) == ("MEAN", 4)
    assert (file["ties"], file["candidates"], file["deviation_alarm"]) == (["price"], 1, "0.5")


def test_the_lowest_evaluated_price_has_adjustments_and_no_points() -> None:
    late = {"id": "late", "label": "交货期", "unit": "日", "rate": "0.001"}
    said = content(criteria=[], price={"method": "lowest_evaluated"}, adjustments=[late])

    check_content(said, TB)
    file = evaluation_file(said, TB, max_price_fen=100)

    assert (file["method"], file["criteria"], file["price"], file["ties"]) == ("LOWEST_PRICE", [], None, [])
    assert file["adjustments"] == [{"id": "late", "name": "交货期", "unit": "日", "rate": "0.001"}]


def test_a_tender_names_no_more_than_three_candidates() -> None:
    check_content(content(scoring={"candidates": 3}), TB)
    check_content(content(scoring={"candidates": 4}), GP)

    with pytest.raises(InconsistentTender) as refused:
        check_content(content(scoring={"candidates": 4}), TB)

    assert "T17" in str(refused.value)


def test_items_keep_their_kind_bands_and_steps() -> None:
    items = [
        {
            "id": "plan",
            "label": "方案",
            "max_points": 30,
            "kind": "BAND",
            "bands": [{"id": "good", "label": "优", "low": "20", "high": "30"}],
        },
        {
            "id": "record",
            "label": "业绩",
            "max_points": 20,
            "kind": "ADDITIVE",
            "objective": True,
            "steps": [{"id": "each", "label": "每项", "points": "5", "most": 4}],
        },
    ]
    sections = [
        {"id": "technical", "label": "技术", "kind": "manual", "max_points": 50, "items": items},
        {"id": "price", "label": "报价", "kind": "price", "max_points": 50},
    ]

    file = evaluation_file(content(criteria=sections), TB, max_price_fen=100)

    plan, record = file["criteria"][0]["children"]
    assert plan["bands"] == [{"id": "good", "name": "优", "from": "20", "to": "30"}]
    assert (record["kind"], record["objective"]) == ("ADDITIVE", True)
    assert record["steps"] == [{"id": "each", "name": "每项", "points": "5", "most": 4}]


@pytest.mark.parametrize(
    ("changed", "code", "place"),
    [
        ({"criteria": []}, "E_CRITERIA", "criteria"),
        ({"price": {"method": "bilateral", "benchmark": {**TRIMMED, "high": 5}}}, "E_SCHEMA", "from"),
        ({"price": {"method": "highway", "benchmark": FAMILIES[4]}}, "E_UNKNOWN", "draw"),
        ({"scoring": {"stage": "EACH_ITEM", "level": "TOTAL"}}, "E_SCHEMA", "stage"),
        ({"scoring": {"ties": ["nothing"]}}, "E_UNKNOWN", "ties"),
        ({"procedure": "consultation"}, "E_SCHEMA", "procedure"),
    ],
)
def test_what_could_not_be_scored_is_refused_before_anybody_bids(
    changed: dict[str, object], code: str, place: str
) -> None:
    with pytest.raises(InconsistentTender) as refused:
        check_content(content(**changed), TB)

    assert (refused.value.data["fault"], place in str(refused.value.data["place"])) == (code, True)


def test_weights_that_miss_a_hundred_are_refused_by_their_own_code() -> None:
    criteria = msgspec.to_builtins(ordinary_content().criteria)
    criteria[-1]["max_points"] -= 1

    with pytest.raises(InconsistentTender) as refused:
        check_content(content(criteria=criteria), TB)

    assert refused.value.data["fault"] == "E_WEIGHTS"
