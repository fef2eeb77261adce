"""What documents are checked against, taken from the round's rule set."""

from __future__ import annotations

from dataclasses import dataclass

from trading.procedure.policy import Regime, RuleSet, Unit
from trading.procedure.thresholds import Subject

_LEAST_PRICE = {Subject.GOODS: "G20.goods", Subject.SERVICES: "G20.services"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The rules whose amounts hold, what is bought, and what follows from both."""

    rules: RuleSet
    subject: Subject
    price_points_least: int
    available_days_least: int

    @property
    def regime(self) -> Regime:
        return self.rules.regime

    def verified(self, rule: str) -> bool:
        """False where the value is a default whose text was not read in the law."""
        return all(one.verified for name, one in self.rules.rules.items() if name.split(".")[0] == rule)


def limits_of(rules: RuleSet, procures: str, *, procedure: str = "tender") -> Limits:
    """The limits of a rule set for works, goods or services."""
    subject = Subject(procures)
    price = _LEAST_PRICE.get(subject) if rules.regime is Regime.GP else None
    available = rules.under("T02" if rules.regime is Regime.TB else "G02", procedure)
    return Limits(
        rules=rules,
        subject=subject,
        price_points_least=int(rules.share(price) * 100) if price else 0,
        available_days_least=_days(available.number, available.unit),
    )


def _days(number: int, unit: Unit) -> int:
    """Calendar days that hold so many days or, in a week without holidays, working days; seconds are no day."""
    if unit is Unit.WORKING_DAY:
        return number + 2 * (number // 5)
    return number if unit is Unit.DAY else 0
