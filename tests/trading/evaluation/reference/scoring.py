"""`score` of docs/guide/evaluation-files.md once more: from its text alone, slow and plain, nothing shared."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from tests.trading.evaluation.reference.prices import (
    basis_price,
    benchmark_of,
    corrected_price,
    evaluated_price,
    half_up,
    mean,
    price_score,
    read_out,
)
from tests.trading.evaluation.reference.reading import (
    Refused,
    exactly,
    read_entries,
    read_opening,
    read_sheets,
    read_tender,
)


def score(tender: Any, opening: Any, sheets: Any) -> dict[str, Any]:
    read_tender(tender)
    read_opening(tender, opening)
    read_sheets(tender, opening, sheets)
    tree = nodes_of(tender["criteria"])
    bids = {bid["id"]: bid for bid in opening["bids"]}
    tickets = opening["tickets"]

    # Steps 1 and 2
    corrected = {bid: corrected_price(tender, bids[bid]) for bid in bids}
    invalid = {bid: price_check(tender, bids[bid], corrected[bid], sheets["reviews"][bid]) for bid in bids}
    to_score = [bid for bid in bids if invalid[bid] is None]
    read_entries([node for node, _ in tree if node["kind"] != "FORMULA"], sheets, to_score)

    # Step 3
    for bid in to_score:
        invalid[bid] = gate_of_sheets(tree, sheets, bid)
    valid = [bid for bid in bids if invalid[bid] is None]

    # Step 4
    evaluated = {
        bid: evaluated_price(tender, basis_price(tender, bids[bid], corrected[bid]), sheets["reviews"][bid])
        for bid in valid
    }
    benchmark = benchmark_of(tender, opening, corrected, valid)
    deviation: dict[str, Fraction | None] = {}
    price_points: dict[str, Fraction] = {}
    for bid in valid:
        deviation[bid] = None
        if benchmark is not None:
            price = basis_price(tender, bids[bid], corrected[bid])
            percent = (price - benchmark) / benchmark * 100
            if tender["rounding"]["stage"] == "DEVIATION_RATE":
                percent = half_up(percent, tender["rounding"]["scale"])
            deviation[bid] = percent
        if tender["price"] is not None:
            least = min(evaluated.values())
            price_points[bid] = price_score(
                tender, least / evaluated[bid], deviation[bid], sheets["reviews"][bid]
            )

    # Steps 5 and 6
    scale = tender["rounding"]["scale"]
    sections: dict[str, dict[str, Fraction]] = {}
    total: dict[str, Fraction] = {}
    for bid in valid:
        sections[bid], exact = aggregated(tender, tree, sheets, bid, price_points.get(bid, Fraction(0)))
        if tender["rounding"]["stage"] == "EACH_ITEM":
            exact = sum((half_up(points, scale) for points in sections[bid].values()), Fraction(0))
        total[bid] = half_up(exact, scale)

    # Steps 8 and 7
    scored = tender["method"] == "COMPREHENSIVE"

    def compared(bid: str) -> tuple[Fraction, ...]:
        if not scored:
            return (evaluated[bid],) if tender["regime"] == "GP" else (evaluated[bid], corrected[bid])
        first = (-total[bid], corrected[bid])
        if tender["regime"] == "TB" or tender["procedure"] == "consultation":
            return first + tuple(-sections[bid][tie] for tie in tender["ties"])
        return first

    staying = []
    for bid in valid:
        brand = bids[bid].get("brand")
        rivals = [other for other in valid if brand is not None and bids[other].get("brand") == brand]
        equals = [other for other in rivals if compared(other) == min(map(compared, rivals))]
        if len(equals) > 1 and not tickets:
            raise Refused("E_DRAW_MISSING", "opening.tickets")
        if not rivals or bid == min(equals, key=lambda other: tickets.get(other, "")):
            staying.append(bid)
    groups: list[list[str]] = []
    for bid in sorted(staying, key=lambda bid: (compared(bid), bid)):
        if groups and compared(groups[-1][0]) == compared(bid):
            groups[-1].append(bid)
        else:
            groups.append([bid])
    if groups and tender["regime"] == "GP" and tender["procedure"] == "tender":
        apart: dict[tuple[Any, ...], list[str]] = {}
        for bid in groups[0]:
            key = (*(-sections[bid][tie] for tie in tender["ties"]), tickets.get(bid))
            apart.setdefault(key, []).append(bid)
        groups[:1] = [apart[key] for key in sorted(apart)]

    # Step 9 and the result
    standings = []
    candidates: list[str] = []
    rank = 1
    for group in groups:
        for bid in group:
            standings.append(standing(bid, "ranked", rank=rank, tied=len(group) > 1))
        if rank <= tender["candidates"]:
            candidates += group
        rank += len(group)
    standings += [
        standing(bid, "same_brand", rank=None, tied=False) for bid in sorted(valid) if bid not in staying
    ]
    standings += [standing(bid, "invalid", rank=None, tied=None) for bid in sorted(bids) if bid not in valid]
    for row in standings:
        bid = row["bid"]
        row["corrected"] = money(corrected[bid])
        row["invalid"] = invalid[bid]
        if bid in valid:
            row["total"] = fixed(total[bid], scale) if scored else None
            row["evaluated"] = ratio(evaluated[bid])
            row["deviation"] = ratio(deviation[bid])
            row["sections"] = {name: ratio(points) for name, points in sections[bid].items()}
            row["shown"] = {
                name: fixed(half_up(points, scale), scale) for name, points in sections[bid].items()
            }
    return {
        "schema": "result/1",
        "valid": len(staying),
        "enough": len(staying) >= tender["least_valid"],
        "benchmark": ratio(benchmark),
        "standings": standings,
        "candidates": candidates,
        "alarms": alarms(tender, tree, sheets, valid),
    }


# Numbers


def fixed(value: Fraction, scale: int) -> str:
    """A value that has at most `scale` decimals, with exactly so many."""
    digits = str(abs(int(value * 10**scale))).rjust(scale + 1, "0")
    sign = "-" if value < 0 else ""
    return sign + (digits[:-scale] + "." + digits[-scale:] if scale else digits)


def money(value: Fraction | None) -> str | None:
    if value is None:
        return None
    scale = 2
    while (value * 10**scale).denominator != 1:
        scale += 1
    return fixed(value, scale)


def ratio(value: Fraction | None) -> str | None:
    return None if value is None else f"{value.numerator}/{value.denominator}"


# The tree


def nodes_of(criteria: list[Any], section: str = "") -> list[tuple[Any, str]]:
    """All leaves in the order of the tree, each with the section in which it lies."""
    found = []
    for node in criteria:
        if node["kind"] == "GROUP":
            found += nodes_of(node["children"], section or node["id"])
        else:
            found.append((node, section or node["id"]))
    return found


def points_of(node: Any, entry: Any) -> Fraction:
    if node["kind"] in ("MANUAL", "BAND"):
        return exactly(entry)
    steps = sum((exactly(step["points"]) * entry[step["id"]] for step in node["steps"]), Fraction(0))
    most = exactly(node["max"])
    return min(most, steps) if node["kind"] == "ADDITIVE" else max(Fraction(0), most - steps)


# Steps 2 and 3


def hit(
    code: str, article: str | None = None, reason: str | None = None, gate: str | None = None
) -> dict[str, Any]:
    return {"code": code, "article": article, "reason": reason, "gate": gate}


def price_check(tender: Any, bid: Any, corrected: Fraction | None, review: Any) -> dict[str, Any] | None:
    for gate in review["gates"]:
        if not gate["passed"]:
            return hit("gate", gate["article"], gate["reason"], gate["id"])
    if review["other"] is not None:
        return hit(review["other"]["code"], review["other"]["article"], review["other"]["reason"])
    if corrected != read_out(tender, bid) and review["confirmed"] is not True:
        return hit("unconfirmed")
    if corrected is None or corrected <= 0 or basis_price(tender, bid, corrected) <= 0:
        return hit("no_price")
    if tender.get("max_price") is not None and corrected > exactly(tender["max_price"]):
        return hit("over_max_price")
    if review["abnormal"] == "unexplained":
        return hit("abnormal_price")
    return None


def gate_of_sheets(tree: list[tuple[Any, str]], sheets: Any, bid: str) -> dict[str, Any] | None:
    for node, _ in tree:
        if node["kind"] == "PASS_FAIL":
            said = [member["scores"][bid][node["id"]] for member in sheets["members"]]
            if said.count("fail") * 2 > len(said):
                return hit("gate", node["article"], node["name"], node["id"])
    return None


# Steps 5 and 6


def trimmed(tender: Any, values: list[Fraction]) -> Fraction:
    rule = tender["aggregation"]
    if rule["rule"] == "DROP_HIGH_LOW" and len(values) >= rule["from"]:
        return mean(sorted(values)[1:-1])
    return mean(values)


def aggregated(
    tender: Any, tree: list[tuple[Any, str]], sheets: Any, bid: str, price_points: Fraction
) -> tuple[dict[str, Fraction], Fraction]:
    """The exact points of each section and the exact total."""
    level = tender["aggregation"]["level"]
    members = [member["scores"][bid] for member in sheets["members"]]
    everything = Fraction(0)
    subjective_total = [Fraction(0) for _ in members]
    sections: dict[str, Fraction] = {}
    for section in tender["criteria"]:
        if section["kind"] == "PASS_FAIL":
            continue
        objective = Fraction(0)
        by_item = Fraction(0)
        by_member = [Fraction(0) for _ in members]
        subjective = False
        for node, its_section in tree:
            if its_section != section["id"] or node["kind"] == "PASS_FAIL":
                continue
            if node["kind"] == "FORMULA":
                objective += price_points
                continue
            points = [points_of(node, entries[node["id"]]) for entries in members]
            if node["objective"]:
                if len(set(points)) != 1:
                    raise Refused("E_OBJECTIVE_DIFFERS", node["id"])
                objective += points[0]
            else:
                subjective = True
                by_item += trimmed(tender, points)
                by_member = [a + b for a, b in zip(by_member, points, strict=True)]
        got = Fraction(0)
        if subjective:
            got = {"SECTION": trimmed(tender, by_member), "ITEM": by_item, "TOTAL": mean(by_member)}[level]
        sections[section["id"]] = objective + got
        everything += objective + (got if level != "TOTAL" else 0)
        subjective_total = [a + b for a, b in zip(subjective_total, by_member, strict=True)]
    if level == "TOTAL" and members:
        everything += trimmed(tender, subjective_total)
    return sections, everything


def alarms(tender: Any, tree: list[tuple[Any, str]], sheets: Any, valid: list[str]) -> list[dict[str, str]]:
    found = []
    for bid in valid:
        for node, _ in tree:
            if node["kind"] in ("PASS_FAIL", "FORMULA") or node["objective"]:
                continue
            points = {m["id"]: points_of(node, m["scores"][bid][node["id"]]) for m in sheets["members"]}
            for member in points:
                if len(points) > 1:
                    others = (sum(points.values()) - points[member]) / (len(points) - 1)
                    apart = abs(points[member] - others) / exactly(node["max"])
                    if apart > exactly(tender["deviation_alarm"]):
                        found.append(
                            {
                                "member": member,
                                "bid": bid,
                                "node": node["id"],
                                "deviation": f"{apart.numerator}/{apart.denominator}",
                            }
                        )
    return found


def standing(bid: str, state: str, *, rank: int | None, tied: bool | None) -> dict[str, Any]:
    return {
        "bid": bid, "state": state, "rank": rank, "tied": tied, "total": None, "corrected": None, "evaluated": None,
        "deviation": None, "sections": None, "shown": None, "invalid": None,
    }  # fmt: skip
