"""Read rule sets: files of validated data, found by name or by law and date."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from govcore.clock import BEIJING
from govcore.errors import Detail, Problem
from trading.procedure.consistency import check, check_together
from trading.procedure.policy import (
    Article,
    Custodians,
    Gate,
    Kind,
    Parameter,
    Regime,
    RuleSet,
    Scope,
    Unit,
)

_HERE = Path(__file__).parent
SHIPPED = _HERE / "rule_sets"


class UnknownRuleSet(Problem):
    code = "E_RULE_SET"
    status = 422
    text = "There is no rule set of this name here."


class UnreadableRuleSet(Problem):
    code = "E_RULE_SET_DATA"
    status = 422
    text = "The rule set {rule_set} cannot be read: {detail}"


class NoLawfulRuleSet(Problem):
    code = "E_RULE_SET"
    status = 422
    text = "No lawful rule set for {regime} is in force on {day}."


class NotInForce(Problem):
    code = "E_RULE_SET_DAY"
    text = "The rule set {rule_set} is not the one in force on {day}: that is {other}. Draft the tender under it."


class Law(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A law by the short name it is cited by, its name in English and the year of the text that was read."""

    zh: str
    en: str
    edition: str


class _Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    kind: Kind
    value: int | str | None
    basis: tuple[str, ...] = ()
    verified: bool
    zh: str
    en: str
    unit: Unit = Unit.NONE
    scope: Scope = Scope.ALL
    freezes: bool = False
    effective_from: date | None = None
    effective_until: date | None = None
    options: tuple[str, ...] = ()


class _Set(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    id: str
    regime: Regime
    lawful: bool
    name: str
    effective_from: date
    effective_until: date | None = None
    custodians: Custodians
    gate: Gate
    laws: Mapping[str, Law] = {}
    rules: Mapping[str, _Rule]


def rule_set(name: str) -> RuleSet:
    """The rule set of this name; raise `UnknownRuleSet`."""
    found = rule_sets().get(name)
    if found is None:
        raise UnknownRuleSet
    return found


def in_force(regime: Regime, on: date) -> RuleSet:
    """The lawful rule set that a round first published on this day is pinned to; the one that began last."""
    lawful = [one for one in rule_sets().values() if one.lawful and one.regime is regime]
    begun = [one for one in lawful if one.effective_from <= on <= (one.effective_until or date.max)]
    if not begun:
        raise NoLawfulRuleSet(regime=regime.value, day=on.isoformat())
    return max(begun, key=lambda one: one.effective_from)


def check_in_force(rules: RuleSet, at: datetime) -> None:
    """Raise `NotInForce` when a round that is first published then is lawful only under another set."""
    day = at.astimezone(BEIJING).date()
    if rules.lawful and (other := in_force(rules.regime, day)).id != rules.id:
        raise NotInForce(rule_set=rules.id, day=day.isoformat(), other=other.id)


def rule_sets() -> Mapping[str, RuleSet]:
    """All rule sets by their names, each consistent in itself and with the others."""
    return _read_once(_own_folder)


def add_folder(folder: Path | None) -> None:
    """Have this process read a deployer's rule sets besides the shipped ones; raise like `load`."""
    global _own_folder
    _read_once(folder)
    _own_folder = folder


_own_folder: Path | None = None


@cache
def _read_once(folder: Path | None) -> Mapping[str, RuleSet]:
    return load([*SHIPPED.glob("*.json"), *(folder.glob("*.json") if folder else ())])


def load(files: Iterable[Path]) -> dict[str, RuleSet]:
    """Read files of rule sets; raise a `Problem` of one sentence for the first thing that does not hold together."""
    raw = {path.stem: _json(path) for path in sorted(files)}
    sets = {name: _read(name, raw) for name in raw}
    check_together(sets.values())
    return sets


@cache
def laws() -> Mapping[str, Law]:
    """The laws that rules cite, by the key they are cited with."""
    return msgspec.json.decode((_HERE / "laws.json").read_bytes(), type=dict[str, Law])


def _json(path: Path) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(path.read_bytes())
    except msgspec.DecodeError as error:
        raise UnreadableRuleSet(rule_set=path.stem, detail=str(error)) from error
    if not isinstance(found, dict) or found.get("id") != path.stem:
        raise UnreadableRuleSet(rule_set=path.stem, detail=Detail("its id is not the name of its file"))
    return found


def _read(name: str, raw: Mapping[str, dict[str, Any]]) -> RuleSet:
    whole = _completed(name, raw, seen=())
    try:
        given = msgspec.convert(whole, _Set, strict=False)
    except msgspec.ValidationError as error:
        raise UnreadableRuleSet(rule_set=name, detail=str(error)) from error
    known = {**laws(), **given.laws}
    read = RuleSet(
        id=name,
        version=hashlib.sha256(msgspec.json.encode(given, order="sorted")).hexdigest()[:12],
        regime=given.regime,
        lawful=given.lawful,
        name=given.name,
        effective_from=given.effective_from,
        effective_until=given.effective_until,
        custodians=given.custodians,
        gate=given.gate,
        rules={rule: _parameter(name, rule, one, known, given) for rule, one in given.rules.items()},
    )
    check(read)
    return read


def _completed(name: str, raw: Mapping[str, dict[str, Any]], *, seen: tuple[str, ...]) -> dict[str, Any]:
    """A set with what it leaves out taken from the one it is based on.

    A figure that it gives itself is not the one that was verified, unless it says so.
    """
    own = dict(raw[name])
    base = own.pop("based_on", None)
    if base is None:
        return own
    if base not in raw or base in (*seen, name):
        raise UnreadableRuleSet(
            rule_set=name, detail=Detail("the set {base} that it is based on is not there", base=base)
        )
    inherited = _completed(base, raw, seen=(*seen, name))
    changed = own.pop("rules", {})
    rules = dict(inherited["rules"])
    for rule, given in changed.items():
        own_figure = {"verified": False} if {"value", "unit"} & given.keys() else {}
        rules[rule] = {**rules.get(rule, {}), **own_figure, **given}
    return {**inherited, **own, "rules": rules}


def _parameter(name: str, rule: str, given: _Rule, known: Mapping[str, Law], of: _Set) -> Parameter:
    return Parameter(
        id=rule,
        kind=given.kind,
        value=given.value,
        unit=given.unit,
        basis=tuple(_article(name, rule, text, known) for text in given.basis),
        scope=given.scope,
        verified=given.verified,
        freezes=given.freezes,
        effective_from=given.effective_from or of.effective_from,
        effective_until=given.effective_until or of.effective_until,
        options=given.options,
        zh=given.zh,
        en=given.en,
    )


def _article(name: str, rule: str, text: str, known: Mapping[str, Law]) -> Article:
    """`TBL 24` is article 24 of the law of this key; `OURS` is the platform's own term."""
    law, _, number = text.partition(" ")
    if law == "OURS":
        return Article("", "")
    if law not in known:
        raise UnreadableRuleSet(
            rule_set=name,
            detail=Detail("rule {rule} cites the law {law}, which is not listed", rule=rule, law=law),
        )
    return Article(known[law].zh, number)
