"""What the code writes into the log: the fields of every event, read from the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PACKAGES = ("govcore", "guarantees", "trading", "bureau")
WRITERS = {"record", "record_all", "announce", "say", "_apply", "log", "move"}
"""Functions that log what they are given as `data`; all but the first two hand it on."""

ALL_FIELDS = {"to_builtins", "asdict"}
"""What makes the fields of a struct out of it."""


@dataclass(frozen=True, slots=True, order=True)
class Logged:
    """A field that a call writes; `event` is empty where a variable names it."""

    event: str
    field: str
    file: str


class Unread(Exception):
    """The names of the fields do not follow from the source."""


@cache
def logged() -> set[Logged]:
    """Every field whose name follows from the source."""
    found = set()
    for place, call in _writing():
        for name in place.fields(_data(call), strict=False):
            found.add(Logged(_event(call), name, place.file))
    return found


@cache
def unread() -> set[tuple[str, str]]:
    """File and function of every call whose fields do not all follow from the source."""
    found = set()
    for place, call in _writing():
        try:
            set(place.fields(_data(call), strict=True))
        except Unread:
            found.add((place.file, place.function.name))
    return found


@dataclass(frozen=True)
class Place:
    """A function in its module, and what it assigns to names."""

    file: str
    tree: ast.Module
    function: ast.FunctionDef
    kept: dict[str, list[ast.expr]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "kept", dict(_assigned(self.function)))

    def fields(self, value: ast.expr | None, *, strict: bool) -> Iterator[str]:
        """The keys of what this expression gives; with `strict` raise `Unread` where one is not known."""
        match value:
            case None:
                return
            case ast.Dict():
                for key, inside in zip(value.keys, value.values, strict=True):
                    if isinstance(key, ast.Constant):
                        yield str(key.value)
                    elif key is None:
                        yield from self.fields(inside, strict=strict)
                    elif strict:
                        raise Unread
            case ast.BinOp(left=one, right=other) | ast.IfExp(body=one, orelse=other):
                yield from self.fields(one, strict=strict)
                yield from self.fields(other, strict=strict)
            case ast.Name(id=name) if name in self.kept:
                for one in self.kept[name]:
                    yield from self._without(name).fields(one, strict=strict)
            case ast.Call(func=called, args=[ast.Name(id=name)]) if _name(called) in ALL_FIELDS:
                yield from self._struct(name)
            case ast.Call(func=ast.Name(id=name)) if (local := self._local(name)) is not None:
                for returned in _returned(local):
                    yield from Place(self.file, self.tree, local).fields(returned, strict=strict)
            case _ if strict:
                raise Unread

    def _without(self, name: str) -> Place:
        """Here without what was assigned to this name: `data = data | …` ends."""
        place = replace(self)
        object.__setattr__(place, "kept", {**self.kept, name: []})
        return place

    def _struct(self, parameter: str) -> Iterator[str]:
        """The fields of the struct that the function takes under this name."""
        arguments = [*self.function.args.args, *self.function.args.kwonlyargs]
        named = next(one.annotation for one in arguments if one.arg == parameter)
        assert isinstance(named, ast.Name)
        module: Any = import_module(self.file.removesuffix(".py").replace("/", "."))
        yield from getattr(module, named.id).__struct_fields__

    def _local(self, name: str) -> ast.FunctionDef | None:
        own = (one for one in self.tree.body if isinstance(one, ast.FunctionDef))
        return next((one for one in own if one.name == name), None)


@cache
def _writing() -> list[tuple[Place, ast.Call]]:
    """Every call that writes, with the function it stands in."""
    return [
        (Place(str(path.relative_to(ROOT)), tree, function), call)
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        for tree in [ast.parse(path.read_text(encoding="utf-8"))]
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and _name(call.func) in WRITERS
    ]


def _data(call: ast.Call) -> ast.expr | None:
    return next((one.value for one in call.keywords if one.arg == "data"), None)


def _event(call: ast.Call) -> str:
    """The first text among the arguments."""
    texts = (one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str))
    return next(texts, "")


def _assigned(function: ast.FunctionDef) -> dict[str, list[ast.expr]]:
    kept: dict[str, list[ast.expr]] = {}
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
                pairs = list(zip(names, values, strict=True))
            case ast.Assign(targets=[target], value=value):
                pairs = [(target, value)]
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                pairs = [(target, value)]
            case ast.AugAssign(target=target, value=value):
                pairs = [(target, value)]
            case _:
                pairs = []
        for target, value in pairs:
            if isinstance(target, ast.Name):
                kept.setdefault(target.id, []).append(value)
    return kept


def _returned(function: ast.FunctionDef) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and node.value is not None:
            yield node.value


def _name(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
