"""The criteria of a lot as members score them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from trading.evaluation.bundles import sha256_of
from trading.evaluation.entries import Band, Kind, Leaf, Step
from trading.tender.evaluation_file import evaluation_file
from trading.tender.queries import LotContext


def leaves(context: LotContext) -> tuple[Leaf, ...]:
    """What members score, in the documents' order; nothing where the least evaluated price comes first."""
    return tuple(_leaves(context)) if context.content.scored else ()


def _leaves(context: LotContext) -> Iterator[Leaf]:
    for section in context.content.criteria:
        for item in section.items:
            yield Leaf(
                id=item.id,
                name=item.label,
                section=section.label,
                kind=Kind(item.kind),
                max=Decimal(item.max_points),
                objective=item.objective,
                rule=item.rule,
                bands=tuple(
                    Band(name=one.label, low=Decimal(one.low), high=Decimal(one.high)) for one in item.bands
                ),
                steps=tuple(
                    Step(id=one.id, name=one.label, points=Decimal(one.points), most=one.most)
                    for one in item.steps
                ),
            )


def criteria_sha256(context: LotContext) -> str:
    """What scores are given by, as the hash of `evaluation/1`."""
    file = evaluation_file(context.content, context.rule_set, max_price_fen=context.max_price_fen)
    return sha256_of(file)
