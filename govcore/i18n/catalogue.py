"""The catalogues of all packages, read once at start."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
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


class Catalogue:
    """Chinese sentences by their English keys; `{names}` are filled by the caller."""

    def __init__(self, chinese: Mapping[str, str]) -> None:
        self.chinese = chinese

    @classmethod
    def load(cls, folders: Iterable[Path]) -> Catalogue:
        """Read `zh_CN.po` of each folder; the first translation of a key wins."""
        chinese: dict[str, str] = {}
        for folder in folders:
            path = folder / "zh_CN.po"
            if path.exists():
                chinese = {**_read(path, path.stat().st_mtime_ns), **chinese}
        return cls(chinese)

    def _word(self, place: str, value: object) -> object:
        """What fills a sentence is translated too where it is a sentence of the catalogue itself."""
        if isinstance(value, Detail):
            return self._chinese(value.text, value.data)
        return self._sentence(value) if isinstance(value, str) and place not in CALLED else value

    def _sentence(self, text: str) -> str:
        return self.chinese.get(text) or cited(text)

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
                return text.format_map(data) if data else text
            return self._chinese(text, data)

        return translate
