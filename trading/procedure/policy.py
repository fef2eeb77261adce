"""What a rule set is: a procedure's periods, thresholds and shares, each with its article."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Literal

from govcore.errors import Problem


class UnknownRule(Problem):
    code = "E_RULE"
    status = 422
    text = "The rule set {rule_set} has no rule {rule} of the kind that is asked for."


class Regime(StrEnum):
    """Which law a project is bought under (招标投标法 or 政府采购法)."""

    TB = "TB"
    GP = "GP"


class Kind(StrEnum):
    """What a parameter is; the first six are periods, each counted in its own way (`deadlines.py`)."""

    GAP = "gap"
    WINDOW = "window"
    LAST_DAY = "last_day"
    DUE = "due"
    CAP = "cap"
    TERM = "term"
    SHARE = "share"
    AMOUNT = "amount"
    COUNT = "count"
    RATE = "rate"
    CHOICE = "choice"


class Unit(StrEnum):
    DAY = "day"
    WORKING_DAY = "working_day"
    HOUR = "hour"
    MINUTE = "minute"
    SECOND = "second"
    YEAR = "year"
    PERCENT = "percent"
    FRACTION = "fraction"
    YUAN = "yuan"
    NUMBER = "number"
    POINT = "point"
    NONE = "none"


class Scope(StrEnum):
    """Whom a rule binds: everybody, tenders the law requires, or those with controlling state funds."""

    ALL = "all"
    MANDATORY = "mandatory"
    STATE_FUNDED = "state_funded"


Gate = Literal["local", "remote"]
"""Who runs the time gate: this platform, or another organisation."""

PERIODS = frozenset({Kind.GAP, Kind.WINDOW, Kind.LAST_DAY, Kind.DUE, Kind.CAP, Kind.TERM})
DAYS = frozenset({Unit.DAY, Unit.WORKING_DAY})
SECONDS = {Unit.HOUR: 3600, Unit.MINUTE: 60, Unit.SECOND: 1}

UNITS: Mapping[Kind, frozenset[Unit]] = {
    **dict.fromkeys(PERIODS, DAYS | SECONDS.keys()),
    Kind.LAST_DAY: DAYS - {Unit.WORKING_DAY} | SECONDS.keys(),
    Kind.SHARE: frozenset({Unit.PERCENT, Unit.FRACTION}),
    Kind.AMOUNT: frozenset({Unit.YUAN}),
    Kind.COUNT: frozenset({Unit.NUMBER, Unit.YEAR}),
    Kind.RATE: frozenset({Unit.POINT}),
    Kind.CHOICE: frozenset({Unit.NONE}),
}
"""The units a kind can have."""

ISSUE_TO_DEADLINE = {Regime.TB: "T01", Regime.GP: "G04"}
CHANGE_TO_DEADLINE = {Regime.TB: "T04", Regime.GP: "G05"}
CHANGE_TO_APPLICATIONS = {Regime.TB: "T05", Regime.GP: "G05.prequalification"}
"""The same question, asked under either law."""


@dataclass(frozen=True, slots=True)
class Article:
    """Where a rule is written: a law by its short Chinese name and an article; no law: the platform's own term."""

    law: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One rule. `verified`: its text was read in the law; the others are shown as "default, not verified".

    `freezes`: a suspension adds to it. `zh` and `en` name it. A `value` of nothing means that it is off.
    """

    id: str
    kind: Kind
    value: int | str | None
    unit: Unit
    basis: tuple[Article, ...]
    scope: Scope
    verified: bool
    freezes: bool
    effective_from: date
    effective_until: date | None
    options: tuple[str, ...]
    zh: str
    en: str

    @property
    def number(self) -> int:
        """The value of a period, amount or count."""
        return self.value if isinstance(self.value, int) else 0


@dataclass(frozen=True, slots=True)
class Custodians:
    n: int
    k: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RuleSet:
    """The rules of a procedure. `version` changes with every one of its words, so that a stored day names them.

    `lawful` is false where periods were shortened, and every page then says so. `name` is the key of its name in the
    catalogue. `custodians` says how many keep shares of the keys.
    """

    id: str
    version: str
    regime: Regime
    lawful: bool
    name: str
    effective_from: date
    effective_until: date | None
    custodians: Custodians
    gate: Gate
    rules: Mapping[str, Parameter]

    def __getitem__(self, rule: str) -> Parameter:
        found = self.rules.get(rule)
        if found is None:
            raise UnknownRule(rule_set=self.id, rule=rule)
        return found

    def under(self, rule: str, procedure: str) -> Parameter:
        """The rule as a procedure has it: a consultation has some of its own (财库〔2014〕214号)."""
        return self.rules.get(f"{rule}.{procedure}") or self[rule]

    def period(self, rule: str, *kinds: Kind) -> Parameter:
        """A rule that is a period of one of these kinds; raise `UnknownRule` for any other."""
        return self._of_kind(rule, *(kinds or PERIODS))

    def count(self, rule: str) -> int:
        return self._of_kind(rule, Kind.COUNT).number

    def share(self, rule: str) -> Fraction:
        """A share of the whole, exact: 2 % is 1/50."""
        found = self._of_kind(rule, Kind.SHARE)
        share = Fraction(str(found.value if found.value is not None else 0))
        return share / 100 if found.unit is Unit.PERCENT else share

    def fen(self, rule: str) -> int | None:
        """An amount in fen; nothing when the rule is off."""
        found = self._of_kind(rule, Kind.AMOUNT)
        return None if found.value is None else int(Decimal(found.value) * 100)

    def rate(self, rule: str) -> Decimal:
        """Points for each percentage point, exact."""
        return Decimal(str(self._of_kind(rule, Kind.RATE).value))

    def choice(self, rule: str) -> str:
        return str(self._of_kind(rule, Kind.CHOICE).value)

    def seconds(self, rule: str) -> int:
        """The length of a period that is measured by the clock, not in days."""
        found = self.rules.get(rule)
        if found is None or found.unit not in SECONDS:
            raise UnknownRule(rule_set=self.id, rule=rule)
        return found.number * SECONDS[found.unit]

    def _of_kind(self, rule: str, *kinds: Kind) -> Parameter:
        found = self.rules.get(rule)
        if found is None or found.kind not in kinds:
            raise UnknownRule(rule_set=self.id, rule=rule)
        return found


def binds(parameter: Parameter, *, mandatory: bool, state_funded: bool) -> bool:
    """True when the law itself binds the project; otherwise the rule is chosen by the tenderer."""
    return {Scope.ALL: True, Scope.MANDATORY: mandatory, Scope.STATE_FUNDED: state_funded}[parameter.scope]
