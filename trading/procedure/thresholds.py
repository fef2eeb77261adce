"""Amounts and numbers that a rule set sets: how high a deposit, how large a committee."""

from __future__ import annotations

from enum import StrEnum
from math import ceil

from trading.procedure.policy import Regime, RuleSet


class Subject(StrEnum):
    """What is bought: each has its own thresholds (T35, T36)."""

    WORKS = "works"
    GOODS = "goods"
    SERVICES = "services"


_HIGHEST = {Subject.WORKS: "T36.works", Subject.GOODS: "T36.goods", Subject.SERVICES: "T36.design"}


def highest_deposit(rules: RuleSet, content: Subject, base_fen: int) -> int:
    """The highest bid deposit in fen, rounded down: of the estimate (T22, T36) or of the budget (G06)."""
    if rules.regime is Regime.GP:
        return int(rules.share("G06") * base_fen)
    absolute = rules.fen(_HIGHEST[content])
    relative = int(rules.share("T22") * base_fen)
    return relative if absolute is None else min(relative, absolute)


def highest_bond(rules: RuleSet, price_fen: int) -> int:
    """The highest performance bond in fen, rounded down (T28, G19)."""
    return int(rules.share("T28" if rules.regime is Regime.TB else "G19") * price_fen)


def least_members(
    rules: RuleSet, budget_fen: int, *, is_complex: bool = False, procedure: str = "tender"
) -> int:
    """The fewest members of an evaluation committee (T14, G13).

    A purchase needs more from the threshold on, which is included, and when it is technically complex or of great
    influence on society, whatever it costs (87号令 art. 47).
    A consultation group has a number of its own (214号 art. 14).
    """
    if procedure == "consultation":
        return rules.count("G13.consultation")
    if rules.regime is Regime.TB:
        return rules.count("T14")
    threshold = rules.fen("G13.threshold")
    large = is_complex or (threshold is not None and budget_fen >= threshold)
    return rules.count("G13.large" if large else "G13")


def least_experts(rules: RuleSet, members: int) -> int:
    """How many of so many members must be experts (T14, G13)."""
    return ceil(rules.share("T14.experts" if rules.regime is Regime.TB else "G13.experts") * members)
