"""The pool as a spreadsheet: one row an expert, the same layout for import, export and the form of one entry."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from govcore.errors import Detail, Problem
from govcore.identifiers import check_uscc
from govcore.notify.policy import is_mobile
from govcore.sheet_reading import CellError, Errors, read_rows
from govcore.sheets import xlsx
from trading.experts.policy import (
    MOST_IMPORTED,
    Particulars,
    Tie,
    TieKind,
    Title,
    has_practised_long_enough,
    is_division,
    is_speciality,
)

COLUMNS = (
    "登录名",
    "专业代码",
    "工作单位（统一社会信用代码）",
    "所在区划",
    "职称",
    "从业起始年",
    "入库日期",
    "出库日期",
    "手机号码",
    "曾任职单位",
    "任董事、监事或控股的单位",
    "近亲属任职单位",
    "近亲属姓名",
)
FIELDS = (
    "username",
    "specialities",
    "employer",
    "region",
    "title",
    "practised",
    "first_day",
    "last_day",
    "phone",
    "worked",
    "offices",
    "relatives",
    "kin",
)
"""The columns' names as fields of a form, in their order."""

EXAMPLE = (
    "zhang.wei",
    "A01、A0203",
    "91371500MA00000011",
    "371500",
    "高级",
    "2010",
    "2026-01-01",
    "",
    "13800000000",
    "91371500MA00000024 2015-07-01至2024-03-31",
    "",
    "",
    "",
)
NAME_MAX = 50
TITLES = {"高级": Title.SENIOR, "同等专业水平": Title.EQUIVALENT}
_TITLE_WORDS = {title: word for word, title in TITLES.items()}
_BREAK = re.compile(r"[、,，;；\s]+")
_PIECE = re.compile(r"[;；\n]+")
_APART = re.compile(r"[、,，;；\n]+")
_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_YEAR = re.compile(r"(19|20)\d{2}")
_TIE = re.compile(r"(\S+)\s+(\S+?)\s*(?:至|~|到)\s*(\S*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row that says nothing wrong."""

    number: int
    username: str
    particulars: Particulars


@dataclass(frozen=True, slots=True)
class SheetRead:
    """The rows that can be taken over, and what is wrong with the others."""

    lines: tuple[Line, ...]
    errors: tuple[CellError, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a row is held against: known specialities, the years that T15 asks for, and the day it is read."""

    specialities: Collection[str]
    years: int
    today: date


def read(content: bytes, basis: Basis) -> SheetRead:
    """Read a workbook in the layout of the template; `NotASheet` for what is no safe workbook."""
    errors = Errors()
    lines: dict[str, Line] = {}
    for number, texts in read_rows(content, COLUMNS, most=MOST_IMPORTED, errors=errors, dates=True):
        found = line(number, texts, basis, errors)
        if found is None:
            continue
        if found.username in lines:
            twice = Detail("This account is in row {row} already.", row=lines[found.username].number)
            errors.add(number, 0, twice)
        else:
            lines[found.username] = found
    return SheetRead(tuple(lines.values()), errors.all())


def line(number: int, texts: Sequence[str], basis: Basis, errors: Errors) -> Line | None:
    """One row as an entry; nothing when a cell of it is wrong, which `errors` then tells."""
    before = len(errors)
    row = _Row(number, texts, errors)
    username = row.needed(0)
    particulars = Particulars(
        specialities=row.specialities(1, basis.specialities),
        employer=row.code(2, row.needed(2)),
        region=row.region(3),
        title=row.title(4),
        practised_since=row.practised(5, basis),
        since=row.day(6, row.needed(6)) or basis.today,
        until=row.day(7, texts[7]),
        phone=row.phone(8),
        ties=(
            *row.dated(9, TieKind.EMPLOYED),
            *row.dated(10, TieKind.OFFICE),
            *row.relatives(11),
        ),
        kin=row.names(12),
    )
    if particulars.until is not None and particulars.until < particulars.since:
        row.wrong(7, Detail("The last day lies before the first."))
    if len(errors) > before:
        return None
    return Line(number=number, username=username, particulars=particulars)


def texts_of(username: str, particulars: Particulars) -> tuple[str, ...]:
    """An entry as a row; reading it gives the same entry."""
    ties: Mapping[TieKind, list[Tie]] = {
        kind: [tie for tie in particulars.ties if tie.kind is kind] for kind in TieKind
    }
    return (
        username,
        "、".join(particulars.specialities),
        particulars.employer,
        particulars.region,
        _TITLE_WORDS[particulars.title],
        str(particulars.practised_since),
        particulars.since.isoformat(),
        particulars.until.isoformat() if particulars.until else "",
        particulars.phone,
        _dated_text(ties[TieKind.EMPLOYED]),
        _dated_text(ties[TieKind.OFFICE]),
        "；".join(tie.uscc for tie in ties[TieKind.RELATIVE]),
        "；".join(particulars.kin),
    )


def write(rows: Iterable[Sequence[str]]) -> bytes:
    """The pool, or the template, as a workbook."""
    return xlsx("专家库", COLUMNS, rows)


def _dated_text(ties: Sequence[Tie]) -> str:
    pieces = []
    for tie in ties:
        since = tie.since.isoformat() if tie.since else ""
        until = tie.until.isoformat() if tie.until else ""
        pieces.append(f"{tie.uscc} {since}至{until}")
    return "；".join(pieces)


@dataclass(frozen=True, slots=True)
class _Row:
    """Reads the cells of one row; what is wrong is noted, and something harmless stands for it."""

    number: int
    texts: Sequence[str]
    errors: Errors

    def wrong(self, place: int, detail: Detail) -> None:
        self.errors.add(self.number, place, detail)

    def needed(self, place: int) -> str:
        text = self.texts[place].strip()
        if not text:
            self.wrong(place, Detail("This cell is empty; an entry needs it."))
        return text

    def code(self, place: int, text: str) -> str:
        if text:
            try:
                return check_uscc(text)
            except Problem as problem:
                self.wrong(place, Detail(problem.text))
        return text

    def specialities(self, place: int, known: Collection[str]) -> tuple[str, ...]:
        codes = tuple(dict.fromkeys(filter(None, _BREAK.split(self.needed(place)))))
        for code in codes:
            if not is_speciality(code) or code not in known:
                self.wrong(place, Detail("The speciality {code} is not in the list.", code=code[:16]))
        return codes

    def region(self, place: int) -> str:
        text = self.needed(place)
        if text and not is_division(text):
            self.wrong(place, Detail("A division is written with six digits, like 371500."))
        return text

    def title(self, place: int) -> Title:
        text = self.needed(place)
        if text and text not in TITLES:
            self.wrong(place, Detail("The title is one of: {titles}.", titles="、".join(TITLES)))
        return TITLES.get(text, Title.SENIOR)

    def practised(self, place: int, basis: Basis) -> int:
        text = self.needed(place)
        if not text:
            return 0
        if not _YEAR.fullmatch(text):
            self.wrong(place, Detail("This is no year."))
            return 0
        if not has_practised_long_enough(int(text), on=basis.today, years=basis.years):
            short = Detail(
                "An expert has worked in the field for {years} years (T15 · 招标投标法 art. 37).",
                years=basis.years,
            )
            self.wrong(place, short)
        return int(text)

    def day(self, place: int, text: str) -> date | None:
        found = _DAY.fullmatch(text.strip())
        try:
            if found is not None:
                return date(*map(int, found.groups()))
        except ValueError:
            found = None
        if text.strip():
            self.wrong(place, Detail("A day is written like 2026-03-31."))
        return None

    def phone(self, place: int) -> str:
        text = self.needed(place)
        if text and not is_mobile(text):
            self.wrong(place, Detail("A mobile number has eleven digits."))
        return text

    def dated(self, place: int, kind: TieKind) -> tuple[Tie, ...]:
        ties = []
        for piece in filter(None, map(str.strip, _PIECE.split(self.texts[place]))):
            found = _TIE.fullmatch(piece)
            if found is None:
                form = Detail("Write code, first day 至 last day; separate several by ；")
                self.wrong(place, form)
                continue
            uscc, since, until = found.groups()
            tie = Tie(
                kind=kind,
                uscc=self.code(place, uscc),
                since=self.day(place, since),
                until=self.day(place, until),
            )
            if tie.since and tie.until and tie.until < tie.since:
                self.wrong(place, Detail("The last day lies before the first."))
            ties.append(tie)
        return tuple(ties)

    def relatives(self, place: int) -> tuple[Tie, ...]:
        codes = filter(None, _BREAK.split(self.texts[place]))
        return tuple(Tie(kind=TieKind.RELATIVE, uscc=self.code(place, code)) for code in codes)

    def names(self, place: int) -> tuple[str, ...]:
        """Names as they are written; a gap may be part of one."""
        named = filter(None, map(str.strip, _APART.split(self.texts[place])))
        names = tuple(dict.fromkeys(named))
        if any(len(name) > NAME_MAX for name in names):
            self.wrong(place, Detail("A name has at most {most} characters.", most=NAME_MAX))
        return names
