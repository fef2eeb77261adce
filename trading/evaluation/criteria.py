"""The criteria of a lot as members score them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from decimal import Decimal

import msgspec

from trading.evaluation.entries import Kind, Leaf
from trading.tender.queries import LotContext


def leaves(context: LotContext) -> tuple[Leaf, ...]:
    """What members score, in the documents' order."""
    return tuple(_leaves(context))


def _leaves(context: LotContext) -> Iterator[Leaf]:
    for section in context.content.criteria:
        for item in section.items:
            yield Leaf(
                id=item.id,
                name=item.label,
                section=section.label,
                kind=Kind.MANUAL,
                max=Decimal(item.max_points),
                rule=item.rule,
            )


def criteria_sha256(context: LotContext) -> str:
    """What scores are given by, as a hash: criteria and price rule of the documents."""
    said = {"criteria": context.content.criteria, "price": context.content.price}
    return hashlib.sha256(msgspec.json.encode(said, order="sorted")).hexdigest()
