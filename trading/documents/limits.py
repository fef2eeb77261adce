"""What documents are checked against, taken from the round's rule set."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from trading.procedure.policy import Regime, RuleSet, Unit
from trading.procedure.rules import rule_set

Procures = Literal["works", "goods", "services"]

_LAWFUL = {Regime.TB: "tb-2026", Regime.GP: "gp-2026"}
_HIGHEST_DEPOSIT = {"works": "T36.works", "goods": "T36.goods", "services": "T36.design"}
_LEAST_PRICE = {"goods": "G20.goods", "services": "G20.services"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the law or its practice allows; `unverified` names the rules whose values are defaults, not verified."""

    regime: Regime
    deposit_percent: Decimal
    deposit_most_fen: int | None
    price_points_least: int
    available_days_least: int
    unverified: frozenset[str]


def limits_of(rules: RuleSet, procures: Procures) -> Limits:
    """The limits of a rule set; one that shortens periods for a demonstration keeps the lawful amounts."""
    deposit, available = ("T22", "T02") if rules.regime is Regime.TB else ("G06", "G02")
    said = rules if deposit in rules.rules else rule_set(_LAWFUL[rules.regime])
    highest = _HIGHEST_DEPOSIT[procures] if rules.regime is Regime.TB else None
    price = _LEAST_PRICE.get(procures) if rules.regime is Regime.GP else None
    used = [name for name in (deposit, available, highest, price) if name]
    return Limits(
        regime=rules.regime,
        deposit_percent=_percent(said.share(deposit)),
        deposit_most_fen=said.fen(highest) if highest else None,
        price_points_least=int(_percent(said.share(price))) if price else 0,
        available_days_least=_days(said[available].number, said[available].unit),
        unverified=frozenset(name.split(".")[0] for name in used if not said[name].verified),
    )


def _percent(share: Fraction) -> Decimal:
    whole = share * 100
    return Decimal(whole.numerator) / Decimal(whole.denominator)


def _days(number: int, unit: Unit) -> int:
    """Calendar days that hold so many days or, in a week without holidays, working days."""
    return number + 2 * (number // 5) if unit is Unit.WORKING_DAY else number
