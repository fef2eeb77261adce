"""What the code writes into the log: the fields of every event, read from the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("govcore", "guarantees", "trading", "bureau")
WRITERS = {"record", "record_all", "announce", "say", "_apply"}
"""Functions that log what they are given as `data`; the last three hand it on."""


@dataclass(frozen=True, slots=True, order=True)
class Logged:
    """A field that a call writes; `event` is empty where a variable names it."""

    event: str
    field: str
    file: str


@cache
def logged() -> set[Logged]:
    """Every field whose name stands in the source."""
    return {
        one
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        for one in _in_module(ast.parse(path.read_text(encoding="utf-8")), str(path.relative_to(ROOT)))
    }


def unread() -> set[tuple[str, str]]:
    """File and function of every call whose fields do not stand in its own source: unpacked, built or handed on."""
    return {
        (str(path.relative_to(ROOT)), function.name)
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        for function, call, kept in _calls(ast.parse(path.read_text(encoding="utf-8")))
        if _is_unread(_data(call), kept)
    }


def _calls(tree: ast.Module) -> Iterator[tuple[ast.FunctionDef, ast.Call, dict[str, list[ast.expr]]]]:
    """Every call that writes, in its function, with what the function assigned to names."""
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
        kept = _assigned(function)
        for call in ast.walk(function):
            if isinstance(call, ast.Call) and _name(call.func) in WRITERS:
                yield function, call, kept


def _data(call: ast.Call) -> ast.expr | None:
    return next((one.value for one in call.keywords if one.arg == "data"), None)


def _is_unread(value: ast.expr | None, kept: dict[str, list[ast.expr]]) -> bool:
    if isinstance(value, ast.Dict):
        named = all(key is None or isinstance(key, ast.Constant) for key in value.keys)
        unpacked = (one for key, one in zip(value.keys, value.values, strict=True) if key is None)
        return not named or any(_is_unread(one, kept) for one in unpacked)
    if isinstance(value, ast.BinOp):
        return _is_unread(value.left, kept) or _is_unread(value.right, kept)
    if isinstance(value, ast.IfExp):
        return _is_unread(value.body, kept) or _is_unread(value.orelse, kept)
    if isinstance(value, ast.Name):
        return value.id not in kept or any(_is_unread(one, kept) for one in kept[value.id])
    return value is not None


def _in_module(tree: ast.Module, file: str) -> Iterator[Logged]:
    for _, call, kept in _calls(tree):
        for field in _fields(_data(call), kept):
            yield Logged(_event(call), field, file)


def _event(call: ast.Call) -> str:
    named = call.args[1] if len(call.args) > 1 else None
    return named.value if isinstance(named, ast.Constant) and isinstance(named.value, str) else ""


def _assigned(function: ast.FunctionDef) -> dict[str, list[ast.expr]]:
    kept: dict[str, list[ast.expr]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            kept.setdefault(node.targets[0].id, []).append(node.value)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            kept.setdefault(node.target.id, []).append(node.value)
    return kept


def _fields(value: ast.expr | None, kept: dict[str, list[ast.expr]]) -> Iterator[str]:
    if isinstance(value, ast.Dict):
        for key, inside in zip(value.keys, value.values, strict=True):
            if isinstance(key, ast.Constant):
                yield str(key.value)
            elif key is None:
                yield from _fields(inside, kept)
    elif isinstance(value, ast.BinOp):
        yield from _fields(value.left, kept)
        yield from _fields(value.right, kept)
    elif isinstance(value, ast.IfExp):
        yield from _fields(value.body, kept)
        yield from _fields(value.orelse, kept)
    elif isinstance(value, ast.Name):
        others = {name: values for name, values in kept.items() if name != value.id}
        for one in kept.get(value.id, []):
            yield from _fields(one, others)


def _name(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
