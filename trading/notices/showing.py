"""A notice's fields as pages, papers and tables show them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from trading.notices.fields import COLUMNS, FIELDS, PURCHASE_NAMES, Field, Type, is_filled
from trading.notices.policy import Regime


@dataclass(frozen=True, slots=True)
class Shown:
    """A field with its value in Python's types; a table's value is its rows, their cells in the order of `columns`."""

    name: str
    label: str
    type: Type
    value: Any
    columns: tuple[Field, ...] = ()


def shown(values: Mapping[str, Any], *, regime: str) -> Iterator[Shown]:
    """The filled fields in their order, in the words of their law; of tables the columns that any row fills."""
    names = PURCHASE_NAMES if regime == Regime.GP else {}
    for name, field in FIELDS.items():
        value: Any = values.get(name)
        if not is_filled(value):
            continue
        if field.type is Type.TABLE:
            used = [one for one in field.columns if any(is_filled(row.get(one)) for row in value)]
            rows = [[_value(COLUMNS[one], row.get(one)) for one in used] for row in value]
            heads = tuple(_named(COLUMNS[one], names.get(one)) for one in used)
            yield Shown(name, names.get(name, field.label), field.type, rows, heads)
        else:
            yield Shown(name, names.get(name, field.label), field.type, _value(field, value))


def _named(column: Field, name: str | None) -> Field:
    return replace(column, label=name) if name else column


def _value(field: Field, value: Any) -> Any:
    return datetime.fromisoformat(value) if field.type is Type.MOMENT and value else value
