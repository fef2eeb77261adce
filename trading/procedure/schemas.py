"""Rule sets and explanations for programs."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from trading.procedure.policy import Parameter, RuleSet
from trading.procedure.words import article_of


class RuleSetListed(msgspec.Struct):
    id: str
    version: str
    regime: str
    lawful: bool
    name: str
    effective_from: date
    effective_until: date | None


class ParameterShown(msgspec.Struct):
    """A rule; `verified` is false for defaults whose text was not read in the law."""

    id: str
    kind: str
    value: int | str | None
    unit: str
    article: str
    scope: str
    verified: bool
    freezes: bool
    effective_from: date
    effective_until: date | None
    options: tuple[str, ...]
    zh: str
    en: str


class RuleSetShown(RuleSetListed):
    rules: list[ParameterShown]


class ComparedShown(msgspec.Struct):
    rule: str
    first: ParameterShown | None
    second: ParameterShown | None


class ComparisonShown(msgspec.Struct):
    first: RuleSetListed
    second: RuleSetListed
    different: list[ComparedShown]
    same: list[str]


class ExplanationShown(msgspec.Struct):
    """A limit with its sentences in both languages; `at` is the first moment that is no longer in the period."""

    rule: str
    rule_set: str
    version: str
    calendar: str
    article: str
    start: datetime
    at: datetime
    provisional: bool
    zh: list[str]
    en: list[str]


def listed(rules: RuleSet) -> RuleSetListed:
    return RuleSetListed(
        id=rules.id,
        version=rules.version,
        regime=rules.regime.value,
        lawful=rules.lawful,
        name=rules.name,
        effective_from=rules.effective_from,
        effective_until=rules.effective_until,
    )


def shown(one: Parameter) -> ParameterShown:
    return ParameterShown(
        id=one.id,
        kind=one.kind.value,
        value=one.value,
        unit=one.unit.value,
        article=str(article_of(one)),
        scope=one.scope.value,
        verified=one.verified,
        freezes=one.freezes,
        effective_from=one.effective_from,
        effective_until=one.effective_until,
        options=one.options,
        zh=one.zh,
        en=one.en,
    )
