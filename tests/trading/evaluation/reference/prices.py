"""Steps 1 and 4 of the page: what a price is corrected and evaluated to, the benchmark, the points of a price."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor
from typing import Any

from tests.trading.evaluation.reference.reading import Refused, exactly


def half_up(value: Fraction, scale: int) -> Fraction:
    size = Fraction(floor(abs(value) * 10**scale + Fraction(1, 2)), 10**scale)
    return size if value >= 0 else -size


# Step 1


def is_slip(computed: Fraction, total: Fraction) -> bool:
    return any(computed == total * Fraction(10) ** k for k in (-4, -3, -2, -1, 1, 2, 3, 4))


def corrected_price(tender: Any, bid: Any) -> Fraction | None:
    if bid["price"] is None:
        return None
    price = exactly(bid["price"])
    if tender["price_kind"] == "rate":
        return 1 - price
    statement = bid.get("statement")
    order = tender["corrections"]["order"]
    if statement is None or order == "NONE":
        return price
    total = exactly(statement["figures"] if statement["words"] is None else statement["words"])
    products = [exactly(line["quantity"]) * exactly(line["unit"]) for line in statement["lines"]]
    if order == "GP":
        replaced = statement["other"] is not None and exactly(statement["other"]) != price
        kept = replaced and tender["corrections"]["keep_replaced_total"]
        if products and not kept and not is_slip(sum(products, Fraction(0)), total):
            total = sum(products, Fraction(0))
    else:
        lines = []
        for line, product in zip(statement["lines"], products, strict=True):
            lines.append(exactly(line["total"]) if is_slip(product, exactly(line["total"])) else product)
        parts = lines
        if statement["sections"]:
            parts = []
            for section in statement["sections"]:
                own = [
                    value
                    for line, value in zip(statement["lines"], lines, strict=True)
                    if line["section"] == section["id"]
                ]
                parts.append(sum(own, Fraction(0)) if own else exactly(section["total"]))
        if parts and not is_slip(sum(parts, Fraction(0)), total):
            total = sum(parts, Fraction(0))
    return half_up(total, 2)


# Step 4


def read_out(tender: Any, bid: Any) -> Any:
    if bid["price"] is None:
        return None
    price = exactly(bid["price"])
    return 1 - price if tender["price_kind"] == "rate" else price


def basis_price(tender: Any, bid: Any, corrected: Fraction) -> Fraction:
    if tender["price"] is not None and tender["price"]["basis"] == "BID":
        return read_out(tender, bid)
    return corrected


def evaluated_price(tender: Any, price: Fraction, review: Any) -> Fraction:
    rates = Fraction(0)
    for policy in tender["policies"]:
        if policy["how"] == "DISCOUNT" and policy["id"] in review["policies"]:
            rates += exactly(policy["rate"])
    factor, amounts = 1 - rates, Fraction(0)
    for adjustment in tender["adjustments"]:
        quantity = exactly(review["adjustments"].get(adjustment["id"], "0"))
        if adjustment.get("rate") is not None:
            factor += exactly(adjustment["rate"]) * quantity
        else:
            amounts += exactly(adjustment["amount"]) * quantity
    return price * factor + amounts


def price_score(tender: Any, share: Fraction, deviation: Fraction | None, review: Any) -> Fraction:
    rule = tender["price"]
    most = next(exactly(section["max"]) for section in tender["criteria"] if section["kind"] == "FORMULA")
    if rule["rule"] == "LOW_PRICE_FIRST":
        points = share * most
    else:
        assert deviation is not None
        highway = rule["rule"] == "HIGHWAY"
        full, least = (Fraction(100), Fraction(0)) if highway else (most, exactly(rule["floor"]))
        points = full
        if deviation > exactly(rule["full_to"]):
            points = full - (deviation - exactly(rule["full_to"])) * exactly(rule["e1"])
        if deviation < exactly(rule["full_from"]):
            points = full - (exactly(rule["full_from"]) - deviation) * exactly(rule["e2"])
        points = max(points, least)
        if highway:
            points = points * most / 100
    add_on = Fraction(0)
    for policy in tender["policies"]:
        if policy["how"] == "ADD_ON" and policy["id"] in review["policies"]:
            add_on += exactly(policy["rate"])
    return points * (1 + add_on)


Priced = list[tuple[Fraction, str]]
"""Prices with their tickets, ascending by price."""


def benchmark_of(
    tender: Any, opening: Any, corrected: dict[str, Fraction], valid: list[str]
) -> Fraction | None:
    rule = tender["price"]
    if rule is None or rule["rule"] == "LOW_PRICE_FIRST":
        return None
    if opening.get("benchmark") is not None:
        return Fraction(opening["benchmark"])
    priced: Priced = []
    for bid in opening["bids"]:
        ticket = opening["tickets"].get(bid["id"], "")
        if rule["benchmark_basis"] == "AT_OPENING_ALL_VALID":
            price = read_out(tender, bid)
            maximum = tender.get("max_price")
            if price is not None and price > 0 and (maximum is None or price <= exactly(maximum)):
                priced.append((price, ticket))
        elif bid["id"] in valid:
            priced.append((basis_price(tender, bid, corrected[bid["id"]]), ticket))
    if not priced:
        if valid:
            raise Refused("E_BENCHMARK_UNDEFINED", "no price")
        return None
    value = family_value(tender, opening["draws"], rule["benchmark"], sorted(priced))
    if value <= 0:
        raise Refused("E_BENCHMARK_UNDEFINED", "not above 0")
    return value


def mean(values: list[Fraction]) -> Fraction:
    return sum(values, Fraction(0)) / len(values)


def family_value(tender: Any, draws: Any, family: Any, priced: Priced) -> Fraction:
    b = [price for price, _ in priced]
    n = len(b)

    def value(thing: Any) -> Fraction:
        return exactly(draws[thing["draw"]] if type(thing) is dict else thing)

    if family["family"] == "MEAN":
        return mean(b)

    if family["family"] == "TRIM_MEAN_HL":
        if n >= family["from"]:
            return mean(b[family["low"] : n - family["high"]])
        return mean(b)

    if family["family"] == "TRIM_PCT":
        if n >= 7:
            k = int(half_up(exactly(family["share"]) * n, 0))
            return mean(b[k : n - k])
        if n >= 4:
            lower = [price for price in b if price != b[-1]]
            return mean(lower or b)
        return b[1] if n > 1 else b[0]

    if family["family"] == "ITERATIVE":
        left = list(b)
        while len(left) > family["least"]:
            middle = mean(left)
            farthest = max(left, key=lambda price: (abs(price - middle) / middle, price))
            if abs(farthest - middle) / middle <= exactly(family["limit"]):
                break
            left.remove(farthest)
        return mean(left) * value(family["factor"])

    if family["family"] == "DRAW_K":
        a, k = family_value(tender, draws, family["inner"], priced), value(family["k"])
        return a * (1 - k) if family["form"] == "ONE_MINUS_K" else a * k

    highest = exactly(tender["max_price"])

    if family["family"] == "MIX_CONTROL":
        a = family_value(tender, draws, family["inner"], priced)
        q1 = value(family["q1"])
        return a * value(family["k1"]) * q1 + highest * value(family["k2"]) * (1 - q1)

    if family["family"] == "ABC":
        a = highest * (1 - value(family["delta"]))
        limit = family["limit"]
        least = mean(b) * exactly(limit["mean"]) + highest * exactly(limit["max"])
        least *= exactly(limit["factor"])
        allowed = [(price, ticket) for price, ticket in priced if price >= least]
        if not allowed:
            raise Refused("E_BENCHMARK_UNDEFINED", "no bid at the limit")
        # Sorted by price and ticket: the first is the lowest price, of equal ones the first ticket.
        c = allowed[0][0]
        pool = [(ticket, price) for price, ticket in priced if c < price < exactly(family["a_share"]) * a]
        if not pool:
            pool = [(ticket, price) for price, ticket in allowed[1:] if price <= a]
        drawn = min(pool)[1] if pool else c
        w_a, w_b, w_c = (exactly(weight) for weight in family["weights"])
        return (a * w_a + drawn * w_b + c * w_c) * value(family["k"])

    assert family["family"] == "DRAW_SUBSET"
    pool = [(ticket, price) for price, ticket in priced]
    if family["range"] is not None:
        least = highest * exactly(family["range"]["max"]) + mean(b) * exactly(family["range"]["mean"])
        least *= exactly(family["range"]["factor"])
        pool = [(ticket, price) for price, ticket in priced if price >= least] or pool
    size = next(size for size in family["sizes"] if size["to"] is None or size["to"] >= len(pool))
    count = min(max(ceil(exactly(size["share"]) * len(pool)), size["least"]), len(pool))
    taken = sorted((price, ticket) for ticket, price in sorted(pool)[:count])
    share = value(family["max_share"])
    return family_value(tender, draws, family["inner"], taken) * (1 - share) + highest * share
