"""Refusals speak to people: what a program calls a state, a role or a kind has no place in their sentences."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("govcore", "bidding_docs", "guarantees", "trading", "bureau")
NAMES_OF_PROGRAMS = {"state", "move", "role", "kind", "stage", "purpose", "act"}


@cache
def trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text()) for name in PACKAGES for path in (ROOT / name).glob("**/*.py")}


def places() -> dict[str, set[str]]:
    """The classes of refusals and the places that their sentences fill."""
    found: dict[str, set[str]] = {}
    for tree in trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and (text := _text(node)) is not None:
                found.setdefault(node.name, set()).update(re.findall(r"\{(\w+)\}", text))
    return found


def _text(node: ast.ClassDef) -> str | None:
    for statement in node.body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "text":
            value = statement.value
            return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None
    return None


def raised(known: dict[str, set[str]]) -> Iterator[tuple[str, ast.keyword]]:
    """Every value that fills a place, and where."""
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in known:
                for given in node.keywords:
                    if given.arg in known[node.func.id]:
                        yield f"{path.relative_to(ROOT)}:{node.lineno}", given


def is_bare(given: ast.keyword) -> bool:
    """A value of an enumeration or a table's column, not the word that people have for it (a `Detail`)."""
    value = given.value
    if not isinstance(value, ast.Attribute | ast.Name | ast.Constant):
        return False
    return given.arg in NAMES_OF_PROGRAMS or ast.unparse(value).rpartition(".")[2] in NAMES_OF_PROGRAMS


def test_no_refusal_tells_people_what_programs_call_a_state_or_a_role():
    known = places()

    bare = [(where, ast.unparse(given.value)) for where, given in raised(known) if is_bare(given)]

    assert {"OutOfOrder", "NotRetenderable", "SealUnusable", "NotDrawn"} <= known.keys()
    assert bare == []
