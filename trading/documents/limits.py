"""The parameters that documents are checked against; one place, whatever rule set they come from."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from trading.project.policy import Category

Regime = Literal["TB", "GP"]
Procures = Literal["works", "goods", "services"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the law or its practice allows; `unverified` names the rules whose values are defaults, not verified."""

    regime: Regime
    procures: Procures
    deposit_percent: Decimal = Decimal(2)
    deposit_most_fen: int | None = None
    price_points_least: int = 0
    available_days_least: int = 5
    unverified: frozenset[str] = frozenset()


def limits_for(category: Category, procures: Procures) -> Limits:
    """The limits of a category of trade: 政府采购 for procurement, 招标投标法 for everything else."""
    if category is Category.PROCUREMENT:
        least = {"goods": 30, "services": 10, "works": 0}[procures]
        return Limits(regime="GP", procures=procures, price_points_least=least)
    return Limits(regime="TB", procures=procures, deposit_most_fen=800_000_00, unverified=frozenset({"T36"}))
