"""What differs between two rule sets, rule by rule."""

from __future__ import annotations

from dataclasses import dataclass

from trading.procedure.policy import Parameter, RuleSet


@dataclass(frozen=True, slots=True)
class Compared:
    """One rule in two sets; nothing where a set does not have it."""

    rule: str
    first: Parameter | None
    second: Parameter | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Rules that differ in anything but the day they are in force from, and how many are the same."""

    first: RuleSet
    second: RuleSet
    different: tuple[Compared, ...]
    same: tuple[str, ...]


def compare(first: RuleSet, second: RuleSet) -> Comparison:
    """The differences of two sets, in the order of the first, then what only the second has."""
    order = [*first.rules, *(rule for rule in second.rules if rule not in first.rules)]
    pairs = [Compared(rule, first.rules.get(rule), second.rules.get(rule)) for rule in order]
    same = tuple(one.rule for one in pairs if _said(one.first) == _said(one.second))
    return Comparison(first, second, tuple(one for one in pairs if one.rule not in same), same)


def _said(one: Parameter | None) -> tuple[object, ...]:
    return (
        ()
        if one is None
        else (one.kind, one.value, one.unit, one.basis, one.scope, one.verified, one.freezes)
    )
