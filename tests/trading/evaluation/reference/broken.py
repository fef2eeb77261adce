"""Lawful tenders broken in one place by chance, each with the code by which they must be refused."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from tests.trading.evaluation.reference.reading import Refused
from tests.trading.evaluation.reference.scoring import score
from tests.trading.evaluation.reference.tenders import Case, case_of, leaves

NO_DECIMALS = ("1e3", "", " 1", "1.", ".5", "+1", "NaN", "Infinity", "１", "1,000", "0x1", "1" * 31, "1/2")


def broken_case(chance: Random, code: str) -> Case:
    """A tender that is lawful but for one place, for which it is refused with `code`."""
    while True:
        case = case_of(chance)
        try:
            result = score(*case)
        except Refused:
            continue
        valid = [row["bid"] for row in result["standings"] if row["state"] != "invalid"]
        breakers = list(BREAKERS[code])
        chance.shuffle(breakers)
        if valid and any(breaker(chance, case, chance.choice(valid)) for breaker in breakers):
            return case


def every_node(nodes: Any) -> list[Any]:
    return [found for node in nodes for found in (node, *every_node(node.get("children", [])))]


def entered(chance: Random, case: Case, bid: str, *kinds: str) -> tuple[Any, Any] | None:
    """A leaf of these kinds and what some member entered for the bid."""
    nodes = [leaf for leaf in leaves(case[0]["criteria"]) if leaf["kind"] in kinds]
    if not nodes:
        return None
    return chance.choice(nodes), chance.choice(case[2]["members"])["scores"][bid]


# Each breaks the case in its place and says whether it could.


def weights(chance: Random, case: Case, bid: str) -> bool:
    found = [node for node in every_node(case[0]["criteria"]) if "max" in node]
    if not found:
        return False
    chance.choice(found)["max"] = "101"
    return True


def the_same_node_twice(chance: Random, case: Case, bid: str) -> bool:
    found = every_node(case[0]["criteria"])
    if len(found) < 2:
        return False
    found[1]["id"] = found[0]["id"]
    case[0]["ties"] = []
    return True


def a_price_without_formula(chance: Random, case: Case, bid: str) -> bool:
    for node in case[0]["criteria"]:
        if node["kind"] == "FORMULA":
            node |= {"kind": "MANUAL", "objective": False}
            return True
    return False


def an_empty_band(chance: Random, case: Case, bid: str) -> bool:
    for node in every_node(case[0]["criteria"]):
        if node["kind"] == "BAND":
            node["bands"][0] |= {"from": node["max"], "to": "0"}
            return True
    return False


def points_above_the_maximum(chance: Random, case: Case, bid: str) -> bool:
    found = entered(chance, case, bid, "MANUAL", "BAND")
    if found:
        found[1][found[0]["id"]] = "100.01"
    return found is not None


def three_decimals(chance: Random, case: Case, bid: str) -> bool:
    found = entered(chance, case, bid, "MANUAL")
    if found:
        found[1][found[0]["id"]] = "0.001"
    return found is not None


def between_the_bands(chance: Random, case: Case, bid: str) -> bool:
    found = entered(chance, case, bid, "BAND")
    if found:
        found[1][found[0]["id"]] = f"{float(found[0]['max']) * 0.375:.2f}"
    return found is not None


def a_step_too_often(chance: Random, case: Case, bid: str) -> bool:
    found = entered(chance, case, bid, "ADDITIVE", "DEDUCTION")
    if found:
        step = chance.choice(found[0]["steps"])
        found[1][found[0]["id"]][step["id"]] = chance.choice((-1, step["most"] + 1))
    return found is not None


def a_leaf_left_out(chance: Random, case: Case, bid: str) -> bool:
    found = entered(chance, case, bid, "PASS_FAIL", "MANUAL", "BAND", "ADDITIVE", "DEDUCTION")
    if found:
        del found[1][found[0]["id"]]
    return found is not None


def a_step_left_out(chance: Random, case: Case, bid: str) -> bool:
    found = entered(chance, case, bid, "ADDITIVE", "DEDUCTION")
    if found:
        del found[1][found[0]["id"]][found[0]["steps"][0]["id"]]
    return found is not None


def a_bid_left_out(chance: Random, case: Case, bid: str) -> bool:
    if not leaves(case[0]["criteria"]):
        return False
    del case[2]["members"][0]["scores"][bid]
    return True


def nobody_at_all(chance: Random, case: Case, bid: str) -> bool:
    case[2]["members"].clear()
    return bool(leaves(case[0]["criteria"]))


def a_bid_without_review(chance: Random, case: Case, bid: str) -> bool:
    del case[2]["reviews"][bid]
    return True


def members_who_disagree(chance: Random, case: Case, bid: str) -> bool:
    found = [
        leaf for leaf in leaves(case[0]["criteria"]) if leaf.get("objective") and leaf["kind"] == "MANUAL"
    ]
    if not found or len(case[2]["members"]) < 2:
        return False
    first, second, *_ = case[2]["members"]
    first["scores"][bid][found[0]["id"]] = "0"
    second["scores"][bid][found[0]["id"]] = found[0]["max"]
    return True


def no_decimal(chance: Random, case: Case, bid: str) -> bool:
    wrong = chance.choice(NO_DECIMALS)
    tender, opening, _ = case
    places: list[Callable[[], Any]] = [
        lambda: tender.update(deviation_alarm=wrong),
        lambda: chance.choice(opening["bids"]).update(price=wrong),
        lambda: next(one.update(rate=wrong) for one in tender["policies"]),
        lambda: next(node.update(max=wrong) for node in tender["criteria"] if node["kind"] == "FORMULA"),
        lambda: next(rule.update(e1=wrong) for rule in [tender["price"]] if "e1" in rule),
        lambda: next(
            line.update(unit=wrong) for one in opening["bids"] for line in one["statement"]["lines"]
        ),
        lambda: entered(chance, case, bid, "MANUAL")[1].update(  # type: ignore[index]
            {leaf["id"]: wrong for leaf in leaves(tender["criteria"]) if leaf["kind"] == "MANUAL"}
        ),
    ]
    return applied(chance, places)


def a_sign_too_many(chance: Random, case: Case, bid: str) -> bool:
    tender = case[0]
    return applied(
        chance,
        [
            lambda: tender.update(deviation_alarm="-0.3"),
            lambda: next(one.update(max_price="-1000") for one in [tender] if one["price_kind"] != "rate"),
            lambda: next(draw.update(candidates=["-1"]) for draw in tender["draws"]),
            lambda: next(
                step.update(points="-1") for node in leaves(tender["criteria"]) for step in node["steps"]
            ),
        ],
    )


def applied(chance: Random, places: list[Callable[[], Any]]) -> bool:
    """Breaks one of the places that this case has."""
    chance.shuffle(places)
    for place in places:
        try:
            place()
        except (AttributeError, IndexError, KeyError, StopIteration, TypeError):
            continue
        return True
    return False


def another_value_drawn(chance: Random, case: Case, bid: str) -> bool:
    for draw in case[0]["draws"]:
        case[1]["draws"][draw["id"]] = "0.123"
        return True
    return False


def nothing_drawn(chance: Random, case: Case, bid: str) -> bool:
    return case[1]["draws"].popitem() is not None if case[1]["draws"] else False


def a_coefficient_of_nought(chance: Random, case: Case, bid: str) -> bool:
    price = case[0]["price"]
    if price is None or price["rule"] == "LOW_PRICE_FIRST":
        return False
    case[1].pop("benchmark", None)
    price["benchmark"] = {"family": "DRAW_K", "inner": {"family": "MEAN"}, "form": "TIMES_K", "k": "0"}
    return True


def a_stranger(chance: Random, case: Case, bid: str) -> bool:
    tender, opening, sheets = case
    member = chance.choice(sheets["members"])
    return applied(
        chance,
        [
            lambda: member["scores"].update(b99={}),
            lambda: member["scores"][bid].update(nobody="1"),
            lambda: member["scores"][bid].update(price="1"),
            lambda: sheets["reviews"][bid]["policies"].append("nobody"),
            lambda: sheets["reviews"][bid]["adjustments"].update(nobody="1"),
            lambda: opening["draws"].update(nobody="1"),
            lambda: opening["tickets"].update(b99="0" * 64),
            lambda: tender.update(ties=["nobody"]),
            lambda: sheets["reviews"].update(b99=sheets["reviews"][bid]),
        ],
    )


def another_form(chance: Random, case: Case, bid: str) -> bool:
    tender, opening, sheets = case
    one = chance.choice(opening["bids"])
    return applied(
        chance,
        [
            lambda: tender.update(schema="evaluation/2"),
            lambda: tender.update(secret="x"),
            lambda: tender.pop("regime"),
            lambda: tender.update(method="MAX_PRICE"),
            lambda: tender.update(max_price=1000),
            lambda: tender["rounding"].update(scale=7),
            lambda: tender["rounding"].update(scale="2"),
            lambda: tender["aggregation"].update({"from": 2}),
            lambda: tender["aggregation"].update({"from": 5.0}),
            lambda: tender.update(candidates=0),
            lambda: tender.update(least_valid=True),
            lambda: next(node.update(kind="LUCK") for node in tender["criteria"]),
            lambda: opening["bids"].append(one),
            lambda: one.update(id="b 1"),
            lambda: one.update(price=900),
            lambda: one.update(winner=True),
            lambda: opening["tickets"].update({one["id"]: "F" * 64}),
            lambda: next(
                opening["tickets"].pop(one["id"]) for _ in opening["tickets"] if len(opening["bids"]) > 1
            ),
            lambda: one["statement"].update(figures="1.23"),
            lambda: sheets["members"].append(sheets["members"][0]),
            lambda: sheets["reviews"][bid].update(confirmed="yes"),
            lambda: sheets["reviews"][bid].pop("gates"),
            lambda: sheets["reviews"][bid].update(abnormal="perhaps"),
            lambda: tender["policies"].append(tender["policies"][0]),
            lambda: next(one.update(rate="1") for one in tender["policies"]),
            lambda: tender["price"].update(surprise="1"),
            lambda: tender["price"].update(basis="GUESS"),
        ],
    )


BREAKERS: dict[str, tuple[Callable[[Random, Case, str], bool], ...]] = {
    "E_WEIGHTS": (weights,),
    "E_CRITERIA": (the_same_node_twice, a_price_without_formula, an_empty_band),
    "E_SCORE_RANGE": (points_above_the_maximum, three_decimals, between_the_bands, a_step_too_often),
    "E_SHEET_INCOMPLETE": (
        a_leaf_left_out,
        a_step_left_out,
        a_bid_left_out,
        nobody_at_all,
        a_bid_without_review,
    ),
    "E_OBJECTIVE_DIFFERS": (members_who_disagree,),
    "E_NUMBER": (no_decimal, a_sign_too_many),
    "E_DRAW_VALUE": (another_value_drawn, nothing_drawn),
    "E_BENCHMARK_UNDEFINED": (a_coefficient_of_nought,),
    "E_UNKNOWN": (a_stranger,),
    "E_SCHEMA": (another_form,),
}
