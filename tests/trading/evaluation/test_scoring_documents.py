"""Documents that cannot be scored are refused with a code and the place of the fault."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from tests.trading.evaluation.documents import (
    bilateral,
    gate,
    group,
    manual,
    opening,
    price,
    sheets,
    tender_file,
)
from trading.evaluation.scoring import Refused, check, score, trace

BANDED = {
    **{"id": "site", "name": "site", "kind": "BAND", "max": "10", "objective": False},
    "bands": [
        {"id": "good", "name": "good", "from": "8", "to": "10"},
        {"id": "fair", "name": "fair", "from": "5", "to": "7.5"},
    ],
}
COUNTED = {
    **{"id": "record", "name": "record", "kind": "ADDITIVE", "max": "10", "objective": True},
    "steps": [{"id": "each", "name": "each project", "points": "2.5", "most": 6}],
}
ENTRY = {"plan": "15.50", "site": "9", "record": {"each": 2}, "seal": "pass"}


def documents() -> list[Any]:
    """A tender with every kind of leaf and a drawn coefficient, two bids and two members."""
    criteria = [group("technical", "40", manual("plan", "20"), BANDED, COUNTED), gate("seal"), price("60")]
    drawn = {"family": "DRAW_K", "inner": {"family": "MEAN"}, "form": "TIMES_K", "k": {"draw": "K"}}
    file = tender_file(
        *criteria,
        price=bilateral(drawn),
        max_price="100.00",
        draws=[{"id": "K", "candidates": ["0.97", "0.98"]}],
    )
    members = [{bid: deepcopy(ENTRY) for bid in ("b1", "b2")} for _ in range(2)]
    opened = opening({"b1": "90.00", "b2": "100.00"}, draws={"K": "0.97"})
    return deepcopy([file, opened, sheets(*members)])


def entry(found: list[Any]) -> Any:
    """What the first member entered for the first bid."""
    return found[2]["members"][0]["scores"]["b1"]


def test_the_tender_of_these_tests_can_be_scored() -> None:
    standings = score(*documents())["standings"]

    assert [(one["bid"], one["sections"]["technical"]) for one in standings] == [
        ("b1", "59/2"),
        ("b2", "59/2"),
    ]


@pytest.mark.parametrize("text", ["1e1", "NaN", "Infinity", "-1", "+1", " 1", "1.", ".5", "１", "9" * 31, ""])
def test_what_is_no_plain_decimal_is_no_number(text: str) -> None:
    found = documents()
    entry(found)["plan"] = text

    with pytest.raises(Refused) as refused:
        score(*found)

    assert (refused.value.code, refused.value.place) == ("E_NUMBER", "sheets.members.0.scores.b1.plan")


def changed(change: Callable[[list[Any]], object]) -> list[Any]:
    found = documents()
    change(found)
    return found


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        (lambda d: d[0]["criteria"][2].update(max="59"), "E_WEIGHTS", "tender_file.criteria"),
        (
            lambda d: d[0]["criteria"][0]["children"][0].update(max="19"),
            "E_WEIGHTS",
            "tender_file.criteria.0.children",
        ),
        (lambda d: d[0]["criteria"].pop(2), "E_CRITERIA", "tender_file.criteria"),
        (lambda d: d[0]["criteria"][2].update(id="plan"), "E_CRITERIA", "tender_file.criteria.2.id"),
        (lambda d: entry(d).update(plan="20.01"), "E_SCORE_RANGE", "sheets.members.0.scores.b1.plan"),
        (lambda d: entry(d).update(plan="1.005"), "E_SCORE_RANGE", "sheets.members.0.scores.b1.plan"),
        (lambda d: entry(d).update(site="7.75"), "E_SCORE_RANGE", "sheets.members.0.scores.b1.site"),
        (
            lambda d: entry(d).update(record={"each": 7}),
            "E_SCORE_RANGE",
            "sheets.members.0.scores.b1.record.each",
        ),
        (
            lambda d: entry(d).update(record={}),
            "E_SHEET_INCOMPLETE",
            "sheets.members.0.scores.b1.record.each",
        ),
        (lambda d: entry(d).pop("plan"), "E_SHEET_INCOMPLETE", "sheets.members.0.scores.b1.plan"),
        (lambda d: entry(d).pop("seal"), "E_SHEET_INCOMPLETE", "sheets.members.0.scores.b1.seal"),
        (lambda d: d[2]["members"].clear(), "E_SHEET_INCOMPLETE", "sheets.members"),
        (lambda d: entry(d).update(plan=15.5), "E_SCHEMA", "sheets.members.0.scores.b1.plan"),
        (lambda d: entry(d).update(plan=["15"]), "E_SCHEMA", "sheets.members.0.scores.b1.plan"),
        (lambda d: entry(d).update(seal="yes"), "E_SCHEMA", "sheets.members.0.scores.b1.seal"),
        (lambda d: entry(d).update(secret="1"), "E_UNKNOWN", "sheets.members.0.scores.b1.secret"),
        (lambda d: entry(d).update(record={"each": 1}), "E_OBJECTIVE_DIFFERS", "sheets.b1.record"),
        (lambda d: d[1]["draws"].update(K="0.99"), "E_DRAW_VALUE", "opening.draws.K"),
        (lambda d: d[1]["draws"].clear(), "E_DRAW_VALUE", "opening.draws.K"),
        (lambda d: d[1]["bids"][0].update(price="90,00"), "E_NUMBER", "opening.bids.0.price"),
        (lambda d: d[0].update(extra=1), "E_SCHEMA", "tender_file.extra"),
    ],
)
def test_a_fault_is_refused_with_its_code_and_place(
    change: Callable[[list[Any]], object], code: str, place: str
) -> None:
    with pytest.raises(Refused) as refused:
        score(*changed(change))

    assert (refused.value.code, refused.value.place) == (code, place)


def test_what_bh14_calls_inconsistent_is_no_result() -> None:
    found = documents()
    rows = [deepcopy(found[2]["members"][0]) for _ in range(5)]
    for n, (row, count) in enumerate(zip(rows, (2, 2, 2, 2, 1), strict=True)):
        row["id"] = f"m{n}"
        row["scores"]["b1"]["record"] = {"each": count}
    found[2]["members"] = rows

    with pytest.raises(Refused) as refused:
        score(*found)

    assert refused.value.code == "E_OBJECTIVE_DIFFERS"


def test_a_tender_file_is_checked_before_there_are_bids() -> None:
    file = documents()[0]
    check(file)
    file["criteria"][0]["max"] = "41"

    with pytest.raises(Refused) as refused:
        check(file)

    assert refused.value.code == "E_WEIGHTS"


def test_nobody_asks_for_the_steps_of_a_bid_that_was_not_opened() -> None:
    with pytest.raises(Refused) as refused:
        trace(*documents(), "b9")

    assert refused.value.code == "E_UNKNOWN"


def test_points_far_from_the_others_are_told() -> None:
    found = documents()
    found[0]["deviation_alarm"] = "0.20"
    entry(found)["plan"] = "11.50"

    assert score(*found)["alarms"] == []

    entry(found)["plan"] = "11.49"
    alarms = [(one["member"], one["bid"], one["node"]) for one in score(*found)["alarms"]]
    assert alarms == [("m1", "b1", "plan"), ("m2", "b1", "plan")]
