"""The document `evaluation/1` of a lot: how its bids are evaluated, made from the content and the rule set.

What the documents leave open the pinned rule set decides, so that the same version always gives the same document.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

import msgspec

from trading.procedure.competition import Stage
from trading.procedure.policy import Regime, RuleSet
from trading.tender.criteria import (
    Benchmark,
    Closed,
    Criterion,
    Draw,
    Item,
    Mean,
    PriceRule,
    Scoring,
    TrimMean,
)
from trading.tender.schemas import TenderContent

SCHEMA = "evaluation/1"
TECHNICAL = "technical"
"""The section that decides between equals where the documents name none, if there is one of this id."""

_MEMBERS_LEAST = 3


class Node(Closed, frozen=True, omit_defaults=True):
    """A node of the criteria tree, with the members of its kind."""

    id: str
    name: str
    kind: Literal["GROUP", "MANUAL", "BAND", "ADDITIVE", "DEDUCTION", "PASS_FAIL", "FORMULA"]
    max: str | None = None
    objective: bool | None = None
    children: list[Node] | None = None
    bands: list[BandFile] | None = None
    steps: list[StepFile] | None = None
    article: str | None = None


class BandFile(Closed, frozen=True, rename={"low": "from", "high": "to"}):
    id: str
    name: str
    low: str
    high: str


class StepFile(Closed, frozen=True):
    id: str
    name: str
    points: str
    most: int


class PriceFile(Closed, frozen=True, omit_defaults=True):
    """The price rule; by the lowest price only its first two members are there."""

    rule: Literal["LOW_PRICE_FIRST", "BILATERAL", "HIGHWAY"]
    basis: Literal["CORRECTED", "BID"]
    benchmark_basis: Literal["AFTER_PRELIM_REVIEW", "AT_OPENING_ALL_VALID"] | None = None
    benchmark: Benchmark | None = None
    e1: str | None = None
    e2: str | None = None
    floor: str | None = None
    full_from: str | None = None
    full_to: str | None = None


class AggregationFile(Closed, frozen=True, rename={"trim_from": "from"}):
    rule: str
    trim_from: int
    level: str


class RoundingFile(Closed, frozen=True):
    stage: str
    scale: int


class PolicyFile(Closed, frozen=True):
    id: str
    name: str
    rate: str
    how: Literal["DISCOUNT", "ADD_ON"]


class AdjustmentFile(Closed, frozen=True, omit_defaults=True):
    id: str
    name: str
    unit: str
    rate: str | None = None
    amount: str | None = None


class CorrectionsFile(Closed, frozen=True):
    order: str
    keep_replaced_total: bool


class EvaluationFile(Closed, frozen=True):
    """The whole document, as docs/guide/evaluation-files.md says it."""

    schema: str
    regime: str
    procedure: Literal["tender", "consultation"]
    method: Literal["COMPREHENSIVE", "LOWEST_PRICE"]
    price_kind: Literal["total", "unit", "rate"]
    max_price: str | None
    criteria: list[Node]
    price: PriceFile | None
    aggregation: AggregationFile
    rounding: RoundingFile
    deviation_alarm: str
    policies: list[PolicyFile]
    adjustments: list[AdjustmentFile]
    corrections: CorrectionsFile
    draws: list[Draw]
    ties: list[str]
    candidates: int
    least_valid: int


def evaluation_file(content: TenderContent, rules: RuleSet, *, max_price_fen: int) -> dict[str, Any]:
    """The document of a lot with this maximum price, as JSON."""
    made: dict[str, Any] = msgspec.to_builtins(compose(content, rules, max_price_fen=max_price_fen))
    return made


def compose(content: TenderContent, rules: RuleSet, *, max_price_fen: int) -> EvaluationFile:
    """The document, typed. A discount is scored as 1 - d (domain: I5); the sum that it makes is held to the maximum."""
    scoring, rate = content.scoring, content.price_type == "discount"
    return EvaluationFile(
        schema=SCHEMA,
        regime=rules.regime,
        procedure=content.procedure,
        method="COMPREHENSIVE" if content.scored else "LOWEST_PRICE",
        price_kind="rate" if rate else "unit" if content.price_type == "unit" else "total",
        max_price=None if rate else yuan(max_price_fen),
        criteria=[_section(criterion) for criterion in content.criteria] if content.scored else [],
        price=_price(content.price, rules) if content.priced else None,
        aggregation=_aggregation(scoring, rules),
        rounding=RoundingFile(
            stage=scoring.stage or rules.choice("score.rounding.stage"),
            scale=rules.count("score.rounding.scale") if scoring.scale is None else scoring.scale,
        ),
        deviation_alarm=scoring.alarm or _decimal(rules.share("score.deviation_alarm")),
        policies=[
            PolicyFile(id=policy.id, name=policy.label, rate=policy.rate, how=policy.how)
            for policy in content.price_policies
        ],
        adjustments=[
            AdjustmentFile(id=one.id, name=one.label, unit=one.unit, rate=one.rate, amount=one.amount)
            for one in content.adjustments
        ],
        corrections=CorrectionsFile(
            order=scoring.corrections or rules.regime,
            keep_replaced_total=rules.choice("correction.keep_replaced_total") == "YES"
            if scoring.keep_replaced_total is None
            else scoring.keep_replaced_total,
        ),
        draws=content.draws,
        ties=_ties(content, rules) if content.scored else [],
        candidates=scoring.candidates or rules.count("T17" if rules.regime is Regime.TB else "candidates"),
        least_valid=scoring.least_valid or content.least(rules, Stage.RESPONSIVE).number,
    )


def _section(criterion: Criterion) -> Node:
    points = str(criterion.max_points)
    if criterion.kind == "price":
        return Node(id=criterion.id, name=criterion.label, kind="FORMULA", max=points)
    children = [_leaf(item) for item in criterion.items]
    return Node(id=criterion.id, name=criterion.label, kind="GROUP", max=points, children=children)


def _leaf(item: Item) -> Node:
    bands = [BandFile(id=one.id, name=one.label, low=one.low, high=one.high) for one in item.bands]
    steps = [StepFile(id=one.id, name=one.label, points=one.points, most=one.most) for one in item.steps]
    return Node(
        id=item.id,
        name=item.label,
        kind=item.kind,
        max=str(item.max_points),
        objective=item.objective,
        bands=bands or None,
        steps=steps or None,
    )


def _price(price: PriceRule, rules: RuleSet) -> PriceFile:
    if price.method == "low_price_first":
        return PriceFile(rule="LOW_PRICE_FIRST", basis=price.basis)
    highway = price.method == "highway"
    return PriceFile(
        rule="HIGHWAY" if highway else "BILATERAL",
        basis=price.basis,
        benchmark_basis=price.benchmark_basis or _basis(rules),
        benchmark=price.benchmark or (Mean() if price.method == "benchmark_mean" else TrimMean()),
        e1=price.e1,
        e2=price.e2,
        floor=None if highway else price.floor or _floor(rules),
        full_from=price.full_from,
        full_to=price.full_to,
    )


def _floor(rules: RuleSet) -> str:
    """Purchases have no benchmark, so their rule sets say nothing; what the checks refuse is still written whole."""
    return f"{rules.rate('price.floor'):f}" if "price.floor" in rules.rules else "0"


def _basis(rules: RuleSet) -> Literal["AFTER_PRELIM_REVIEW", "AT_OPENING_ALL_VALID"]:
    at_opening = "benchmark.basis" in rules.rules and rules.choice("benchmark.basis") != "AFTER_PRELIM_REVIEW"
    return "AT_OPENING_ALL_VALID" if at_opening else "AFTER_PRELIM_REVIEW"


def _aggregation(scoring: Scoring, rules: RuleSet) -> AggregationFile:
    return AggregationFile(
        rule=scoring.trim or rules.choice("expert.trim"),
        trim_from=scoring.trim_from or max(rules.count("expert.trim.from"), _MEMBERS_LEAST),
        level=scoring.level or rules.choice("expert.trim.level"),
    )


def _ties(content: TenderContent, rules: RuleSet) -> list[str]:
    """The technical part decides between equals in works and consultations; in a purchase only if documents say so."""
    if content.scoring.ties is not None:
        return list(content.scoring.ties)
    if rules.regime is Regime.GP and content.procedure == "tender":
        return []
    return [criterion.id for criterion in content.criteria if criterion.id == TECHNICAL]


def yuan(fen: int) -> str:
    """Fen as a plain decimal of yuan, as the files of an evaluation write money."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def _decimal(share: Fraction) -> str:
    return f"{Decimal(share.numerator) / Decimal(share.denominator):f}"
