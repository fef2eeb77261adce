"""Tenders by chance: small, of every kind of the page, with prices and points that fall together often."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

MAXIMUM = "1000"
PRICES = ("700", "750.00", "800", "850.5", "900", "900.00", "950", "950.01", "999.99", "1000", "1000.01")
RATES = ("0", "0.05", "0.1", "0.10", "0.155", "0.2", "0.25")
SIMPLE = ("MEAN", "TRIM_MEAN_HL", "TRIM_PCT", "ITERATIVE")
FAMILIES = (*SIMPLE, "DRAW_K", "MIX_CONTROL", "ABC", "DRAW_SUBSET")

Case = tuple[Any, Any, Any]
"""Tender file, opening and sheets."""


def case_of(chance: Random) -> Case:
    tender = tender_file(chance)
    opening = opening_for(chance, tender)
    return tender, opening, sheets_for(chance, tender, opening)


def rarely(chance: Random, one_in: int = 12) -> bool:
    return chance.randrange(one_in) == 0


# The tender file


def tender_file(chance: Random) -> Any:
    regime = chance.choice(("TB", "TB", "TB", "GP", "GP"))
    method = "LOWEST_PRICE" if rarely(chance, 5) else "COMPREHENSIVE"
    scored = method == "COMPREHENSIVE"
    kind = chance.choice(("total", "total", "total", "unit", "rate"))
    level = chance.choice(("SECTION", "ITEM", "TOTAL"))
    stages = ("FINAL", "DEVIATION_RATE") if level == "TOTAL" else ("FINAL", "EACH_ITEM", "DEVIATION_RATE")
    tender: dict[str, Any] = {
        "schema": "evaluation/1",
        "regime": regime,
        "procedure": "consultation" if regime == "GP" and scored and rarely(chance, 3) else "tender",
        "method": method,
        "price_kind": kind,
        "aggregation": {
            "rule": chance.choice(("MEAN", "DROP_HIGH_LOW", "DROP_HIGH_LOW")),
            "from": chance.choice((3, 4, 5)),
            "level": level,
        },
        "rounding": {"stage": chance.choice(stages), "scale": chance.choice((0, 1, 2, 2, 2, 3, 6))},
        "deviation_alarm": chance.choice(("0", "0.30", "0.3", "0.5")),
        "policies": policies(chance) if regime == "GP" or rarely(chance, 6) else [],
        "adjustments": adjustments(chance) if regime == "TB" and not scored else [],
        "corrections": {
            "order": chance.choice(("TB", "GP", "NONE")) if rarely(chance, 4) else regime,
            "keep_replaced_total": chance.choice((True, False)),
        },
        "draws": [],
        "candidates": chance.choice((1, 2, 3)),
        "least_valid": chance.choice((1, 2, 3, 3)),
    }
    if kind != "rate" and not rarely(chance, 6):
        tender["max_price"] = chance.choice((MAXIMUM, MAXIMUM + ".00", "950"))
    elif rarely(chance, 2):
        tender["max_price"] = None
    tender["price"] = price_rule(chance, tender) if scored and not rarely(chance) else None
    tender["criteria"] = criteria(chance, tender) if scored else gates(chance, "lawful")
    sections = [node["id"] for node in tender["criteria"] if node["kind"] != "PASS_FAIL"]
    tender["ties"] = chance.sample(sections, chance.randint(0, min(2, len(sections))))
    return tender


def policies(chance: Random) -> Any:
    return [
        {
            "id": name,
            "name": name,
            "rate": chance.choice(("0", "0.05", "0.1", "0.2")),
            "how": chance.choice(("DISCOUNT", "DISCOUNT", "ADD_ON")),
        }
        for name in ("sme", "domestic", "green")[: chance.randint(0, 3)]
    ]


def adjustments(chance: Random) -> Any:
    measures = (
        {"rate": chance.choice(("0.001", "0.01", "-0.005"))},
        {"amount": chance.choice(("10", "0.5", "-3"))},
        {"rate": None, "amount": "5"},
    )
    return [
        {"id": f"a{number}", "name": "Delay", "unit": "day"} | measure
        for number, measure in enumerate(measures[: chance.randint(0, 3)])
    ]


def gates(chance: Random, prefix: str) -> list[Any]:
    return [
        {
            "id": f"{prefix}.{number}",
            "name": f"Gate {number}",
            "kind": "PASS_FAIL",
            "article": f"art. {number}",
        }
        for number in range(chance.choice((0, 0, 1, 2)))
    ]


def criteria(chance: Random, tender: Any) -> Any:
    left = 100
    found: list[Any] = []
    if tender["price"] is not None:
        full = chance.choice((30, 50, 60, 100)) if tender["price"]["rule"] != "BILATERAL" else 60
        found.append({"id": "price", "name": "Price", "kind": "FORMULA", "max": str(full)})
        left -= full
    names = ["technical", "business", "credit"][: chance.randint(1, 3)] if left else []
    for name in names:
        most = left if name == names[-1] else left // 2
        left -= most
        if most:
            found.append(node(chance, name, most, depth=0))
    found += gates(chance, "seal")
    chance.shuffle(found)
    return found


def node(chance: Random, name: str, most: int, *, depth: int) -> Any:
    base = {"id": name, "name": name.title(), "max": f"{most}.0" if rarely(chance) else str(most)}
    if depth < 2 and most > 1 and chance.randrange(2):
        first = most // 3 or 1
        children = [
            node(chance, f"{name}.1", first, depth=depth + 1),
            node(chance, f"{name}-2", most - first, depth=depth + 1),
        ]
        if depth == 0:
            children += gates(chance, f"{name}_g")
        return base | {"kind": "GROUP", "children": children}
    base["objective"] = rarely(chance, 3)
    kind = chance.choice(("MANUAL", "MANUAL", "BAND", "ADDITIVE", "DEDUCTION"))
    if kind == "BAND":
        middle = f"{most / 2:.2f}"
        bands = [("good", middle, str(most)), ("fair", "0", f"{most / 4:.2f}")]
        base["bands"] = [{"id": i, "name": i, "from": low, "to": high} for i, low, high in bands]
    if kind in ("ADDITIVE", "DEDUCTION"):
        base["steps"] = [
            {"id": f"s{number}", "name": "Step", "points": points, "most": chance.choice((1, 2, 5))}
            for number, points in enumerate(
                chance.sample(("1", "2.5", "0.33", "10"), chance.choice((1, 1, 2)))
            )
        ]
    return base | {"kind": kind}


def price_rule(chance: Random, tender: Any) -> Any:
    if tender["regime"] == "GP":
        return {"rule": "LOW_PRICE_FIRST", "basis": "CORRECTED"}
    basis = chance.choice(("CORRECTED", "CORRECTED", "BID"))
    if rarely(chance, 6):
        return {"rule": "LOW_PRICE_FIRST", "basis": basis}
    rule = chance.choice(("BILATERAL", "HIGHWAY"))
    allowed = FAMILIES if tender.get("max_price") is not None else (*SIMPLE, "DRAW_K")
    found = {
        "rule": rule,
        "basis": basis,
        "benchmark_basis": chance.choice(("AFTER_PRELIM_REVIEW", "AT_OPENING_ALL_VALID")),
        "benchmark": family(chance, tender, chance.choice(allowed)),
        "e1": chance.choice(("1", "1.0", "2", "0.2")),
        "e2": chance.choice(("0.5", "1", "0.1")),
        "full_from": chance.choice(("0", "0", "-1")),
        "full_to": chance.choice(("0", "0", "2")),
    }
    if rule == "BILATERAL":
        found["floor"] = chance.choice(("0", "10", "60"))
    return found


def family(chance: Random, tender: Any, name: str) -> Any:
    def number(*values: str) -> Any:
        if chance.randrange(2):
            return chance.choice(values)
        draw = f"K{len(tender['draws'])}"
        tender["draws"].append({"id": draw, "candidates": list(values)})
        return {"draw": draw}

    def shares(*means: str) -> Any:
        return {
            "mean": chance.choice(means),
            "max": chance.choice(("0.3", "0.5")),
            "factor": chance.choice(("0.75", "0.85", "1", "1.1")),
        }

    found: dict[str, Any] = {"family": name}
    if name == "TRIM_MEAN_HL":
        found |= chance.choice(({"from": 5, "high": 1, "low": 1}, {"from": 3, "high": 2, "low": 0}))
    if name == "TRIM_PCT":
        found["share"] = chance.choice(("0.2", "0.1", "0.4", "0.35"))
    if name == "ITERATIVE":
        found |= {
            "limit": chance.choice(("0.3", "0.05", "0.1", "0")),
            "factor": number("0.9", "1", "0.95"),
            "least": chance.choice((1, 2, 2, 3)),
        }
    if name in ("DRAW_K", "MIX_CONTROL"):
        inner = (*SIMPLE, "DRAW_SUBSET") if tender.get("max_price") is not None else SIMPLE
        found["inner"] = family(chance, tender, chance.choice(inner))
    if name == "DRAW_K":
        form = chance.choice(("ONE_MINUS_K", "TIMES_K"))
        found |= {
            "form": form,
            "k": number("0.01", "0.02", "0.05") if form == "ONE_MINUS_K" else number("0.95", "1"),
        }
    if name == "MIX_CONTROL":
        found |= {"k1": number("0.95", "0.97"), "k2": number("0.93"), "q1": number("0.65", "0.7", "1")}
    if name == "ABC":
        found |= {
            "delta": number("0", "0.05", "0.1"),
            "k": number("0.95", "0.97"),
            "weights": ["0.5", "0.3", "0.2"],
            "limit": shares("0.7", "0.5"),
            "a_share": chance.choice(("0.95", "1")),
        }
    if name == "DRAW_SUBSET":
        found |= {
            "range": None if rarely(chance, 3) else shares("0.5", "0.7"),
            "sizes": [
                {"to": 3, "share": chance.choice(("0.5", "1")), "least": 2},
                {"to": 6, "share": "0.4", "least": 1},
                {"to": None, "share": "0.3", "least": 3},
            ][chance.randrange(3) :],
            "inner": family(chance, tender, chance.choice(SIMPLE)),
            "max_share": number("0", "0.3"),
        }
    return found


# The opening


def opening_for(chance: Random, tender: Any) -> Any:
    count = chance.choice((1, 1, 2, 2, 3, 3, 3, 4, 4, 5, 6, 7, 12))
    few = chance.sample(RATES if tender["price_kind"] == "rate" else PRICES, 3)
    bids = [bid(chance, tender, f"b{number}", few) for number in range(1, count + 1)]
    chance.shuffle(bids)
    return {
        "schema": "opening/1",
        "bids": bids,
        "draws": {draw["id"]: chance.choice(draw["candidates"]) for draw in tender["draws"]},
        "tickets": tickets_of(chance, tender, bids),
        **kept_benchmark(Random(str(bids)), tender),
    }


def kept_benchmark(chance: Random, tender: Any) -> dict[str, str | None]:
    """An earlier evaluation's benchmark, now and then, where there can be one."""
    if (tender["price"] or {}).get("benchmark") is None or not rarely(chance, 8):
        return {}
    return {"benchmark": chance.choice((None, "18979/20", "900/1", "1234567/1301"))}


def tickets_of(chance: Random, tender: Any, bids: list[Any]) -> Any:
    """None where nothing asks for them, sometimes."""
    benchmark = (tender["price"] or {}).get("benchmark", {})
    families = {benchmark.get("family"), benchmark.get("inner", {}).get("family")}
    if rarely(chance, 4) and not families & {"ABC", "DRAW_SUBSET"}:
        return {}
    return {bid["id"]: f"{chance.getrandbits(256):064x}" for bid in bids}


def bid(chance: Random, tender: Any, name: str, few: list[str]) -> Any:
    price: str | None
    if rarely(chance, 40):
        price = None
    elif tender["price_kind"] == "rate":
        price = chance.choice((*few, f"0.{chance.randrange(3000):04}")) if not rarely(chance, 30) else "1"
    elif rarely(chance, 30):
        price = chance.choice(("0", "-5", "0.00"))
    else:
        price = chance.choice(few) if chance.randrange(3) else f"{chance.randrange(60000, 101000) / 100:.2f}"
    found: dict[str, Any] = {"id": name, "price": price}
    if tender["regime"] == "GP" and rarely(chance, 2):
        found["brand"] = chance.choice(("Kite", "Pine", None))
    if price is not None and tender["price_kind"] != "rate" and rarely(chance, 2):
        found["statement"] = statement(chance, price) if chance.randrange(4) else None
    return found


def statement(chance: Random, price: str) -> Any:
    """Parts that agree with the price, or nearly, or by a slip of the point."""
    near: Callable[[], str] = lambda: chance.choice((price, price, price, "900", "95000", "8500.5"))  # noqa: E731
    sections = [{"id": f"S{number}", "total": near()} for number in range(chance.choice((0, 0, 1, 2)))]
    lines = []
    for number in range(chance.choice((0, 1, 1, 2, 3))):
        quantity, unit = chance.choice(
            (("1", price), ("10", "90"), ("0.001", "95"), ("3", "33.333"), ("1", "-7"))
        )
        lines.append(
            {
                "id": f"l{number}",
                "section": chance.choice(sections)["id"] if sections else None,
                "quantity": quantity,
                "unit": unit,
                "total": chance.choice((price, "900", "9", "0.95", "100")),
            }
        )
    return {
        "words": near() if rarely(chance, 3) else None,
        "figures": price,
        "other": near() if rarely(chance, 3) else None,
        "sections": sections,
        "lines": lines,
    }


# The sheets


def leaves(nodes: Any) -> list[Any]:
    found: list[Any] = []
    for one in nodes:
        found += leaves(one["children"]) if one["kind"] == "GROUP" else [one]
    return [leaf for leaf in found if leaf["kind"] != "FORMULA"]


def sheets_for(chance: Random, tender: Any, opening: Any) -> Any:
    names = [f"m{number}" for number in range(1, chance.choice((1, 1, 1, 2, 2, 3, 3, 5)) + 1)]
    scores: dict[str, dict[str, Any]] = {name: {} for name in names}
    for one in opening["bids"]:
        for name in names:
            scores[name][one["id"]] = {}
        for leaf in leaves(tender["criteria"]):
            usual = entry(chance, leaf)
            for name in names:
                same = leaf.get("objective") or chance.randrange(2)
                scores[name][one["id"]][leaf["id"]] = usual if same else entry(chance, leaf)
    return {
        "schema": "sheets/1",
        "members": [{"id": name, "scores": scores[name]} for name in names],
        "reviews": {one["id"]: review(chance, tender) for one in opening["bids"]},
    }


def entry(chance: Random, leaf: Any) -> Any:
    if leaf["kind"] == "PASS_FAIL":
        return chance.choice(("pass", "pass", "pass", "pass", "fail"))
    if leaf["kind"] in ("ADDITIVE", "DEDUCTION"):
        return {step["id"]: chance.randint(0, step["most"]) for step in leaf["steps"]}
    if leaf["kind"] == "BAND":
        band = chance.choice(leaf["bands"])
        return chance.choice((band["from"], band["to"]))
    return chance.choice(("0", leaf["max"], f"{float(leaf['max']) / 2:.2f}", f"{float(leaf['max']) / 3:.2f}"))


def review(chance: Random, tender: Any) -> Any:
    gates = [
        {
            "id": f"Q{number}",
            "article": f"art. {number}",
            "reason": "No licence",
            "passed": not rarely(chance, 40),
        }
        for number in range(chance.choice((0, 0, 1, 2)))
    ]
    other = {"code": "collusion", "article": "art. 40", "reason": "The same hand"}
    return {
        "gates": gates,
        "confirmed": chance.choice((True, True, True, True, False, None)),
        "policies": [one["id"] for one in tender["policies"] if chance.randrange(2)],
        "adjustments": {
            one["id"]: chance.choice(("0", "1", "2.5", "-1"))
            for one in tender["adjustments"]
            if chance.randrange(2)
        },
        "abnormal": chance.choice((None, None, None, "explained"))
        if not rarely(chance, 25)
        else "unexplained",
        "other": other if rarely(chance, 40) else None,
    }
