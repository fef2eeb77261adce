"""Parts that papers are put together from: headings, paragraphs, tables, signatures, hashes."""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from itertools import chain

from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, HRFlowable, KeepTogether, Spacer, Table, TableStyle

from govcore.pdf.styles import (
    BODY,
    CELL,
    CELL_HEAD,
    CHAPTER,
    CLAUSE,
    LABEL,
    LARGE_PLAIN,
    PLAIN,
    RULE,
    SECTION,
    SERIF,
    SHADE,
    SMALL,
    SUBTITLE,
    TEXT_WIDTH,
    TITLE,
    Align,
    Style,
)
from govcore.pdf.text import Text

_GRID = (
    ("FONTNAME", (0, 0), (-1, -1), SERIF),  # else reportlab names its own, which is not embedded
    ("GRID", (0, 0), (-1, -1), 0.5, RULE),
    ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ("LEFTPADDING", (0, 0), (-1, -1), 4),
    ("RIGHTPADDING", (0, 0), (-1, -1), 4),
    ("TOPPADDING", (0, 0), (-1, -1), 2.5),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a data table; `width` is its share of the line."""

    title: str
    width: float
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class CheckCode:
    """The code under which a paper can be checked, and the address where."""

    code: str
    address: str

    def __str__(self) -> str:
        return f"校验码：{self.code}　　核验网址：{self.address}"

    @property
    def link(self) -> str:
        """What the square code on the paper says."""
        return f"{self.address}/{self.code}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A body and how to reach it."""

    name: str
    address: str = ""
    person: str = ""
    phone: str = ""


class SealPlace(Flowable):  # type: ignore[misc]
    """Marks where the seal's middle belongs, without taking room: `right` from the line's end, `up` from here.

    The page itself says so, by a marked point that readers never see, so whoever seals the paper needs nothing else.
    """

    def __init__(self, *, right: float, up: float) -> None:
        super().__init__()
        self.right, self.up = right, up

    def wrap(self, available: float, _height: float) -> tuple[float, float]:
        self.width = available
        return available, 0

    def draw(self) -> None:
        x, y = self.canv.absolutePosition(self.width - self.right, self.up)
        self.canv.addLiteral(f"/Seal <</At [{x:.2f} {y:.2f}]>> DP")


SEAL_POINT = re.compile(rb"/Seal <</At \[([0-9.]+) ([0-9.]+)\]>> DP")
"""How a page's content names the middle of its seal, in points from the page's lower left corner."""


class Chapter(Text):
    """A chapter's heading, listed in the reader's outline; its page is noted in `pages`."""

    def __init__(self, text: str, *, pages: MutableMapping[str, int] | None = None) -> None:
        super().__init__(text, CHAPTER)
        self.pages = pages

    def draw(self) -> None:
        self.canv.bookmarkPage(self.text)
        self.canv.addOutlineEntry(self.text, self.text, level=0)
        if self.pages is not None:
            self.pages[self.text] = self.canv.getPageNumber()
        super().draw()


def title(text: str, subtitle: str = "") -> list[Flowable]:
    """Head a paper with its name and, under it, what it is about."""
    return [Text(text, TITLE), *([Text(subtitle, SUBTITLE)] if subtitle else [])]


def section(text: str) -> Text:
    """Head a section; it stays with what follows."""
    return Text(text, SECTION)


def clause(text: str) -> Text:
    """Head a clause; it stays with what follows."""
    return Text(text, CLAUSE)


def paragraph(text: str, style: Style = BODY) -> Text:
    """Set a paragraph with its first line two characters in."""
    return Text(text, style)


def plain(text: str, style: Style = PLAIN) -> Text:
    """Set a paragraph without an indent, for salutations."""
    return Text(text, style)


def signed(lines: Sequence[str], style: Style = PLAIN) -> Flowable:
    """Set who signs and when at the right, kept on one page."""
    style = style.but(align="right", right=style.size * 2, leading=style.leading + 3)
    return KeepTogether([Spacer(0, 14), *(Text(line, style) for line in lines)])


def field_table(
    heading: str, rows: Sequence[tuple[str, str]], *, pairs: int = 1, width: float = TEXT_WIDTH
) -> list[Flowable]:
    """Set labels and values under a heading, `pairs` of them on a line; empty values show as a dash."""
    label = min(34 * mm, width / pairs * 0.36)
    cells = [[Text(name, LABEL), Text(value or "—", CELL)] for name, value in rows]
    while len(cells) % pairs:
        cells.append([Text("", LABEL), Text("", CELL)])
    lines = [list(chain(*cells[at : at + pairs])) for at in range(0, len(cells), pairs)]
    shades = [("BACKGROUND", (2 * n, 0), (2 * n, -1), SHADE) for n in range(pairs)]
    table = Table(
        lines,
        colWidths=[label, width / pairs - label] * pairs,
        style=TableStyle([*_GRID, *shades]),
        spaceAfter=6,
    )
    return [*_headed(heading), table]


def data_table(
    heading: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    *,
    width: float = TEXT_WIDTH,
    style: Style = CELL,
    keep: bool = False,
) -> list[Flowable]:
    """Set rows under column heads that repeat on every page; numbers go right by their column.

    `keep` moves a short table to the next page rather than breaking it.
    """
    share = width / sum(column.width for column in columns)
    styles = [style.but(align=column.align) for column in columns]
    head = CELL_HEAD.but(size=style.size, leading=style.leading)
    lines = [[Text(column.title, head) for column in columns]]
    lines += [[Text(cell, style) for cell, style in zip(row, styles, strict=True)] for row in rows]
    table = Table(
        lines,
        colWidths=[column.width * share for column in columns],
        repeatRows=1,
        style=TableStyle([*_GRID, ("BACKGROUND", (0, 0), (-1, 0), SHADE)]),
        spaceAfter=6,
    )
    if keep:
        # A heading that asks for more room than the short table under it takes would fit nowhere.
        return [
            KeepTogether([*([Text(heading, SECTION.but(keep_with_next=False))] if heading else []), table])
        ]
    return [*_headed(heading), table]


def contact_table(heading: str, contacts: Sequence[tuple[str, Contact]]) -> list[Flowable]:
    """Set who can be reached, how and in what role."""
    columns = [
        Column("单位", 1.9),
        Column("名称", 3.9),
        Column("地址", 2.3),
        Column("联系人", 1.7),
        Column("电话", 1.9),
    ]
    rows = [
        [role, contact.name, contact.address or "—", contact.person or "—", contact.phone or "—"]
        for role, contact in contacts
    ]
    return data_table(heading, columns, rows)


PEN = "\n日期：　　年　　月　　日"
"""Room for a name written by hand, and its day."""


def signature_block(
    places: Sequence[str],
    *,
    per_line: int = 2,
    width: float = TEXT_WIDTH,
    sealed: str = "",
    signed: Mapping[str, str] = {},
) -> Flowable:
    """Leave room for handwritten or electronic signatures, each with its day; `sealed` names whose gets the seal.

    `signed` says what stands there already: nobody is to sign twice.
    """
    style = Style(size=10.5, leading=16, align="left")
    own = width / per_line
    cells: list[list[Flowable]] = [
        [Text(f"{place}：\n{signed.get(place) or PEN}", style)] for place in places
    ]
    for place, cell in zip(places, cells, strict=True):
        if place == sealed:
            cell.append(SealPlace(right=own / 2, up=22))
    while len(cells) % per_line:
        cells.append([Text("", style)])
    lines = [cells[at : at + per_line] for at in range(0, len(cells), per_line)]
    grid = TableStyle([*_GRID, ("VALIGN", (0, 0), (-1, -1), "TOP"), ("BOTTOMPADDING", (0, 0), (-1, -1), 6)])
    return KeepTogether([Spacer(0, 8), Table(lines, colWidths=[own] * per_line, style=grid, spaceAfter=6)])


def sealed_pair(signers: Sequence[tuple[str, str, str]]) -> Flowable:
    """Two bodies side by side, each with its part, name and day, and room for its seal; the first one's is marked."""
    style = LARGE_PLAIN.but(align="center")
    cells = [
        [
            Text(f"{part}（盖单位章）：\n{name}\n{day}", style),
            *([SealPlace(right=width / 2, up=44)] if first else []),
        ]
        for first, width, (part, name, day) in zip((True, False), (TEXT_WIDTH / 2,) * 2, signers, strict=True)
    ]
    room = TableStyle([("FONTNAME", (0, 0), (-1, -1), SERIF), ("VALIGN", (0, 0), (-1, -1), "TOP")])
    return KeepTogether([Table([cells], colWidths=[TEXT_WIDTH / 2] * 2, style=room)])


def hash_footer(rows: Sequence[tuple[str, str]]) -> Flowable:
    """Close a paper with the hashes that bind it to the public log."""
    lines = [Text(f"{label}：{value}", SMALL) for label, value in rows]
    rule = HRFlowable(width="100%", thickness=0.5, color=RULE, spaceBefore=8, spaceAfter=4)
    return KeepTogether([rule, *lines])


def _headed(heading: str) -> list[Flowable]:
    # A long table must not be pushed to the next page with its heading: only room for a few rows is asked for.
    if not heading:
        return []
    return [CondPageBreak(32 * mm), Text(heading, SECTION.but(keep_with_next=False))]
