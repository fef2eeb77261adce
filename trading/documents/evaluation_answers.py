"""Answers about the evaluation: what bids must pass, what is scored, how prices count, who comes first."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from govcore.errors import Detail
from trading.documents.benchmark_answers import benchmark_of
from trading.documents.making import Maker
from trading.procedure.policy import Regime
from trading.procedure.rules import rule_sets

BENCHMARKED = ("benchmark_mean", "bilateral", "highway")
UNPRICED = ("fixed", "lowest_evaluated")

_PART = re.compile(
    r"(?P<label>.*?\S)[\s:：,，]+(?P<one>\d+(?:\.\d+)?)\s*(?:[-–~至到×xX*,，]|\s)\s*(?P<two>\d+(?:\.\d+)?)\s*[分次]?"
)
"""A band or a step on a line of its own: its label and two numbers."""


class Answers(msgspec.Struct, kw_only=True):
    """Whatever was typed, as text; only assembling it tells whether it holds together."""


class GateAnswer(Answers):
    label: str = ""
    article: str = ""
    kind: str = "conformity"


class ItemAnswer(Answers):
    section: str = ""
    label: str = ""
    points: str = ""
    rule: str = ""
    kind: str = "MANUAL"
    objective: str = ""
    parts: str = ""


class PolicyAnswer(Answers):
    label: str = ""
    kind: str = "sme"
    rate: str = ""


class AdjustmentAnswer(Answers):
    label: str = ""
    unit: str = ""
    rate: str = ""
    amount: str = ""


class EvaluationAnswers(Answers):
    """How bids are evaluated; an empty choice leaves it to the rule set, and applications are not scored at all."""

    rule_set: str = ""
    prequalifies: bool = False
    procedure: str = "tender"
    ground: str = ""
    gates: list[GateAnswer] = []
    items: list[ItemAnswer] = []
    price_points: str = ""
    price_method: str = "low_price_first"
    family: str = "TRIM_MEAN_HL"
    benchmark: dict[str, str] = {}
    benchmark_basis: str = ""
    e1: str = "1.0"
    e2: str = "0.5"
    floor: str = ""
    full_from: str = "0"
    full_to: str = "0"
    price_policies: list[PolicyAnswer] = []
    adjustments: list[AdjustmentAnswer] = []
    tie: str = ""
    trim: str = ""
    level: str = ""
    stage: str = ""
    candidates: str = ""
    leader: str = "elected"


def evaluation_content(a: EvaluationAnswers, maker: Maker) -> dict[str, Any]:
    """The members of the content that say how bids are evaluated; applications have no points (实施条例 art. 18)."""
    if a.prequalifies:
        return {"gates": _gates(a, maker), "criteria": [], "price": {"method": "low_price_first"}}
    price, draws = _price(a, maker)
    criteria = _criteria(a, maker)
    return {
        "procedure": a.procedure,
        "ground": maker.need("price", "ground", a.ground) if a.procedure == "consultation" else None,
        "gates": _gates(a, maker),
        "criteria": criteria,
        "price": price,
        "draws": draws,
        "price_policies": _policies(a, maker) if a.price_method != "fixed" else [],
        "adjustments": _adjustments(a, maker) if a.price_method == "lowest_evaluated" else [],
        "scoring": _scoring(a, maker, criteria),
        "leader": "elected" if _purchases(a) else a.leader,
    }


def sections_of(a: EvaluationAnswers) -> list[str]:
    """The names of the sections in the order in which their first item comes."""
    return list(dict.fromkeys(item.section.strip() or item.label.strip() for item in a.items))


def _gates(a: EvaluationAnswers, maker: Maker) -> list[dict[str, str]]:
    return [
        {
            "id": f"g{n}",
            "label": maker.need("scoring", f"gate_label-{n}", gate.label),
            "article": maker.need("scoring", f"gate_article-{n}", gate.article),
            "kind": gate.kind,
        }
        for n, gate in enumerate(a.gates, 1)
    ]


def _criteria(a: EvaluationAnswers, maker: Maker) -> list[dict[str, Any]]:
    """Sections of items; the price is a section of its own, where it has points."""
    if a.price_method == "lowest_evaluated":
        if a.items:
            told = Detail("Without points nothing is scored: take the items out, or choose another method.")
            maker.add("price", "price_method", told)
        return []
    sections: dict[str, list[dict[str, Any]]] = {name: [] for name in sections_of(a)}
    for n, item in enumerate(a.items, 1):
        sections[item.section.strip() or item.label.strip()].append(_item(n, item, maker))
    made: list[dict[str, Any]] = [
        {
            "id": f"s{n}",
            "label": label or "—",
            "kind": "manual",
            "max_points": sum(item["max_points"] for item in items),
            "items": items,
        }
        for n, (label, items) in enumerate(sections.items(), 1)
    ]
    if a.price_method not in UNPRICED:
        points = maker.whole("scoring", "price_points", a.price_points)
        made.append({"id": "price", "label": "投标报价", "kind": "price", "max_points": points})
    total = sum(section["max_points"] for section in made)
    if total != 100:
        told = Detail("The points add up to {total}, not to 100.", total=total)
        maker.add("scoring", "price_points", told)
    return made


def _item(n: int, item: ItemAnswer, maker: Maker) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": f"i{n}",
        "label": maker.need("scoring", f"label-{n}", item.label),
        "max_points": maker.whole("scoring", f"points-{n}", item.points),
        "rule": item.rule.strip(),
        "kind": item.kind,
        "objective": item.objective == "yes",
    }
    lines = [line.strip() for line in item.parts.splitlines() if line.strip()]
    found = [_PART.fullmatch(line) for line in lines]
    if item.kind == "MANUAL":
        if lines:
            told = Detail("Bands and steps belong to an item that is scored by them.")
            maker.add("scoring", f"parts-{n}", told)
        return made
    if not lines or None in found:
        told = Detail("Give one band or step on each line: its name and two numbers, as in the example.")
        maker.add("scoring", f"parts-{n}", told)
    parts = [(f"p{k}", one["label"], one["one"], one["two"]) for k, one in enumerate(found, 1) if one]
    if item.kind == "BAND":
        made["bands"] = [{"id": i, "label": label, "low": low, "high": high} for i, label, low, high in parts]
    else:
        made["steps"] = [
            {"id": i, "label": label, "points": points, "most": int(float(most))}
            for i, label, points, most in parts
        ]
    return made


def _price(a: EvaluationAnswers, maker: Maker) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    if a.price_method not in BENCHMARKED:
        return {"method": a.price_method}, []
    made: dict[str, Any] = {
        "method": a.price_method,
        "e1": maker.decimal("price", "e1", a.e1),
        "e2": maker.decimal("price", "e2", a.e2),
        "full_from": maker.decimal("price", "full_from", a.full_from, signed=True),
        "full_to": maker.decimal("price", "full_to", a.full_to, signed=True),
        "benchmark_basis": a.benchmark_basis or None,
    }
    if a.floor.strip() and a.price_method != "highway":
        made["floor"] = maker.decimal("price", "floor", a.floor)
    if a.price_method == "benchmark_mean":
        return made, []
    benchmark, draws = benchmark_of(a.family, a.benchmark, maker)
    return {**made, "benchmark": benchmark}, draws


def _policies(a: EvaluationAnswers, maker: Maker) -> list[dict[str, str]]:
    how = "ADD_ON" if a.price_method in BENCHMARKED else "DISCOUNT"
    return [
        {
            "id": f"policy{n}",
            "label": maker.need("price", f"policy_label-{n}", one.label),
            "kind": one.kind,
            "rate": maker.percent("price", f"policy_rate-{n}", one.rate),
            "how": how,
        }
        for n, one in enumerate(a.price_policies, 1)
    ]


def _adjustments(a: EvaluationAnswers, maker: Maker) -> list[dict[str, Any]]:
    made = []
    for n, one in enumerate(a.adjustments, 1):
        row: dict[str, Any] = {
            "id": f"adjustment{n}",
            "label": maker.need("price", f"adjust_label-{n}", one.label),
            "unit": maker.need("price", f"adjust_unit-{n}", one.unit),
        }
        if bool(one.rate.strip()) == bool(one.amount.strip()):
            maker.add("price", f"adjust_rate-{n}", Detail("Give either a share of the price or an amount."))
        elif one.rate.strip():
            row["rate"] = maker.percent("price", f"adjust_rate-{n}", one.rate)
        else:
            row["amount"] = maker.decimal("price", f"adjust_amount-{n}", one.amount)
        made.append(row)
    return made


def _scoring(a: EvaluationAnswers, maker: Maker, criteria: list[dict[str, Any]]) -> dict[str, Any]:
    """The first section is the technical one where none was chosen to decide between equals; a purchase draws."""
    made: dict[str, Any] = {name: getattr(a, name) or None for name in ("trim", "level", "stage")}
    if a.candidates.strip():
        made["candidates"] = maker.whole("price", "candidates", a.candidates)
    scored = [section for section in criteria if section["kind"] == "manual"]
    named = [section["id"] for section in scored if section["label"] == a.tie.strip()]
    drawn = _purchases(a) and a.procedure == "tender"
    made["ties"] = named or ([] if drawn else [section["id"] for section in scored[:1]])
    return made


def _purchases(a: EvaluationAnswers) -> bool:
    rules = rule_sets().get(a.rule_set)
    return rules is not None and rules.regime is Regime.GP
