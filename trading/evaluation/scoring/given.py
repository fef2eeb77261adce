"""Reads a JSON document member by member; what is not as the page says is refused with its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TypeVar

from trading.evaluation.scoring.exact import decimal, positive_ratio

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)

T = TypeVar("T")
Choice = TypeVar("Choice", bound=StrEnum)


class Code(StrEnum):
    """Why documents are not scored."""

    WEIGHTS = "E_WEIGHTS"
    CRITERIA = "E_CRITERIA"
    SCORE_RANGE = "E_SCORE_RANGE"
    SHEET_INCOMPLETE = "E_SHEET_INCOMPLETE"
    OBJECTIVE_DIFFERS = "E_OBJECTIVE_DIFFERS"
    NUMBER = "E_NUMBER"
    DRAW_VALUE = "E_DRAW_VALUE"
    DRAW_MISSING = "E_DRAW_MISSING"
    BENCHMARK_UNDEFINED = "E_BENCHMARK_UNDEFINED"
    UNKNOWN = "E_UNKNOWN"
    SCHEMA = "E_SCHEMA"


class Refused(ValueError):
    """Documents that cannot be scored: the code, and the place of the fault as members joined by dots."""

    def __init__(self, code: Code, place: str) -> None:
        super().__init__(f"{code}: {place}")
        self.code = code
        self.place = place


@dataclass(frozen=True, slots=True)
class Given:
    """A value of a document and the way to it."""

    value: object
    place: str

    def refused(self, code: Code = Code.SCHEMA) -> Refused:
        """The refusal of this value, to be raised."""
        return Refused(code, self.place)

    def entries(self) -> dict[str, Given]:
        """The members of an object that may hold any."""
        if not isinstance(self.value, dict) or not all(isinstance(name, str) for name in self.value):
            raise self.refused()
        return {name: Given(value, f"{self.place}.{name}") for name, value in self.value.items()}

    def members(self, required: Iterable[str], *, optional: Iterable[str] = ()) -> dict[str, Given]:
        """The members of an object that must hold these and may hold those; an optional one left out is null."""
        found = self.entries()
        for name in required:
            if name not in found:
                raise Refused(Code.SCHEMA, f"{self.place}.{name}")
        for name in optional:
            found.setdefault(name, Given(None, f"{self.place}.{name}"))
        for name in found.keys() - set(required) - set(optional):
            raise found[name].refused()
        return found

    def items(self) -> list[Given]:
        """The values of a list."""
        if not isinstance(self.value, list):
            raise self.refused()
        return [Given(value, f"{self.place}.{number}") for number, value in enumerate(self.value)]

    def optional(self, read: Callable[[Given], T]) -> T | None:
        """What `read` makes of it; nothing for null."""
        return None if self.value is None else read(self)

    def text(self) -> str:
        if not isinstance(self.value, str):
            raise self.refused()
        return self.value

    def id(self) -> str:
        text = self.text()
        if _ID.fullmatch(text) is None:
            raise self.refused()
        return text

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.refused()
        return self.value

    def choice(self, kind: type[Choice]) -> Choice:
        text = self.text()
        if text not in list(kind):
            raise self.refused()
        return kind(text)

    def integer(self, *, least: int, most: int | None = None, code: Code = Code.SCHEMA) -> int:
        """A whole number inside its limits; another one is refused with `code`."""
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            raise self.refused()
        if self.value < least or (most is not None and self.value > most):
            raise self.refused(code)
        return self.value

    def number(self) -> Fraction:
        """A decimal string without a sign."""
        return self._decimal(signed=False)

    def signed(self) -> Fraction:
        """A decimal string that may be negative."""
        return self._decimal(signed=True)

    def ratio(self) -> Fraction:
        """An exact value above 0, `n/d` in lowest terms."""
        value = positive_ratio(self.text())
        if value is None:
            raise self.refused(Code.NUMBER)
        return value

    def share(self, most: Fraction) -> Fraction:
        """A decimal string of at most `most`."""
        value = self.number()
        if value > most:
            raise self.refused()
        return value

    def _decimal(self, *, signed: bool) -> Fraction:
        value = decimal(self.text(), signed=signed)
        if value is None:
            raise self.refused(Code.NUMBER)
        return value


def named(given: Given, read: Callable[[Given], T], *, key: Callable[[T], str]) -> dict[str, T]:
    """The things of a list by their ids, no two of which are equal."""
    found: dict[str, T] = {}
    for item in given.items():
        thing = read(item)
        if key(thing) in found:
            raise item.refused()
        found[key(thing)] = thing
    return found


def known(given: Given, names: Iterable[str]) -> dict[str, Given]:
    """The entries of an object whose names must all be among these."""
    found = given.entries()
    for name in found.keys() - set(names):
        raise found[name].refused(Code.UNKNOWN)
    return found
