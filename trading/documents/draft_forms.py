"""The forms of a draft's steps: what was typed becomes answers, and rows that were left empty fall away."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from trading.documents.answers import DraftAnswers, FieldAnswer, LotAnswer, PartAnswer
from trading.documents.benchmark_answers import PARAMETERS
from trading.documents.evaluation_answers import AdjustmentAnswer, GateAnswer, ItemAnswer, PolicyAnswer

Form = Mapping[str, str]
Row = TypeVar("Row", bound=msgspec.Struct)

LONGEST = 20_000
"""Characters of one answer."""

MOST_ROWS = 60
_ROW = re.compile(r"([a-z_]+)-([1-9]\d?)")

_TEXTS = {
    "basis": (
        *("title", "rule_set", "procures", "scope", "location", "funds", "qualification", "contact"),
        *("policies", "centre_id", "method"),
    ),
    "scoring": ("price_points",),
    "price": (
        *("price_method", "family", "benchmark_basis", "e1", "e2", "floor", "full_from", "full_to"),
        *("procedure", "ground", "tie", "trim", "level", "stage", "candidates", "leader"),
    ),
    "form": ("price_type", "technical_min", "core_product"),
    "terms": ("duration_days", "validity_days", "deposit_validity_days", "available_days"),
}
_TICKS = {"basis": ("consortium", "prequalifies"), "form": ("two_envelopes",)}


def take(answers: DraftAnswers, step: str, form: Form) -> DraftAnswers:
    """The answers with what this step's form says; what it does not ask for stays."""
    changed: dict[str, Any] = {name: form[name][:LONGEST] for name in _TEXTS.get(step, ()) if name in form}
    changed |= {name: form.get(name) == "yes" for name in _TICKS.get(step, ())}
    if step == "lots":
        bills = {n: lot.bill for n, lot in enumerate(answers.lots, 1)}
        numbered = _rows(form, LotAnswer)
        changed["lots"] = [msgspec.structs.replace(lot, bill=bills.get(n)) for n, lot in numbered.items()]
    elif step == "scoring":
        changed["gates"] = list(_rows(form, GateAnswer, prefix="gate_", beside=("kind",)).values())
        changed["items"] = list(_rows(form, ItemAnswer, beside=("kind",)).values())
    elif step == "price":
        changed |= _price(answers, form)
    elif step == "form":
        changed["fields"] = list(_rows(form, FieldAnswer, beside=("kind",)).values())
    elif step == "parts":
        changed["parts"] = list(_rows(form, PartAnswer, beside=("blind",)).values())
    elif step == "terms":
        offered = ("transfer", "cheque", "guarantee", "insurance", "surety")
        changed["deposit_forms"] = [name for name in offered if form.get(f"deposit_{name}") == "yes"]
    return msgspec.structs.replace(answers, **changed)


def _price(answers: DraftAnswers, form: Form) -> dict[str, Any]:
    """Parameters and tables of the price; the page shows only what the chosen method asks, the rest stays."""
    changed: dict[str, Any] = {}
    shown = PARAMETERS.get(form.get("shown_family", ""), ())
    typed = {one.name: form[f"b_{one.name}"][:LONGEST] for one in shown if f"b_{one.name}" in form}
    if form.get("family", answers.family) != answers.family:
        changed["benchmark"] = {}  # the other family begins with its own parameters
    elif typed:
        changed["benchmark"] = typed
    if "policy_label-1" in form:
        rows = _rows(form, PolicyAnswer, prefix="policy_", beside=("kind",))
        changed["price_policies"] = list(rows.values())
    if "adjust_label-1" in form:
        changed["adjustments"] = list(_rows(form, AdjustmentAnswer, prefix="adjust_").values())
    return changed


def _rows(form: Form, kind: type[Row], *, prefix: str = "", beside: tuple[str, ...] = ()) -> dict[int, Row]:
    """The rows of a table by their numbers; what was chosen in the columns `beside` alone makes no row."""
    found: dict[int, dict[str, str]] = {}
    known = {field.name for field in msgspec.structs.fields(kind)} - {"bill"}
    for name, text in form.items():
        match = _ROW.fullmatch(name.removeprefix(prefix)) if name.startswith(prefix) else None
        if match and match[1] in known and int(match[2]) <= MOST_ROWS:
            found.setdefault(int(match[2]), {})[match[1]] = text[:LONGEST]
    return {
        number: kind(**row)
        for number, row in sorted(found.items())
        if any(text.strip() for name, text in row.items() if name not in beside)
    }
