"""A body that a route's type accepts, so that what refuses it is the route and not the parser."""

from __future__ import annotations

from functools import cache
from typing import Any

import hypothesis.strategies as st
from hypothesis import Phase, find, settings
from msgspec import inspect

WORDS = "因故"
FIRST = settings(phases=[Phase.generate], database=None, derandomize=True)
"""Of the texts that a pattern allows the first one will do."""

FIXED: dict[type, object] = {
    inspect.BoolType: True,
    inspect.FloatType: 1.0,
    inspect.DictType: {},
    inspect.AnyType: {},
    inspect.NoneType: None,
    inspect.BytesType: "AAAA",
    inspect.DateType: "2026-01-01",
    inspect.DateTimeType: "2026-01-01T00:00:00Z",
}


@cache
def body_for(kind: object, *, words: str = WORDS) -> Any:
    """The plainest value of this type, as JSON has it; `words` stand in every text that may be anything."""
    return _value(inspect.type_info(kind), words)


def _value(info: inspect.Type, words: str) -> Any:
    if isinstance(info, inspect.StructType):
        return {field.encode_name: _value(field.type, words) for field in info.fields if _fill(field)}
    if isinstance(info, inspect.StrType):
        return _text(info.pattern, info.min_length or 0, info.max_length) or words[: info.max_length]
    if isinstance(info, inspect.IntType):
        return info.ge if info.ge is not None else 1
    if isinstance(info, inspect.EnumType):
        return next(iter(info.cls)).value
    if isinstance(info, inspect.LiteralType):
        return info.values[0]
    if isinstance(info, inspect.UnionType):
        return _value(next(one for one in info.types if not isinstance(one, inspect.NoneType)), words)
    if isinstance(info, inspect.ListType | inspect.SetType | inspect.FrozenSetType | inspect.VarTupleType):
        return [_value(info.item_type, words)] * max(1, info.min_length or 0)
    if isinstance(info, inspect.TupleType):
        return [_value(one, words) for one in info.item_types]
    return FIXED[type(info)]


def _fill(field: inspect.Field) -> bool:
    """All texts and all that must be there; what else may be left out is left out."""
    return field.required or isinstance(field.type, inspect.StrType)


@cache
def _text(pattern: str | None, shortest: int, longest: int | None) -> str:
    if pattern is None:
        return WORDS * shortest if shortest > len(WORDS) else ""
    texts = st.from_regex(pattern)
    return find(texts, lambda text: shortest <= len(text) <= (longest or len(text)), settings=FIRST).strip(
        "\n"
    )
