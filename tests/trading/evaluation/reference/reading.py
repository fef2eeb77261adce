"""Refuses what docs/guide/evaluation-files.md refuses in the three files before anything is computed."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache
from typing import Any

DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
TICKET = re.compile(r"[0-9a-f]{64}", re.ASCII)
SIMPLE = ("MEAN", "TRIM_MEAN_HL", "TRIM_PCT", "ITERATIVE")


class Refused(Exception):
    """The input is refused with the code of the page."""

    def __init__(self, code: str, place: str = "") -> None:
        super().__init__(f"{code} {place}")
        self.code = code


def demand(condition: bool, code: str, place: str = "") -> None:
    if not condition:
        raise Refused(code, place)


def members(thing: Any, required: str, optional: str = "") -> None:
    """An object with exactly these members; names are given in one string, with spaces between them."""
    demand(type(thing) is dict, "E_SCHEMA", "no object")
    needed = set(required.split())
    demand(needed <= thing.keys() <= needed.union(optional.split()), "E_SCHEMA", "members")


def number(thing: Any, *, signed: bool = False) -> Fraction:
    demand(type(thing) is str, "E_SCHEMA", "no string")
    demand(is_decimal(thing) and (signed or thing[0] != "-"), "E_NUMBER", thing)
    return exactly(thing)


@cache
def is_decimal(text: str) -> bool:
    return DECIMAL.fullmatch(text) is not None and sum(character.isdigit() for character in text) <= 30


@cache
def exactly(text: str) -> Fraction:
    """The value of a decimal that has been read."""
    return Fraction(text)


def whole(thing: Any, least: int, most: int | None = None, code: str = "E_SCHEMA") -> None:
    demand(type(thing) is int, "E_SCHEMA", "value")
    demand(thing >= least and (most is None or thing <= most), code, "value")


def one_of(thing: Any, *allowed: Any) -> None:
    same = any(thing is value or (type(thing) is str and thing == value) for value in allowed)
    demand(same, "E_SCHEMA", "value")


def listing(thing: Any) -> None:
    demand(type(thing) is list, "E_SCHEMA", "value")


def text(thing: Any) -> None:
    demand(type(thing) is str, "E_SCHEMA", "value")


def ident(thing: Any) -> None:
    text(thing)
    demand(ID.fullmatch(thing) is not None, "E_SCHEMA", thing)


def distinct(things: list[Any], code: str = "E_SCHEMA") -> None:
    demand(len(set(things)) == len(things), code, "twice")


def read_tender(tender: Any) -> None:
    members(
        tender,
        "schema regime procedure method price_kind criteria price aggregation rounding deviation_alarm policies"
        " adjustments corrections draws ties candidates least_valid",
        "max_price",
    )
    one_of(tender["schema"], "evaluation/1")
    one_of(tender["regime"], "TB", "GP")
    one_of(tender["procedure"], "tender", "consultation")
    one_of(tender["method"], "COMPREHENSIVE", "LOWEST_PRICE")
    one_of(tender["price_kind"], "total", "unit", "rate")
    if tender["procedure"] == "consultation":
        demand(tender["regime"] == "GP" and tender["method"] == "COMPREHENSIVE", "E_SCHEMA", "consultation")
    if tender.get("max_price") is not None:
        demand(number(tender["max_price"]) > 0, "E_SCHEMA", "max_price")
        demand(tender["price_kind"] != "rate", "E_SCHEMA", "max_price of a rate")

    members(tender["aggregation"], "rule from level")
    one_of(tender["aggregation"]["rule"], "MEAN", "DROP_HIGH_LOW")
    whole(tender["aggregation"]["from"], 3)
    one_of(tender["aggregation"]["level"], "SECTION", "ITEM", "TOTAL")
    members(tender["rounding"], "stage scale")
    one_of(tender["rounding"]["stage"], "FINAL", "EACH_ITEM", "DEVIATION_RATE")
    whole(tender["rounding"]["scale"], 0, 6)
    if tender["rounding"]["stage"] == "EACH_ITEM":
        demand(tender["aggregation"]["level"] != "TOTAL", "E_SCHEMA", "EACH_ITEM at TOTAL")
    number(tender["deviation_alarm"])

    listing(tender["policies"])
    for policy in tender["policies"]:
        members(policy, "id name rate how")
        ident(policy["id"])
        text(policy["name"])
        demand(number(policy["rate"]) < 1, "E_SCHEMA", "rate of a policy")
        one_of(policy["how"], "DISCOUNT", "ADD_ON")
    distinct([policy["id"] for policy in tender["policies"]])
    discounts = [number(policy["rate"]) for policy in tender["policies"] if policy["how"] == "DISCOUNT"]
    demand(sum(discounts) < 1, "E_SCHEMA", "discounts")

    listing(tender["adjustments"])
    if tender["adjustments"]:
        demand(tender["regime"] == "TB" and tender["method"] == "LOWEST_PRICE", "E_SCHEMA", "adjustments")
    for adjustment in tender["adjustments"]:
        members(adjustment, "id name unit", "rate amount")
        ident(adjustment["id"])
        text(adjustment["name"])
        text(adjustment["unit"])
        given = [adjustment[name] for name in ("rate", "amount") if adjustment.get(name) is not None]
        demand(len(given) == 1, "E_SCHEMA", "rate or amount")
        number(given[0], signed=True)
    distinct([adjustment["id"] for adjustment in tender["adjustments"]])

    members(tender["corrections"], "order keep_replaced_total")
    one_of(tender["corrections"]["order"], "TB", "GP", "NONE")
    one_of(tender["corrections"]["keep_replaced_total"], True, False)

    listing(tender["draws"])
    for draw in tender["draws"]:
        members(draw, "id candidates")
        ident(draw["id"])
        listing(draw["candidates"])
        demand(draw["candidates"] != [], "E_SCHEMA", "no candidates")
        for candidate in draw["candidates"]:
            number(candidate)
    distinct([draw["id"] for draw in tender["draws"]])

    whole(tender["candidates"], 1)
    whole(tender["least_valid"], 1)
    read_criteria(tender)
    if tender["price"] is not None:
        read_price(tender)
    listing(tender["ties"])
    sections = [section["id"] for section in tender["criteria"] if section["kind"] != "PASS_FAIL"]
    for tie in tender["ties"]:
        text(tie)
        demand(tie in sections, "E_UNKNOWN", tie)


def read_criteria(tender: Any) -> None:
    listing(tender["criteria"])
    ids: list[str] = []
    kinds: list[str] = []
    for section in tender["criteria"]:
        read_node(section, ids, kinds)
    distinct(ids, "E_CRITERIA")
    formulas = [section for section in tender["criteria"] if section["kind"] == "FORMULA"]
    demand(len(formulas) == kinds.count("FORMULA"), "E_CRITERIA", "FORMULA is a section")
    demand(len(formulas) <= 1, "E_CRITERIA", "one FORMULA")
    demand((len(formulas) == 1) == (tender["price"] is not None), "E_CRITERIA", "price and FORMULA")
    if tender["method"] == "LOWEST_PRICE":
        demand(all(kind == "PASS_FAIL" for kind in kinds), "E_CRITERIA", "gates only")
        return
    whole_sum = sum(
        number(section["max"]) for section in tender["criteria"] if section["kind"] != "PASS_FAIL"
    )
    demand(whole_sum == 100, "E_WEIGHTS", str(whole_sum))


def read_node(node: Any, ids: list[str], kinds: list[str]) -> None:
    demand(type(node) is dict and type(node.get("kind")) is str, "E_SCHEMA", "kind")
    more = {
        "GROUP": "max children",
        "MANUAL": "max objective",
        "BAND": "max objective bands",
        "ADDITIVE": "max objective steps",
        "DEDUCTION": "max objective steps",
        "PASS_FAIL": "article",
        "FORMULA": "max",
    }
    demand(node["kind"] in more, "E_SCHEMA", node["kind"])
    members(node, "id name kind " + more[node["kind"]])
    ident(node["id"])
    text(node["name"])
    ids.append(node["id"])
    if node["kind"] != "GROUP":
        kinds.append(node["kind"])
    if node["kind"] == "PASS_FAIL":
        text(node["article"])
        return
    highest = number(node["max"])
    demand(highest > 0, "E_CRITERIA", node["id"])
    if "objective" in node:
        one_of(node["objective"], True, False)
    if node["kind"] == "GROUP":
        listing(node["children"])
        demand(node["children"] != [], "E_CRITERIA", "no children")
        for child in node["children"]:
            read_node(child, ids, kinds)
        below = sum(number(child["max"]) for child in node["children"] if child["kind"] != "PASS_FAIL")
        demand(below == highest, "E_WEIGHTS", node["id"])
    if node["kind"] == "BAND":
        listing(node["bands"])
        demand(node["bands"] != [], "E_CRITERIA", "no bands")
        for band in node["bands"]:
            members(band, "id name from to")
            ident(band["id"])
            text(band["name"])
            demand(number(band["from"]) <= number(band["to"]) <= highest, "E_CRITERIA", band["id"])
        distinct([band["id"] for band in node["bands"]], "E_CRITERIA")
    if node["kind"] in ("ADDITIVE", "DEDUCTION"):
        listing(node["steps"])
        demand(node["steps"] != [], "E_CRITERIA", "no steps")
        for step in node["steps"]:
            members(step, "id name points most")
            ident(step["id"])
            text(step["name"])
            number(step["points"])
            whole(step["most"], 1, code="E_CRITERIA")
        distinct([step["id"] for step in node["steps"]], "E_CRITERIA")


def read_price(tender: Any) -> None:
    price = tender["price"]
    demand(type(price) is dict, "E_SCHEMA", "price")
    rule = price.get("rule")
    one_of(rule, "LOW_PRICE_FIRST", "BILATERAL", "HIGHWAY")
    one_of(price.get("basis"), "CORRECTED", "BID")
    given = {name: value for name, value in price.items() if value is not None}
    if tender["regime"] == "GP":
        demand(rule == "LOW_PRICE_FIRST" and price["basis"] == "CORRECTED", "E_SCHEMA", "price in GP")
    if rule == "LOW_PRICE_FIRST":
        members(given, "rule basis")
        return
    members(
        given,
        "rule basis benchmark_basis benchmark e1 e2 full_from full_to"
        + (" floor" if rule == "BILATERAL" else ""),
    )
    one_of(price["benchmark_basis"], "AFTER_PRELIM_REVIEW", "AT_OPENING_ALL_VALID")
    number(price["e1"])
    number(price["e2"])
    demand(
        number(price["full_from"], signed=True) <= number(price["full_to"], signed=True), "E_SCHEMA", "full"
    )
    if rule == "BILATERAL":
        highest = next(
            number(section["max"]) for section in tender["criteria"] if section["kind"] == "FORMULA"
        )
        demand(number(price["floor"]) <= highest, "E_SCHEMA", "floor")
    read_family(tender, price["benchmark"], (*SIMPLE, "DRAW_K", "MIX_CONTROL", "ABC", "DRAW_SUBSET"))


def read_family(tender: Any, family: Any, allowed: tuple[str, ...]) -> None:
    def drawable(thing: Any) -> None:
        if type(thing) is dict:
            members(thing, "draw")
            text(thing["draw"])
            demand(thing["draw"] in [draw["id"] for draw in tender["draws"]], "E_UNKNOWN", thing["draw"])
        else:
            number(thing)

    demand(type(family) is dict, "E_SCHEMA", "benchmark")
    kind = family.get("family")
    one_of(kind, *allowed)
    if kind in ("MIX_CONTROL", "ABC", "DRAW_SUBSET"):
        demand(tender.get("max_price") is not None, "E_SCHEMA", f"{kind} without max_price")
    if kind == "MEAN":
        members(family, "family")
    if kind == "TRIM_MEAN_HL":
        members(family, "family from high low")
        whole(family["from"], 1)
        whole(family["high"], 0)
        whole(family["low"], 0)
        demand(family["high"] + family["low"] < family["from"], "E_SCHEMA", "high and low")
    if kind == "TRIM_PCT":
        members(family, "family share")
        demand(number(family["share"]) <= Fraction(2, 5), "E_SCHEMA", "share")
    if kind == "ITERATIVE":
        members(family, "family limit factor least")
        number(family["limit"])
        drawable(family["factor"])
        whole(family["least"], 1)
    if kind == "DRAW_K":
        members(family, "family inner form k")
        one_of(family["form"], "ONE_MINUS_K", "TIMES_K")
        drawable(family["k"])
        read_family(tender, family["inner"], (*SIMPLE, "DRAW_SUBSET"))
    if kind == "MIX_CONTROL":
        members(family, "family inner k1 k2 q1")
        drawable(family["k1"])
        drawable(family["k2"])
        drawable(family["q1"])
        read_family(tender, family["inner"], (*SIMPLE, "DRAW_SUBSET"))
    if kind == "ABC":
        members(family, "family delta k weights limit a_share")
        drawable(family["delta"])
        drawable(family["k"])
        listing(family["weights"])
        demand(len(family["weights"]) == 3, "E_SCHEMA", "weights")
        for weight in family["weights"]:
            number(weight)
        members(family["limit"], "mean max factor")
        for share in family["limit"].values():
            number(share)
        number(family["a_share"])
    if kind == "DRAW_SUBSET":
        members(family, "family range sizes inner max_share")
        if family["range"] is not None:
            members(family["range"], "mean max factor")
            for share in family["range"].values():
                number(share)
        listing(family["sizes"])
        demand(family["sizes"] != [], "E_SCHEMA", "sizes")
        before = 0
        for position, size in enumerate(family["sizes"]):
            members(size, "to share least")
            number(size["share"])
            whole(size["least"], 1)
            if position == len(family["sizes"]) - 1:
                one_of(size["to"], None)
            else:
                whole(size["to"], before + 1)
                before = size["to"]
        drawable(family["max_share"])
        read_family(tender, family["inner"], SIMPLE)


def read_opening(tender: Any, opening: Any) -> None:
    members(opening, "schema bids draws tickets", "benchmark")
    one_of(opening["schema"], "opening/1")
    if opening.get("benchmark") is not None:
        kept = opening["benchmark"]
        text(kept)
        over, _, under = kept.partition("/")
        spelt = over.isdigit() and under.isdigit() and kept.isascii() and int(under) > 0 and int(over) > 0
        demand(
            spelt and kept == "{0.numerator}/{0.denominator}".format(Fraction(kept)), "E_NUMBER", "benchmark"
        )
        demand((tender["price"] or {}).get("benchmark") is not None, "E_SCHEMA", "benchmark kept of none")
    listing(opening["bids"])
    for bid in opening["bids"]:
        members(bid, "id price", "brand statement")
        ident(bid["id"])
        if bid["price"] is not None:
            number(bid["price"], signed=True)
        if bid.get("brand") is not None:
            text(bid["brand"])
            demand(tender["regime"] == "GP", "E_SCHEMA", "brand in TB")
        if bid.get("statement") is not None:
            demand(tender["price_kind"] != "rate", "E_SCHEMA", "statement of a rate")
            demand(bid["price"] is not None, "E_SCHEMA", "statement without price")
            read_statement(bid)
    bids = [bid["id"] for bid in opening["bids"]]
    distinct(bids)

    demand(type(opening["draws"]) is dict, "E_SCHEMA", "draws")
    for draw, value in opening["draws"].items():
        demand(draw in [one["id"] for one in tender["draws"]], "E_UNKNOWN", draw)
        number(value)
    for one in tender["draws"]:
        demand(one["id"] in opening["draws"], "E_DRAW_VALUE", one["id"])
        candidates = [number(candidate) for candidate in one["candidates"]]
        demand(number(opening["draws"][one["id"]]) in candidates, "E_DRAW_VALUE", one["id"])

    demand(type(opening["tickets"]) is dict, "E_SCHEMA", "tickets")
    for bid, ticket in opening["tickets"].items():
        demand(bid in bids, "E_UNKNOWN", bid)
        text(ticket)
        demand(TICKET.fullmatch(ticket) is not None, "E_SCHEMA", ticket)
    distinct(list(opening["tickets"].values()))
    if opening["tickets"]:
        demand(len(opening["tickets"]) == len(bids), "E_SCHEMA", "a bid without ticket")
    else:
        benchmark = (tender["price"] or {}).get("benchmark") or {}
        families = (benchmark.get("family"), benchmark.get("inner", {}).get("family"))
        demand("ABC" not in families and "DRAW_SUBSET" not in families, "E_SCHEMA", "no tickets")


def read_statement(bid: Any) -> None:
    statement = bid["statement"]
    members(statement, "words figures other sections lines")
    for name in ("words", "other"):
        if statement[name] is not None:
            number(statement[name], signed=True)
    demand(
        number(statement["figures"], signed=True) == number(bid["price"], signed=True), "E_SCHEMA", "figures"
    )
    listing(statement["sections"])
    for section in statement["sections"]:
        members(section, "id total")
        ident(section["id"])
        number(section["total"], signed=True)
    sections = [section["id"] for section in statement["sections"]]
    distinct(sections)
    listing(statement["lines"])
    for line in statement["lines"]:
        members(line, "id section quantity unit total")
        ident(line["id"])
        for name in ("quantity", "unit", "total"):
            number(line[name], signed=True)
        if line["section"] is None:
            demand(sections == [], "E_SCHEMA", "a line without section")
        else:
            text(line["section"])
            demand(line["section"] in sections, "E_UNKNOWN", line["section"])
    distinct([line["id"] for line in statement["lines"]])


def read_sheets(tender: Any, opening: Any, sheets: Any) -> None:
    members(sheets, "schema members reviews")
    one_of(sheets["schema"], "sheets/1")
    bids = [bid["id"] for bid in opening["bids"]]
    listing(sheets["members"])
    for member in sheets["members"]:
        members(member, "id scores")
        ident(member["id"])
        demand(type(member["scores"]) is dict, "E_SCHEMA", "scores")
        for bid, entries in member["scores"].items():
            demand(bid in bids, "E_UNKNOWN", bid)
            demand(type(entries) is dict, "E_SCHEMA", "entries")
    distinct([member["id"] for member in sheets["members"]])

    demand(type(sheets["reviews"]) is dict, "E_SCHEMA", "reviews")
    for bid, review in sheets["reviews"].items():
        demand(bid in bids, "E_UNKNOWN", bid)
        read_review(tender, review)
    demand(len(sheets["reviews"]) == len(bids), "E_SHEET_INCOMPLETE", "reviews")


def read_review(tender: Any, review: Any) -> None:
    members(review, "gates confirmed policies adjustments abnormal other")
    listing(review["gates"])
    for gate in review["gates"]:
        members(gate, "id article reason passed")
        ident(gate["id"])
        text(gate["article"])
        text(gate["reason"])
        one_of(gate["passed"], True, False)
    distinct([gate["id"] for gate in review["gates"]])
    one_of(review["confirmed"], True, False, None)
    listing(review["policies"])
    for policy in review["policies"]:
        text(policy)
        demand(policy in [one["id"] for one in tender["policies"]], "E_UNKNOWN", policy)
    distinct(review["policies"])
    demand(type(review["adjustments"]) is dict, "E_SCHEMA", "adjustments")
    for adjustment, quantity in review["adjustments"].items():
        demand(adjustment in [one["id"] for one in tender["adjustments"]], "E_UNKNOWN", adjustment)
        number(quantity, signed=True)
    one_of(review["abnormal"], "explained", "unexplained", None)
    if review["other"] is not None:
        members(review["other"], "code article reason")
        for part in review["other"].values():
            text(part)


def read_entries(nodes: list[Any], sheets: Any, bids: list[str]) -> None:
    """What each member entered for the bids that are to be scored; `nodes` are the leaves but FORMULA."""
    if nodes and bids:
        demand(sheets["members"] != [], "E_SHEET_INCOMPLETE", "no member")
    for member in sheets["members"]:
        for bid in bids:
            entries = member["scores"].get(bid, {})
            for entry in entries:
                demand(entry in [node["id"] for node in nodes], "E_UNKNOWN", entry)
            for node in nodes:
                demand(node["id"] in entries, "E_SHEET_INCOMPLETE", f"{member['id']} {bid} {node['id']}")
                read_entry(node, entries[node["id"]])


def read_entry(node: Any, entry: Any) -> None:
    if node["kind"] == "PASS_FAIL":
        one_of(entry, "pass", "fail")
    elif node["kind"] in ("MANUAL", "BAND"):
        points = number(entry)
        demand(points <= number(node["max"]), "E_SCORE_RANGE", node["id"])
        demand((points * 100).denominator == 1, "E_SCORE_RANGE", node["id"])
        if node["kind"] == "BAND":
            inside = [band for band in node["bands"] if number(band["from"]) <= points <= number(band["to"])]
            demand(inside != [], "E_SCORE_RANGE", node["id"])
    else:
        demand(type(entry) is dict, "E_SCHEMA", node["id"])
        for step in entry:
            demand(step in [one["id"] for one in node["steps"]], "E_UNKNOWN", step)
        for step in node["steps"]:
            demand(step["id"] in entry, "E_SHEET_INCOMPLETE", step["id"])
            whole(entry[step["id"]], 0, step["most"], code="E_SCORE_RANGE")
