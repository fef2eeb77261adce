"""What an entry of the expert pool says, and when somebody in it can be drawn at all."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

MOST_IMPORTED = 5_000
TEXT_MAX = 500
PAGE_SIZE = 50

_APART = re.compile(r"[、,，;；/\n]+")
_BESIDE = re.compile(r"[(（].*?[)）]|[0-9]+")
_SPECIALITY = re.compile(r"[A-Z]([0-9]{2}){0,4}")
_DIVISION = re.compile(r"[1-9][0-9]{5}")


class Title(StrEnum):
    """What makes a professional an expert besides the years in the field (招标投标法 art. 37)."""

    SENIOR = "senior"
    EQUIVALENT = "equivalent"


class TieKind(StrEnum):
    """How somebody is tied to a body, as declared."""

    EMPLOYED = "employed"
    OFFICE = "office"
    RELATIVE = "relative"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """A fact of avoidance: employed there, director, supervisor or shareholder of it, or a relative is.

    Days are included; without `until` it lasts, and a relative's tie needs no days.
    """

    kind: TieKind
    uscc: str
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Particulars:
    """All that an entry says of a person; what is not needed to find somebody is kept wrapped.

    `practised_since` is the year in which work in the field began; `until` is the last day in the pool.
    """

    specialities: tuple[str, ...]
    employer: str
    region: str
    title: Title
    practised_since: int
    since: date
    until: date | None
    phone: str = field(repr=False)
    ties: tuple[Tie, ...] = ()
    kin: tuple[str, ...] = field(repr=False, default=())
    """The names of near relatives, as declared: to be told from the main persons of those who bid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Somebody who can be drawn on a day, with the facts that may stand against it; never shown to anybody.

    `home` is the code of the organisation that the account belongs to.
    """

    expert_id: str
    user_id: str
    specialities: tuple[str, ...]
    region: str
    employer: str
    ties: tuple[Tie, ...]
    punished: bool
    home: str | None
    phone: str = field(repr=False)
    persons: frozenset[str] = field(repr=False, default=frozenset())
    """Its own name and those of its near relatives, in their plain form (`plain_names`)."""


class NoteKind(StrEnum):
    """What a credit note is about; the two last ones keep the history of suspensions."""

    APPRAISAL = "appraisal"
    MISCONDUCT = "misconduct"
    PUNISHED = "punished"
    SUSPENSION = "suspension"
    RETURN = "return"


class Standing(StrEnum):
    """Whether somebody of the pool can be drawn on a day."""

    READY = "ready"
    NOT_YET = "not_yet"
    OVER = "over"
    SUSPENDED = "suspended"


def plain_names(text: str) -> frozenset[str]:
    """The names in a line that people typed, in a form in which the same name is the same.

    Several are separated by 、 or the like; what stands in brackets, numbers and gaps are no part of a name.
    """
    pieces = _APART.split(unicodedata.normalize("NFKC", text))
    names = ("".join(_BESIDE.sub("", piece).split()).casefold() for piece in pieces)
    return frozenset(filter(None, names))


def is_speciality(code: str) -> bool:
    """A letter and up to four pairs of digits; each longer code lies under the shorter one that it begins with."""
    return _SPECIALITY.fullmatch(code) is not None


def parent_of(code: str) -> str | None:
    """The code above: `A0102` lies under `A01`, and that under `A`."""
    return code[:-2] if len(code) > 1 else None


def practises(specialities: Collection[str], wanted: str) -> bool:
    """True for who has the wanted speciality or one under it."""
    return any(code.startswith(wanted) for code in specialities)


def is_division(code: str) -> bool:
    """Six digits (GB/T 2260)."""
    return _DIVISION.fullmatch(code) is not None


def lies_in(division: str, area: str) -> bool:
    """True for a division that is the area or lies in it."""
    part = area
    while len(part) > 2 and part.endswith("00"):
        part = part[:-2]
    return division.startswith(part)


def standing(*, since: date, until: date | None, suspended: bool, on: date) -> Standing:
    """Derived from the day; both ends of the period are included."""
    if suspended:
        return Standing.SUSPENDED
    if on < since:
        return Standing.NOT_YET
    return Standing.OVER if until is not None and on > until else Standing.READY


def has_practised_long_enough(practised_since: int, *, on: date, years: int) -> bool:
    """Counted in whole calendar years (T15: eight)."""
    return on.year - practised_since >= years
