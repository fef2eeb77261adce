"""The product's scoring and the reference agree, member by member, on ten thousand tenders and on broken ones."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from tests.trading.evaluation.reference import reading, scoring
from tests.trading.evaluation.reference.broken import BREAKERS, broken_case
from tests.trading.evaluation.reference.tenders import Case, case_of
from tests.trading.evaluation.reference.worked import (
    bilateral,
    gates_only,
    opening_of,
    sheets_of,
    tender_of,
)
from trading.evaluation.recompute import differences
from trading.evaluation.scoring import Refused, score

TENDERS = 10_000
SHARES = 10
"""The suite's processes take the shares between them."""


def by_product(case: Case) -> Any:
    """The result, or the code by which the tender is refused."""
    try:
        return score(*case)
    except Refused as refusal:
        return str(refusal.code)


def by_reference(case: Case) -> Any:
    try:
        return scoring.score(*case)
    except reading.Refused as refusal:
        return refusal.code


@pytest.mark.parametrize("share", range(SHARES))
def test_both_agree_member_by_member(share: int) -> None:
    for seed in range(share, TENDERS, SHARES):
        case = case_of(Random(seed))

        apart = list(differences(by_product(case), by_reference(case), f"seed {seed}"))

        assert apart == []


@pytest.mark.parametrize("code", sorted(BREAKERS))
def test_both_refuse_a_broken_tender_with_the_same_code(code: str) -> None:
    for seed in range(25):
        case = broken_case(Random(f"{code} {seed}"), code)

        assert (seed, by_product(case), by_reference(case)) == (seed, code, code)


def test_neither_changes_what_it_is_given() -> None:
    for seed in range(50):
        case, same = case_of(Random(seed)), case_of(Random(seed))

        by_product(case)
        by_reference(case)

        assert case == same


def ranks(case: Case) -> dict[str, tuple[int, bool]]:
    """Rank and tie of each bid, by both."""
    result = by_product(case)
    assert result == by_reference(case)
    return {row["bid"]: (row["rank"], row["tied"]) for row in result["standings"]}


def benchmark(family: Any, *prices: str) -> str:
    """The benchmark of these prices, by both."""
    opening = opening_of(*prices)
    case = tender_of(price=bilateral(family), max_price="1000"), opening, sheets_of(opening, "0")
    assert by_product(case) == by_reference(case)
    return str(by_product(case)["benchmark"])


def test_a_price_exactly_at_the_limit_is_not_dropped() -> None:
    family = {"family": "ITERATIVE", "limit": "0.1", "factor": "1", "least": 1}

    assert benchmark(family, "810", "990") == "900/1"
    assert benchmark(family | {"limit": "0.0999"}, "810", "990") == "810/1"


def test_a_price_exactly_at_the_end_of_the_range_is_drawn_from() -> None:
    band = {"mean": "0.5", "max": "0.3", "factor": "1"}
    sizes = [{"to": None, "share": "1", "least": 1}]
    family = {
        "family": "DRAW_SUBSET",
        "range": band,
        "sizes": sizes,
        "inner": {"family": "MEAN"},
        "max_share": "0",
    }

    assert benchmark(family, "750", "950", "1000") == "900/1"
    assert benchmark(family | {"range": band | {"factor": "1.001"}}, "750", "950", "1000") == "975/1"


def test_equal_evaluated_prices_part_by_the_corrected_one_in_works_only() -> None:
    opening = opening_of("1000", "900")
    sheets = sheets_of(opening)
    longer = {"id": "longer", "name": "Longer", "unit": "month", "amount": "100"}
    sheets["reviews"]["b2"]["adjustments"] = {"longer": "1"}
    assert ranks((gates_only(adjustments=[longer]), opening, sheets)) == {"b2": (1, False), "b1": (2, False)}

    small = {"id": "small", "name": "Small", "rate": "0.1", "how": "DISCOUNT"}
    sheets = sheets_of(opening)
    sheets["reviews"]["b1"]["policies"] = ["small"]
    bought = gates_only(regime="GP", policies=[small])
    first, second = sorted(opening["tickets"], key=lambda bid: str(opening["tickets"][bid]))
    assert ranks((bought, opening, sheets)) == {first: (1, False), second: (2, False)}
    assert ranks((bought, opening | {"tickets": {}}, sheets)) == {"b1": (1, True), "b2": (1, True)}


def test_in_a_purchase_the_first_place_alone_is_decided_by_the_documents() -> None:
    tender = tender_of(price=None, regime="GP", ties=["plan"])
    tender["criteria"] = [
        {"id": name, "name": name, "kind": "MANUAL", "max": "50", "objective": False}
        for name in ("plan", "staff")
    ]
    opening = opening_of("100", "100", "200", "200")
    sheets = sheets_of(opening, "0")
    given = {"b1": ("10", "20"), "b2": ("20", "10"), "b3": ("10", "20"), "b4": ("20", "10")}
    sheets["members"][0]["scores"] = {
        bid: {"plan": plan, "staff": staff} for bid, (plan, staff) in given.items()
    }

    assert ranks((tender, opening, sheets)) == {
        "b2": (1, False),
        "b1": (2, False),
        "b3": (3, True),
        "b4": (3, True),
    }
    works = tender | {"regime": "TB"}
    assert ranks((works, opening, sheets)) == {
        "b2": (1, False),
        "b1": (2, False),
        "b4": (3, False),
        "b3": (4, False),
    }
    consulted = tender | {"procedure": "consultation", "ties": []}
    assert ranks((consulted, opening, sheets)) == {
        "b1": (1, True),
        "b2": (1, True),
        "b3": (3, True),
        "b4": (3, True),
    }
