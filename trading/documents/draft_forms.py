"""The forms of a draft's steps: what was typed becomes answers, and rows that were left empty fall away."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from trading.documents.answers import DraftAnswers, FieldAnswer, ItemAnswer, LotAnswer, PartAnswer

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
    "scoring": ("price_points", "price_method"),
    "form": ("price_type", "technical_min"),
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
        changed["items"] = list(_rows(form, ItemAnswer).values())
    elif step == "form":
        changed["fields"] = list(_rows(form, FieldAnswer, beside="kind").values())
    elif step == "parts":
        changed["parts"] = list(_rows(form, PartAnswer).values())
    elif step == "terms":
        offered = ("transfer", "cheque", "guarantee", "insurance", "surety")
        changed["deposit_forms"] = [name for name in offered if form.get(f"deposit_{name}") == "yes"]
    return msgspec.structs.replace(answers, **changed)


def _rows(form: Form, kind: type[Row], *, beside: str = "") -> dict[int, Row]:
    """The rows of a table by their numbers; what was chosen in the column `beside` alone makes no row."""
    found: dict[int, dict[str, str]] = {}
    known = {field.name for field in msgspec.structs.fields(kind)} - {"bill"}
    for name, text in form.items():
        if (match := _ROW.fullmatch(name)) and match[1] in known and int(match[2]) <= MOST_ROWS:
            found.setdefault(int(match[2]), {})[match[1]] = text[:LONGEST]
    return {
        number: kind(**row)
        for number, row in sorted(found.items())
        if any(text.strip() for name, text in row.items() if name != beside)
    }
