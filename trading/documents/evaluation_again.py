"""From the content of documents back to the answers about the evaluation that make it again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from trading.documents.benchmark_answers import PARAMETERS, Kind
from trading.documents.evaluation_answers import AdjustmentAnswer, GateAnswer, ItemAnswer, PolicyAnswer
from trading.documents.price_texts import percent
from trading.tender.criteria import Draw, Item, PriceRule
from trading.tender.schemas import TenderContent


def evaluation_said(content: TenderContent) -> dict[str, Any]:
    """Members of `DraftAnswers`; a family inside another begins with its own parameters again."""
    price = next((one.max_points for one in content.criteria if one.kind == "price"), 0)
    scoring = content.scoring
    named = {section.id: section.label for section in content.criteria}
    return {
        "procedure": content.procedure,
        "ground": content.ground or "",
        "gates": [GateAnswer(label=one.label, article=one.article, kind=one.kind) for one in content.gates],
        "items": [_item(section.label, item) for section in content.criteria for item in section.items],
        "price_points": str(price) if price else "",
        **_price(content.price, content.draws),
        "price_policies": [
            PolicyAnswer(label=one.label, kind=one.kind, rate=percent(one.rate))
            for one in content.price_policies
        ],
        "adjustments": [
            AdjustmentAnswer(
                label=one.label,
                unit=one.unit,
                rate=percent(one.rate) if one.rate is not None else "",
                amount=one.amount or "",
            )
            for one in content.adjustments
        ],
        "tie": named.get(scoring.ties[0], "") if scoring.ties else "",
        "trim": scoring.trim or "",
        "level": scoring.level or "",
        "stage": scoring.stage or "",
        "candidates": str(scoring.candidates or ""),
        "leader": content.leader,
    }


def _item(section: str, item: Item) -> ItemAnswer:
    parts = [f"{band.label} {band.low}-{band.high}" for band in item.bands]
    parts += [f"{step.label} {step.points}×{step.most}" for step in item.steps]
    return ItemAnswer(
        section=section,
        label=item.label,
        points=str(item.max_points),
        rule=item.rule,
        kind=item.kind,
        objective="yes" if item.objective else "",
        parts="\n".join(parts),
    )


def _price(price: PriceRule, draws: Sequence[Draw]) -> dict[str, Any]:
    said: dict[str, Any] = {
        "price_method": price.method,
        "benchmark_basis": price.benchmark_basis or "",
        "e1": price.e1,
        "e2": price.e2,
        "floor": price.floor or "",
        "full_from": price.full_from,
        "full_to": price.full_to,
    }
    if price.benchmark is None:
        return said
    written = msgspec.to_builtins(price.benchmark)
    family: str = written["family"]
    candidates = {draw.id: draw.candidates for draw in draws}
    typed = {one.name: _typed(written[one.name], one.kind, candidates) for one in PARAMETERS[family]}
    return {**said, "family": family, "benchmark": typed}


def _typed(value: Any, kind: Kind, candidates: dict[str, list[str]]) -> str:
    """A parameter as a person would have typed it."""
    if kind in ("whole", "count", "form"):
        return str(value)
    if kind == "inner":
        return str(value["family"])
    if kind == "sizes":
        rows = (f"{row['to'] or '-'} {percent(row['share'])} {row['least']}" for row in value)
        return "; ".join(rows)
    if kind == "triple":
        numbers = [] if value is None else value.values() if isinstance(value, dict) else value
    else:
        numbers = candidates.get(value["draw"], []) if isinstance(value, dict) else [value]
    return ", ".join(percent(one) for one in numbers)
