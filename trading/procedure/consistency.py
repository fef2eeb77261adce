"""What a rule set must hold together before anybody works by it; the first thing wrong is told in one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import pairwise

from govcore.errors import Detail, Problem
from trading.procedure.policy import PERIODS, UNITS, Kind, Parameter, Regime, RuleSet, Unit


class InconsistentRuleSet(Problem):
    code = "E_RULE_SET_DATA"
    status = 422
    text = "The rule set {rule_set} does not hold together: {detail}"


LEAST, MOST = "least", "most"

STATUTE: dict[str, tuple[str, int | str, Unit]] = {
    "T01": (LEAST, 20, Unit.DAY),
    "T02": (LEAST, 5, Unit.DAY),
    "T03": (LEAST, 5, Unit.DAY),
    "T04": (LEAST, 15, Unit.DAY),
    "T05": (LEAST, 3, Unit.DAY),
    "T06": (MOST, 2, Unit.DAY),
    "T07": (MOST, 10, Unit.DAY),
    "T08": (MOST, 3, Unit.DAY),
    "T10": (LEAST, 3, Unit.NUMBER),
    "T11": (LEAST, 3, Unit.NUMBER),
    "T12": (LEAST, 3, Unit.NUMBER),
    "T14": (LEAST, 5, Unit.NUMBER),
    "T14.experts": (LEAST, "2/3", Unit.FRACTION),
    "T15": (LEAST, 8, Unit.YEAR),
    "T17": (MOST, 3, Unit.NUMBER),
    "T18": (LEAST, 3, Unit.DAY),
    "T18.start": (MOST, 3, Unit.DAY),
    "T19": (MOST, 3, Unit.DAY),
    "T20": (MOST, 15, Unit.DAY),
    "T21": (MOST, 30, Unit.DAY),
    "T22": (MOST, 2, Unit.PERCENT),
    "T24": (MOST, 5, Unit.DAY),
    "T25": (MOST, 5, Unit.DAY),
    "T28": (MOST, 10, Unit.PERCENT),
    "T29": (LEAST, 10, Unit.DAY),
    "T30": (MOST, 3, Unit.WORKING_DAY),
    "T30.decide": (MOST, 30, Unit.WORKING_DAY),
    "G01": (LEAST, 5, Unit.WORKING_DAY),
    "G02": (LEAST, 5, Unit.WORKING_DAY),
    "G03": (LEAST, 5, Unit.WORKING_DAY),
    "G04": (LEAST, 20, Unit.DAY),
    "G05": (LEAST, 15, Unit.DAY),
    "G05.prequalification": (LEAST, 3, Unit.DAY),
    "G02.consultation": (LEAST, 5, Unit.WORKING_DAY),
    "G04.consultation": (LEAST, 10, Unit.DAY),
    "G05.consultation": (LEAST, 5, Unit.DAY),
    "G06": (MOST, 2, Unit.PERCENT),
    "G07": (MOST, 5, Unit.WORKING_DAY),
    "G07.winner": (MOST, 5, Unit.WORKING_DAY),
    "G08": (MOST, 5, Unit.WORKING_DAY),
    "G10": (MOST, 5, Unit.WORKING_DAY),
    "G11": (LEAST, 3, Unit.NUMBER),
    "G11.qualified": (LEAST, 3, Unit.NUMBER),
    "G11.responsive": (LEAST, 3, Unit.NUMBER),
    "G11.consultation": (LEAST, 3, Unit.NUMBER),
    "G11.consultation.research": (LEAST, 2, Unit.NUMBER),
    "G11.consultation.services": (LEAST, 2, Unit.NUMBER),
    "G11.consultation.services.responses": (LEAST, 2, Unit.NUMBER),
    "G13": (LEAST, 5, Unit.NUMBER),
    "G13.experts": (LEAST, "2/3", Unit.FRACTION),
    "G13.large": (LEAST, 7, Unit.NUMBER),
    "G13.threshold": (MOST, 10_000_000, Unit.YUAN),
    "G16": (MOST, 2, Unit.WORKING_DAY),
    "G16.decide": (MOST, 5, Unit.WORKING_DAY),
    "G17": (MOST, 2, Unit.WORKING_DAY),
    "G17.notice": (LEAST, 1, Unit.WORKING_DAY),
    "G18": (MOST, 30, Unit.DAY),
    "G18.publish": (MOST, 2, Unit.WORKING_DAY),
    "G18.file": (MOST, 7, Unit.WORKING_DAY),
    "G19": (MOST, 10, Unit.PERCENT),
    "G19.supplement": (MOST, 10, Unit.PERCENT),
    "G20.goods": (LEAST, 30, Unit.PERCENT),
    "G20.services": (LEAST, 10, Unit.PERCENT),
    "G21.query": (MOST, 3, Unit.WORKING_DAY),
    "G21.challenge": (LEAST, 7, Unit.WORKING_DAY),
    "G21.reply": (MOST, 7, Unit.WORKING_DAY),
    "G21.complaint": (LEAST, 15, Unit.WORKING_DAY),
    "G21.decide": (MOST, 30, Unit.WORKING_DAY),
    "G21.suspension": (MOST, 30, Unit.DAY),
    "G23": (LEAST, 5, Unit.WORKING_DAY),
}
"""The figures that were read in the laws, and on which side of them a rule set that is called lawful must stay."""

NEVER_FROZEN = ("T04", "T05", "T08", "T19", "T20", "T24", "T25", "T29", "T32", "G07", "G08", "G10", "G21")
"""No suspension adds to these: tests before the deadline, replies, reports, refunds, complaints, validity."""

ORDER = (
    ("T01", "T04"),
    ("T01", "T07"),
    ("T01", "T02"),
    ("T04", "T05"),
    ("G04", "G05"),
    ("G05", "G05.prequalification"),
    ("G04.consultation", "G05.consultation"),
)
"""The first is at least as long as the second: nothing could be changed, or objected to, otherwise."""


def check(rules: RuleSet) -> None:
    """Raise `InconsistentRuleSet` naming the first rule that does not hold."""
    for detail in _all_wrong(rules):
        raise InconsistentRuleSet(rule_set=rules.id, detail=detail)


def check_together(sets: Iterable[RuleSet]) -> None:
    """Raise `InconsistentRuleSet` where two lawful sets of a law would be in force at once."""
    for regime in Regime:
        lawful = [one for one in sets if one.lawful and one.regime is regime]
        for first, second in pairwise(sorted(lawful, key=lambda one: one.effective_from)):
            until = first.effective_until
            if first.effective_from == second.effective_from or (until and until >= second.effective_from):
                raise InconsistentRuleSet(
                    rule_set=second.id,
                    detail=Detail("it is in force while {other} still is", other=first.id),
                )


def _all_wrong(rules: RuleSet) -> Iterator[Detail]:
    for one in rules.rules.values():
        yield from _wrong_alone(one)
        yield from _wrong_in_time(one, rules)
    for longer, shorter in ORDER:
        if longer in rules.rules and shorter in rules.rules:
            yield from _wrong_order(rules[longer], rules[shorter])
    if rules.lawful:
        yield from _against_the_law(rules)
    if not 1 <= rules.custodians.k <= rules.custodians.n:
        yield Detail("more custodians are needed than there are")


def _wrong_alone(one: Parameter) -> Iterator[Detail]:
    if not one.basis:
        yield Detail("rule {rule} names no basis", rule=one.id)
    elif one.verified and not any(article.law for article in one.basis):
        yield Detail("rule {rule} is marked verified and names no law", rule=one.id)
    if one.unit not in UNITS[one.kind]:
        yield Detail("rule {rule} has a unit that does not fit its kind", rule=one.id)
    elif one.value is not None and not _fits(one):
        yield Detail("rule {rule} has a value that does not fit its kind", rule=one.id)
    elif one.kind is Kind.SHARE and one.value is not None and _share(one.value, one.unit) > 1:
        yield Detail("rule {rule} is a share of more than 100 %", rule=one.id)
    if one.freezes and (one.kind is not Kind.DUE or one.id.startswith(NEVER_FROZEN)):
        yield Detail("rule {rule} is not stopped by a suspension", rule=one.id)


def _fits(one: Parameter) -> bool:
    if one.kind in PERIODS or one.kind in (Kind.COUNT, Kind.AMOUNT):
        return isinstance(one.value, int) and one.value >= 0
    if one.kind is Kind.CHOICE:
        return one.value in one.options
    try:
        return Fraction(str(one.value)) >= 0
    except (ValueError, ZeroDivisionError):
        return False


def _wrong_in_time(one: Parameter, rules: RuleSet) -> Iterator[Detail]:
    ends_before = one.effective_until is not None and (
        rules.effective_until is None or one.effective_until < rules.effective_until
    )
    if one.effective_from > rules.effective_from or ends_before:
        yield Detail("rule {rule} is not in force as long as the set is", rule=one.id)


def _wrong_order(longer: Parameter, shorter: Parameter) -> Iterator[Detail]:
    if longer.unit == shorter.unit and longer.number < shorter.number:
        yield Detail("rule {rule} is shorter than rule {other}", rule=longer.id, other=shorter.id)


def _against_the_law(rules: RuleSet) -> Iterator[Detail]:
    for rule, (side, figure, unit) in STATUTE.items():
        if not rule.startswith(rules.regime[0]):
            continue
        if rule not in rules.rules:
            yield Detail("it is called lawful and has no rule {rule}", rule=rule)
            continue
        one = rules[rule]
        if one.value is None or one.unit is not unit:
            yield Detail("rule {rule} is not counted as the law counts it", rule=rule)
            continue
        given, lawful = _share(one.value, unit), _share(figure, unit)
        if given < lawful if side == LEAST else given > lawful:
            yield Detail(
                "it is called lawful, but the law asks for {figure} in rule {rule}", rule=rule, figure=figure
            )


def _share(value: int | str, unit: Unit) -> Fraction:
    number = Fraction(str(value))
    return number / 100 if unit is Unit.PERCENT else number
