"""The catalogues of all packages, read once at start."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from babel.messages.pofile import read_po

from govcore.errors import Detail
from govcore.i18n.citations import cited

LANGUAGES = ("zh_CN", "en")
DEFAULT = "zh_CN"
CALLED = frozenset({"bidder", "login", "organisation", "person", "username"})
"""Places that hold what somebody is called, which is never a sentence of the catalogue."""


class Translate(Protocol):
    def __call__(self, text: str | Detail, /, **data: object) -> str: ...


@cache
def _read(path: Path, _changed: int) -> Mapping[str, str]:
    """One catalogue; a process that opens many platforms reads it once."""
    with path.open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file, locale="zh_CN") if m.id and m.string}


def _pattern(term: str) -> str:
    """An English word is found as a whole one, outside of places and of names of files."""
    found = re.escape(term)
    return rf"(?<![\w{{-]){found}(?![\w}}-])" if term.isascii() else found


class Catalogue:
    """Chinese sentences by their English keys; `{names}` are filled by the caller."""

    def __init__(self, chinese: Mapping[str, str], terms: Mapping[str, str] = MappingProxyType({})) -> None:
        self.chinese = chinese
        self._terms = terms
        longest_first = sorted(terms, key=len, reverse=True)
        self._said = re.compile("|".join(map(_pattern, longest_first))) if terms else None

    @classmethod
    def load(cls, folders: Iterable[Path]) -> Catalogue:
        """Read `zh_CN.po` of each folder; the first translation of a key wins."""
        chinese: dict[str, str] = {}
        for folder in reversed(list(folders)):
            path = folder / "zh_CN.po"
            if path.exists():
                chinese.update(_read(path, path.stat().st_mtime_ns))
        return cls(chinese)

    def _english(self, text: str, data: Mapping[str, object]) -> str:
        sentence = self.said(text) if text in self.chinese else text
        if not data:
            return sentence
        return sentence.format_map({name: self._english_word(name, value) for name, value in data.items()})

    def _english_word(self, place: str, value: object) -> object:
        if isinstance(value, Detail):
            return self._english(value.text, value.data)
        return self._english(value, {}) if isinstance(value, str) and place not in CALLED else value

    def _word(self, place: str, value: object) -> object:
        """What fills a sentence is translated too where it is a sentence of the catalogue itself."""
        if isinstance(value, Detail):
            return self._chinese(value.text, value.data)
        return self._sentence(value) if isinstance(value, str) and place not in CALLED else value

    def _sentence(self, text: str) -> str:
        """Terms change our own sentences only: what people wrote stays as it is."""
        own = self.chinese.get(text)
        return self.said(own) if own else cited(text)

    def said(self, own: str) -> str:
        """A sentence of ours, in either language, in the terms of this catalogue."""
        return self._said.sub(lambda found: self._terms[found.group()], own) if self._said else own

    def speaking(self, terms: Mapping[str, str]) -> Catalogue:
        """The same sentences with other words for some things: a procedure's law may call them otherwise."""
        return Catalogue(self.chinese, terms) if terms else self

    def _chinese(self, text: str, data: Mapping[str, object]) -> str:
        sentence = self._sentence(text)
        if not data:
            return sentence
        return sentence.format_map({name: self._word(name, value) for name, value in data.items()})

    def translator(self, language: str) -> Translate:
        def translate(text: str | Detail, /, **data: object) -> str:
            if isinstance(text, Detail):
                return translate(text.text, **text.data)
            if language != "zh_CN":
                return self._english(text, data)
            return self._chinese(text, data)

        return translate
