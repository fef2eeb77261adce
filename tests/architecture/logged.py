"""What the code writes into the log: the fields of every event, read from the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("govcore", "guarantees", "trading", "bureau")
WRITERS = {"record", "record_all", "announce"}


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


def _in_module(tree: ast.Module, file: str) -> Iterator[Logged]:
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    for function in functions:
        kept = _assigned(function)
        for call in ast.walk(function):
            if isinstance(call, ast.Call) and _name(call.func) in WRITERS:
                data = next((one.value for one in call.keywords if one.arg == "data"), None)
                for field in _fields(data, kept):
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
        for one in kept.pop(value.id, []):
            yield from _fields(one, kept)


def _name(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
