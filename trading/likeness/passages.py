"""Equal passages of texts, whatever their layout: found at sampled anchors, then grown to their full length."""

from __future__ import annotations

import re
import zlib
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

LEAST = 80
"""A passage has so many letters at least: shorter ones stand in every trade's documents (default, not verified)."""
ANCHOR = 16
SAMPLED = 8
"""Of the runs of `ANCHOR` letters one in so many is looked up; of a passage's 65 and more hardly ever none."""
SHOWN = 300
"""So many letters of a passage are kept as its evidence."""
BREAK = "\n"
"""Ends a file, and stands where something was taken out; no passage goes across it."""

_NO_LETTER = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """The letters and digits of a text, whatever its layout."""
    return _NO_LETTER.sub("", text).lower()


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was found: the file, and the letters around it."""

    file: str
    around: str


@dataclass(frozen=True, slots=True)
class Equal:
    """A passage that two bids have: in which file of each, its length and its beginning."""

    file: str
    other: str
    length: int
    text: str


@dataclass(frozen=True, slots=True)
class Index:
    """A text's anchors by what they read."""

    of: Passages
    at: dict[str, int]


@dataclass(frozen=True, slots=True)
class Passages:
    """The text of some files, one after the other."""

    text: str
    names: tuple[str, ...]
    starts: tuple[int, ...]
    anchors: array[int]

    @classmethod
    def of(cls, texts: Iterable[str]) -> Passages:
        return cls._join([("", plain(text)) for text in texts])

    @classmethod
    def _join(cls, files: Sequence[tuple[str, str]]) -> Passages:
        starts, at = [], 0
        for _, text in files:
            starts.append(at)
            at += len(text) + 1
        whole = BREAK.join(text for _, text in files)
        return cls(whole, tuple(name for name, _ in files), tuple(starts), array("L", _anchors(whole)))

    def without(self, files: Sequence[tuple[str, str]]) -> Passages:
        """The named texts, without the passages that stand in this one."""
        raw, index = Passages._join([(name, plain(text)) for name, text in files]), self.index()
        if not index.at:
            return raw
        kept: list[tuple[str, str]] = []
        for name, start, end in raw._files():
            left, at = [], start
            for begin, length in (found[:2] for found in raw._matches(index, start, end, least=ANCHOR)):
                left.append(raw.text[at:begin])
                at = begin + length
            kept.append((name, BREAK.join([*left, raw.text[at:end]])))
        return Passages._join(kept)

    def index(self) -> Index:
        return Index(self, {self.text[at : at + ANCHOR]: at for at in reversed(self.anchors)})

    def equal(self, index: Index) -> list[Equal]:
        """The passages of at least `LEAST` letters that this text and the other share."""
        return [
            Equal(self._file(at), index.of._file(other), length, self.text[at : at + min(length, SHOWN)])
            for at, length, other in self._matches(index, 0, len(self.text), least=LEAST)
        ]

    def find(self, words: str) -> Place | None:
        """Where some words stand first."""
        at = self.text.find(words)
        if at < 0:
            return None
        around = self.text[max(0, at - 20) : at + len(words) + 20]
        return Place(self._file(at), around.replace(BREAK, " "))

    def _files(self) -> Iterator[tuple[str, int, int]]:
        for n, (name, start) in enumerate(zip(self.names, self.starts, strict=True)):
            end = self.starts[n + 1] - 1 if n + 1 < len(self.starts) else len(self.text)
            yield name, start, end

    def _file(self, at: int) -> str:
        return self.names[bisect_right(self.starts, at) - 1]

    def _matches(self, index: Index, start: int, end: int, *, least: int) -> Iterator[tuple[int, int, int]]:
        """Where equal passages begin here, how long they are, and where they begin there; none overlaps another."""
        mine, theirs, over = self.text, index.of.text, start
        for at in self.anchors[bisect_right(self.anchors, start - 1) : bisect_right(self.anchors, end - 1)]:
            other = index.at.get(mine[at : at + ANCHOR]) if at >= over else None
            if other is None:
                continue
            back = 0
            while (
                at - back > over and other > back and mine[at - back - 1] == theirs[other - back - 1] != BREAK
            ):
                back += 1
            ahead, most = ANCHOR, min(end - at, len(theirs) - other)
            while ahead < most and mine[at + ahead] == theirs[other + ahead] != BREAK:
                ahead += 1
            if back + ahead >= least:
                yield at - back, back + ahead, other - back
                over = at + ahead


def _anchors(text: str) -> Iterator[int]:
    """Where the sampled runs of letters begin: chosen by what they read, so that equal passages have the same ones."""
    for at in range(len(text) - ANCHOR + 1):
        run = text[at : at + ANCHOR]
        if zlib.crc32(run.encode()) % SAMPLED == 0 and BREAK not in run:
            yield at
