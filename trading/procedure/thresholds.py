"""Amounts and numbers that a rule set sets: what must be tendered, how high a deposit, how large a committee."""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction
from math import ceil

from trading.procedure.policy import Regime, RuleSet


class Content(StrEnum):
    """What is bought."""

    WORKS = "works"
    GOODS = "goods"
    SERVICES = "services"


_MUST = {Content.WORKS: "T35", Content.GOODS: "T35.goods", Content.SERVICES: "T35.services"}
_HIGHEST = {Content.WORKS: "T36.works", Content.GOODS: "T36.goods", Content.SERVICES: "T36.design"}


def must_be_tendered(rules: RuleSet, content: Content, estimate_fen: int) -> bool:
    """True from the threshold on, which is included (T35)."""
    threshold = rules.fen(_MUST[content])
    return threshold is not None and estimate_fen >= threshold


def is_fiscal(rules: RuleSet, money_fen: int, investment_fen: int) -> bool:
    """True for enough fiscal money that is also enough of the investment; both thresholds are included (T35)."""
    least = rules.fen("T35.fiscal") or 0
    return money_fen >= least and Fraction(money_fen, investment_fen) >= rules.share("T35.fiscal_share")


def highest_deposit(rules: RuleSet, content: Content, base_fen: int) -> int:
    """The highest bid deposit in fen, rounded down: of the estimate (T22, T36) or of the budget (G06)."""
    if rules.regime is Regime.GP:
        return int(rules.share("G06") * base_fen)
    absolute = rules.fen(_HIGHEST[content])
    relative = int(rules.share("T22") * base_fen)
    return relative if absolute is None else min(relative, absolute)


def highest_bond(rules: RuleSet, price_fen: int) -> int:
    """The highest performance bond in fen, rounded down (T28, G19)."""
    return int(rules.share("T28" if rules.regime is Regime.TB else "G19") * price_fen)


def least_members(rules: RuleSet, budget_fen: int) -> int:
    """The fewest members of an evaluation committee; more from the threshold on, which is included (T14, G13)."""
    if rules.regime is Regime.TB:
        return rules.count("T14")
    large = rules.fen("G13.threshold")
    return rules.count("G13.large" if large is not None and budget_fen >= large else "G13")


def least_experts(rules: RuleSet, members: int) -> int:
    """How many of so many members must be experts (T14, G13)."""
    return ceil(rules.share("T14.experts" if rules.regime is Regime.TB else "G13.experts") * members)
