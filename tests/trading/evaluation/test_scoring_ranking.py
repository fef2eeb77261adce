"""Who comes first among equals, by law and method, and which bid of a brand stays."""

from __future__ import annotations

from typing import Any

import pytest

from tests.trading.evaluation.documents import gate, manual, opening, price, sheets, tender_file
from trading.evaluation.scoring import Code, Refused, score, steps_of
from trading.evaluation.scoring.evaluating import evaluate

POINTS = (manual("plan", "40"), manual("credit", "10"), price("50"))


def ranks(*documents: Any) -> list[tuple[str, int, bool]]:
    return [
        (one["bid"], one["rank"], one["tied"])
        for one in score(*documents)["standings"]
        if one["state"] == "ranked"
    ]


def points(**given: tuple[str, str]) -> Any:
    """One member's points for plan and credit."""
    return {bid: {"plan": plan, "credit": credit} for bid, (plan, credit) in given.items()}


def test_equal_totals_go_to_the_lower_price() -> None:
    # 100 yuan: 50 + 10; 125 yuan: 40 + 20.
    given = sheets(points(dear=("20", "0"), cheap=("10", "0")))

    found = ranks(tender_file(*POINTS), opening({"dear": "125", "cheap": "100"}), given)

    assert found == [("cheap", 1, False), ("dear", 2, False)]


def test_in_works_the_named_sections_decide_then_the_tenderer() -> None:
    given = sheets(points(a=("10", "5"), b=("12", "3"), c=("10", "5")))
    opened = opening({"a": "100", "b": "100", "c": "100"}, tickets=True)

    found = ranks(tender_file(*POINTS, ties=["plan"]), opened, given)

    assert found == [("b", 1, False), ("a", 2, True), ("c", 2, True)]


def test_a_parallel_first_place_of_a_purchase_is_drawn_by_tickets() -> None:
    given = sheets(points(a=("10", "5"), b=("10", "5"), c=("1", "1"), d=("1", "1")))
    opened = opening(dict.fromkeys("abcd", "100"))
    opened["tickets"] = {bid: f"{n:064x}" for n, bid in enumerate("badc")}

    found = ranks(tender_file(*POINTS, regime="GP"), opened, given)

    assert found == [("b", 1, False), ("a", 2, False), ("c", 3, True), ("d", 3, True)]


def test_a_consultation_is_decided_by_the_technical_part_and_never_drawn() -> None:
    given = sheets(points(a=("10", "5"), b=("12", "3"), c=("12", "3")))
    opened = opening(dict.fromkeys("abc", "100"), tickets=True)
    file = tender_file(*POINTS, regime="GP", procedure="consultation", ties=["plan"])

    assert ranks(file, opened, given) == [("b", 1, True), ("c", 1, True), ("a", 3, False)]


@pytest.mark.parametrize(
    ("regime", "expected"),
    [
        ("TB", [("b", 1, False), ("a", 2, False)]),
        ("GP", [("a", 1, False), ("b", 2, False)]),
    ],
)
def test_equal_evaluated_prices(regime: str, expected: list[tuple[str, int, bool]]) -> None:
    # a bids 100 and b 50 twice as dear by a policy: a discount brings a down to b's evaluated price.
    policies = [{"id": "half", "name": "half", "rate": "0.5", "how": "DISCOUNT"}]
    file = tender_file(gate("seal"), regime=regime, method="LOWEST_PRICE", price=None, policies=policies)
    entry = {"a": {"seal": "pass"}, "b": {"seal": "pass"}}
    given = sheets(entry, reviews={"a": {"policies": ["half"]}})
    opened = opening({"a": "100", "b": "50"})
    opened["tickets"] = {"a": "0" * 64, "b": "1" * 64}

    assert ranks(file, opened, given) == expected


def test_of_a_brand_the_best_bid_stays_and_counts_once() -> None:
    given = sheets(points(a=("20", "5"), b=("31", "5"), c=("1", "1")))
    opened = opening({"a": "80", "b": "100", "c": "100"}, tickets=True)
    for bid in opened["bids"][:2]:
        bid["brand"] = "Kite"

    found = score(tender_file(*POINTS, regime="GP"), opened, given)

    states = [(one["bid"], one["state"], one["rank"]) for one in found["standings"]]
    assert states == [("b", "ranked", 1), ("c", "ranked", 2), ("a", "same_brand", None)]
    assert (found["valid"], found["enough"]) == (2, False)
    # The bid that left still sets the lowest price: c has 80 / 100 x 50 points for its price.
    assert next(one for one in found["standings"] if one["bid"] == "c")["sections"]["price"] == "40/1"


def test_equal_bids_of_one_brand_wait_for_a_draw_and_the_trace_names_its_tickets() -> None:
    file = tender_file(*POINTS, regime="GP")
    given = sheets(points(a=("20", "5"), b=("20", "5"), c=("1", "1")))
    opened = opening(dict.fromkeys("abc", "100"))
    for bid in opened["bids"][:2]:
        bid["brand"] = "Kite"
    with pytest.raises(Refused) as undrawn:
        score(file, opened, given)
    tickets = {"a": "2" * 64, "b": "1" * 64, "c": "0" * 64}

    places = ranks(file, opened | {"tickets": tickets}, given)
    steps = {
        one.name: one.value for one in steps_of(evaluate(file, opened | {"tickets": tickets}, given), "a")
    }
    unequal = ranks(file, opened, sheets(points(a=("20", "5"), b=("21", "5"), c=("1", "1"))))

    assert (undrawn.value.code, undrawn.value.place) == (Code.DRAW_MISSING, "opening.tickets")
    assert places == [("b", 1, False), ("c", 2, False)]
    assert (steps["draw.ticket"], steps["same_brand"]) == ("2" * 64, "Kite")
    assert unequal == places


def test_candidates_end_with_the_whole_of_a_parallel_group() -> None:
    given = sheets(points(a=("9", "9"), b=("8", "8"), c=("8", "8"), d=("1", "1")))
    opened = opening(dict.fromkeys("abcd", "100"))

    assert score(tender_file(*POINTS, candidates=2), opened, given)["candidates"] == ["a", "b", "c"]


def test_a_gate_of_the_sheets_needs_more_than_half() -> None:
    file = tender_file(gate("seal"), method="LOWEST_PRICE", price=None)
    opened = opening({"a": "100"})

    def first(*said: str) -> Any:
        return score(file, opened, sheets(*({"a": {"seal": word}} for word in said)))["standings"][0]

    assert first("fail", "pass")["rank"] == 1
    assert first("fail", "fail", "pass")["invalid"] == {
        "code": "gate",
        "article": "art. 25",
        "reason": "seal",
        "gate": "seal",
    }


def test_a_rejected_bid_has_a_reason_no_score_and_no_part_in_the_lowest_price() -> None:
    given = sheets(points(b=("20", "8")), bids=["a"])

    found = score(tender_file(*POINTS, max_price="200"), opening({"a": "300", "b": "250"}), given)
    assert [one["invalid"]["code"] for one in found["standings"]] == ["over_max_price", "over_max_price"]

    found = score(tender_file(*POINTS, max_price="260"), opening({"a": "300", "b": "250"}), given)
    first, last = found["standings"]
    assert (first["bid"], first["total"], last["bid"], last["total"]) == ("b", "78.00", "a", None)


def test_a_price_that_stayed_sealed_is_no_price() -> None:
    given = sheets(points(b=("20", "8")), bids=["a"], reviews={})

    found = score(tender_file(*POINTS), opening({"a": None, "b": "250"}), given)

    last = found["standings"][1]
    assert (last["bid"], last["invalid"]["code"], last["corrected"]) == ("a", "no_price", None)


def test_without_anything_to_score_members_enter_nothing() -> None:
    file = tender_file(method="LOWEST_PRICE", price=None)
    file["criteria"] = []

    assert ranks(file, opening({"a": "90", "b": "80"}), sheets({}, bids=["a", "b"])) == [
        ("b", 1, False),
        ("a", 2, False),
    ]
