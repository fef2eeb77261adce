"""Check an evaluation bundle by computing its result again, with the scoring alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any

from trading.evaluation.bundles import Bundle, Document, Form, Withheld, digest_of, sha256_of
from trading.evaluation.scoring import Code, Refused, score
from trading.evaluation.scoring.exact import decimal

Row = dict[str, Any]

MALFORMED = (KeyError, TypeError, ValueError, AttributeError, IndexError, ArithmeticError, RecursionError)
"""What a document raises that is not of the form its schema says, where the scoring does not look at it."""

MOST_SAID = 200
"""Characters of what a malformed document is told to hold."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: `holds` is None for what this form of the bundle cannot show."""

    code: str
    about: str
    holds: bool | None


def verify(bundle: Bundle) -> list[Check]:
    """Everything that can be computed again, in order; all checks are told, also after one that does not hold."""
    checks = [Check("digest", bundle["digest"], digest_of(bundle) == bundle["digest"])]
    for name, document in bundle["documents"].items():
        checks.append(Check("document", name, bundle["sha256"][name] == sha256_of(document)))
    recomputed = _public if bundle["form"] == Form.PUBLIC else _full
    try:
        checks += recomputed(bundle["documents"])
    except Refused as refusal:
        checks.append(Check("refused", str(refusal), False))
    except MALFORMED as error:
        checks.append(Check("malformed", repr(error)[:MOST_SAID], False))
    return checks


# The full form: the same function on the same documents gives the same result.


def _full(documents: Mapping[str, Document]) -> Iterator[Check]:
    given = documents["result"]
    computed = score(documents["tender_file"], documents["opening"], documents["sheets"])
    for name in ("valid", "enough", "benchmark", "candidates", "alarms"):
        yield Check("member", name, given.get(name) == computed[name])
    rows = {row["bid"]: row for row in given["standings"]}
    for row in _rows(computed):
        yield Check("bid", row["bid"], rows.get(row["bid"]) == row)
    for place in differences(given, computed, "result"):
        yield Check("differs", place, False)


def differences(given: object, computed: object, place: str) -> Iterator[str]:
    """Every place where two documents differ, with what is given and what is computed."""
    if isinstance(given, dict) and isinstance(computed, dict):
        for name in sorted(given.keys() | computed.keys()):
            yield from differences(given.get(name), computed.get(name), f"{place}.{name}")
    elif isinstance(given, list) and isinstance(computed, list) and len(given) == len(computed):
        for number, (one, other) in enumerate(zip(given, computed, strict=True)):
            yield from differences(one, other, f"{place}[{number}]")
    elif given != computed or type(given) is not type(computed):
        yield f"{place}: {given} / {computed}"


def _rows(result: Mapping[str, Any]) -> list[Row]:
    rows: list[Row] = result["standings"]
    return rows


# The public form: whatever follows from the prices read out and the values drawn. The points of the sheets are
# unknown; so the same function is asked twice, as if one member had given the least, and the most, to everybody.


def _public(documents: Mapping[str, Document]) -> Iterator[Check]:
    tender, opening, published = documents["tender_file"], documents["opening"], documents["published"]
    standings = _rows(published)
    withheld = set(published["withheld"])
    ids = sorted(bid["id"] for bid in opening["bids"])
    yield Check("bids", str(len(ids)), sorted(row["bid"] for row in standings) == ids)
    least = _scored(documents, most=False)
    most = _scored(documents, most=True)
    if least is None or most is None:
        yield Check("benchmark", "", None)
    else:
        yield _benchmark(tender, published, least["benchmark"])
        yield from _prices(tender, standings, least, most, withheld)
    yield from _order(tender, opening, standings, least, withheld)
    yield from _summary(tender, published)
    yield from (Check(name, "", None) for name in sorted(withheld))
    yield Check("sheets", "", None)


def _scored(documents: Mapping[str, Document], *, most: bool) -> Mapping[str, Any] | None:
    """The result of such sheets; nothing where only a corrected price, which is not public, lets it be computed."""
    tender, opening, published = documents["tender_file"], documents["opening"], documents["published"]
    entries = {leaf["id"]: _entry(leaf, most=most) for leaf in _leaves(tender["criteria"])}
    rejected = {row["bid"] for row in _rows(published) if row["state"] == "invalid"}
    ids = [bid["id"] for bid in opening["bids"]]
    sheets = {
        "schema": "sheets/1",
        "members": [{"id": "m1", "scores": dict.fromkeys(ids, entries)}],
        "reviews": {bid: _review(rejected=bid in rejected) for bid in ids},
    }
    try:
        return score(tender, opening, sheets)
    except Refused as refusal:
        if refusal.code == Code.BENCHMARK_UNDEFINED and Withheld.CORRECTIONS in published["withheld"]:
            return None
        raise


def _review(*, rejected: bool) -> Document:
    other = {"code": "rejected", "article": "", "reason": ""} if rejected else None
    return {
        "gates": [],
        "confirmed": None,
        "policies": [],
        "adjustments": {},
        "abnormal": None,
        "other": other,
    }


def _leaves(nodes: Sequence[Document]) -> Iterator[Document]:
    for node in nodes:
        if node["kind"] == "GROUP":
            yield from _leaves(node["children"])
        elif node["kind"] != "FORMULA":
            yield node


def _entry(leaf: Document, *, most: bool) -> object:
    """The least, or the most, that a member can enter."""
    if leaf["kind"] == "PASS_FAIL":
        return "pass"
    if leaf["kind"] == "MANUAL":
        return _hundredths(leaf["max"], up=False) if most else "0"
    if leaf["kind"] == "BAND":
        if most:
            return _hundredths(max((band["to"] for band in leaf["bands"]), key=_exact), up=False)
        return _hundredths(min((band["from"] for band in leaf["bands"]), key=_exact), up=True)
    counted = most if leaf["kind"] == "ADDITIVE" else not most
    return {step["id"]: step["most"] if counted else 0 for step in leaf["steps"]}


def _hundredths(number: str, *, up: bool) -> str:
    """A number with the two decimals that points may have."""
    whole = (ceil if up else floor)(_exact(number) * 100)
    return f"{whole // 100}.{whole % 100:02}"


def _exact(number: str) -> Fraction:
    """A document's number; `ValueError` for any but a plain one: an exponent alone could fill the memory."""
    value = decimal(number, signed=True)
    if value is None:
        raise ValueError(number)
    return value


def _benchmark(tender: Document, published: Document, computed: str | None) -> Check:
    price = tender["price"]
    by_corrected = (
        price is not None
        and price["rule"] != "LOW_PRICE_FIRST"
        and price["benchmark_basis"] != "AT_OPENING_ALL_VALID"
    )
    if by_corrected and Withheld.CORRECTIONS in published["withheld"]:
        return Check("benchmark", str(published["benchmark"]), None)
    return Check("benchmark", str(computed), published["benchmark"] == computed)


def _prices(
    tender: Document,
    standings: Sequence[Row],
    least: Mapping[str, Any],
    most: Mapping[str, Any],
    withheld: set[str],
) -> Iterator[Check]:
    """The price of each bid that is not rejected, and the total between its bounds."""
    lowest = {row["bid"]: row for row in _rows(least)}
    highest = {row["bid"]: row for row in _rows(most)}
    formula = [section["id"] for section in tender["criteria"] if section["kind"] == "FORMULA"]
    for row in standings:
        if row["state"] == "invalid":
            continue
        low, high = lowest[row["bid"]], highest[row["bid"]]
        if withheld:
            yield Check("price", row["bid"], None)
            continue
        allowed = low["invalid"] is None
        yield Check("allowed", row["bid"], allowed)
        if not allowed or row["total"] is None:
            continue
        points = low["shown"][formula[0]] if formula else ""
        inside = _exact(low["total"]) <= _exact(row["total"]) <= _exact(high["total"])
        yield Check("total", f"{row['bid']} {points}".strip(), inside)


def _order(
    tender: Document,
    opening: Document,
    standings: Sequence[Row],
    least: Mapping[str, Any] | None,
    withheld: set[str],
) -> Iterator[Check]:
    """Ranks as far as they follow from totals and prices; what decides between equal ones may lie in the sheets."""
    ranked = [row for row in standings if row["state"] == "ranked"]
    ranks = [row["rank"] for row in ranked]
    expected = [rank if rank == before else place for place, (rank, before) in _pairs(ranks)]
    tied = [ranks.count(row["rank"]) > 1 for row in ranked]
    yield Check("ranks", str(len(ranked)), ranks == expected and [row["tied"] for row in ranked] == tied)
    price = {bid["id"]: bid["price"] for bid in opening["bids"]}
    sign = -1 if tender["price_kind"] == "rate" else 1
    if tender["method"] == "LOWEST_PRICE":
        if withheld or least is None:
            yield Check("order", "", None)
            return
        keys: list[tuple[Fraction, ...]] = [(_exact(price[row["bid"]]) * sign,) for row in ranked]
    elif Withheld.CORRECTIONS in withheld:
        keys = [(-_exact(row["total"]),) for row in ranked]
    else:
        keys = [(-_exact(row["total"]), _exact(price[row["bid"]]) * sign) for row in ranked]
    apart = all(keys[i] == keys[i + 1] for i in range(len(keys) - 1) if ranks[i] == ranks[i + 1])
    yield Check("order", "", keys == sorted(keys) and apart)


def _pairs(ranks: Sequence[int]) -> Iterator[tuple[int, tuple[int, int | None]]]:
    """Each place, counted from one, with its rank and the rank before it."""
    return enumerate(zip(ranks, [None, *ranks], strict=False), start=1)


def _summary(tender: Document, published: Document) -> Iterator[Check]:
    ranked = [row for row in _rows(published) if row["state"] == "ranked"]
    enough = len(ranked) >= tender["least_valid"]
    yield Check("valid", str(len(ranked)), (published["valid"], published["enough"]) == (len(ranked), enough))
    first = [row["bid"] for row in ranked if row["rank"] <= tender["candidates"]]
    yield Check("candidates", " ".join(first), published["candidates"] == first)
