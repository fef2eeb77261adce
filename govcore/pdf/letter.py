"""Official papers with a red head: 信函格式 and 公文格式 of GB/T 9704-2012."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepTogether, PageBreak, Spacer

from govcore.pdf.blocks import CheckCode, SealPlace
from govcore.pdf.document import PORTRAIT, Area, OnPage, build, page_number, square_code
from govcore.pdf.figures import day
from govcore.pdf.styles import (
    BLACK,
    LEFT,
    LINE_3,
    RED,
    SANS,
    SIZE_3,
    SIZE_4,
    SMALL,
    TEXT_WIDTH,
    Style,
)
from govcore.pdf.text import Text, break_lines, draw_line, parted, text_width

_BODY = Style(size=SIZE_3, leading=LINE_3, indent=2 * SIZE_3)
_FLUSH = _BODY.but(indent=0, align="left")
_HEADING = _BODY.but(font=SANS, align="left", keep_with_next=True)
_TITLE = Style(size=22, leading=33, align="center", stroke=0.7, keep_with_next=True)
_NUMBER = Style(size=SIZE_3, leading=LINE_3, align="center")
_ORGAN = Style(color=RED, stroke=1.1)
_COPIES = Style(size=SIZE_4, leading=24, align="left", left=SIZE_4, right=SIZE_4)
_LEVEL_ONE = re.compile(r"[一二三四五六七八九十]+、[^。]{1,40}")
_HEAD_TOP = 30 * mm  # of the organ's name in 信函格式, from the paper's edge
_LETTER_LINE = 170 * mm
_LETTER_FOOT = 20 * mm
_MARK_DOWN = 35 * mm  # of the organ's name in 公文格式, from the type area's top


@dataclass(frozen=True, slots=True)
class Annex:
    """附件: its name and what stands on its own pages."""

    title: str
    story: Sequence[Flowable]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialPaper:
    """What an official paper says.

    `body` lines such as `一、基本情况` are set as headings; a newline in `title` marks where it breaks
    when one line is too short for it.
    """

    organ: str
    number: str
    title: str
    addressee: str
    body: Sequence[str]
    signatory: str
    dated: date
    annexes: Sequence[Annex] = ()
    contact: str = ""
    copies: str = ""
    printed_by: str = ""
    check: CheckCode | None = None


def letter(paper: OfficialPaper, *, watermark: str | None = None) -> bytes:
    """Set a 函 in letter form: double red lines, number at the right, no page number on page one."""
    size = _organ_size(paper.organ)
    line_y = A4[1] - _HEAD_TOP - size - 4 * mm
    first = Area(
        page=A4,
        left=LEFT,
        bottom=PORTRAIT.bottom,
        width=TEXT_WIDTH,
        height=line_y - 3 * mm - PORTRAIT.bottom,
    )

    def furnish(canvas: Canvas, number: int) -> None:
        if number == 1:
            _organ_mark(canvas, paper.organ, size=size, top=A4[1] - _HEAD_TOP)
            _double_line(canvas, line_y, thick_above=True)
            _double_line(canvas, _LETTER_FOOT, thick_above=False)
        else:
            page_number(canvas, PORTRAIT, number)
        _check_line(canvas, paper)

    story = [
        Text(paper.number, _NUMBER.but(align="right")),
        Spacer(0, LINE_3),
        *_content(paper),
        *_annexes(paper),
        *([_Record(paper, printed=False)] if paper.copies else []),
    ]
    return _built(paper, story, first=first, on_page=furnish, watermark=watermark)


def circular(paper: OfficialPaper, *, watermark: str | None = None) -> bytes:
    """Set a 通报 in document form: red organ mark, centred number, red line, 版记 at the end."""
    size = _organ_size(paper.organ)
    mark_top = PORTRAIT.top - _MARK_DOWN
    number_y = mark_top - size - 2 * LINE_3
    line_y = number_y - 4 * mm
    first = Area(
        page=A4,
        left=LEFT,
        bottom=PORTRAIT.bottom,
        width=TEXT_WIDTH,
        height=line_y - LINE_3 * 1.5 - PORTRAIT.bottom,
    )

    def furnish(canvas: Canvas, number: int) -> None:
        if number == 1:
            _organ_mark(canvas, paper.organ, size=size, top=mark_top)
            text = paper.number
            x = (A4[0] - text_width(text, _NUMBER)) / 2
            draw_line(canvas, text, style=_NUMBER, x=x, y=number_y)
            _rule(canvas, line_y, width=TEXT_WIDTH, weight=0.6 * mm)
        page_number(canvas, PORTRAIT, number)
        _check_line(canvas, paper)

    story = [*_content(paper), *_annexes(paper), _Record(paper, printed=True)]
    return _built(paper, story, first=first, on_page=furnish, watermark=watermark)


def _built(
    paper: OfficialPaper, story: list[Flowable], *, first: Area, on_page: OnPage, watermark: str | None
) -> bytes:
    name = f"{paper.title}（{paper.number}）".replace("\n", "")
    return build(story, title=name, areas=(first, PORTRAIT), on_page=on_page, watermark=watermark)


def _content(paper: OfficialPaper) -> list[Flowable]:
    one_line = paper.title.replace("\n", "")
    fits = text_width(one_line, _TITLE) <= TEXT_WIDTH
    story: list[Flowable] = [Text(one_line if fits else paper.title, _TITLE), Spacer(0, LINE_3)]
    if paper.addressee:
        story.append(Text(f"{paper.addressee}：", _FLUSH))
    lines = [Text(line, _HEADING if _LEVEL_ONE.fullmatch(line) else _BODY) for line in paper.body]
    # A page with nothing but the signature could be put under another text: some text goes with it.
    head, tail = parted(lines[-1], width=TEXT_WIDTH)
    start = len(lines) - 1
    while start and not head and lines[start - 1].style is _HEADING:
        start -= 1
    end = [*lines[start:-1], tail] if not head else [tail]
    kept = KeepTogether([*end, *_annex_list(paper.annexes), *_signature(paper)])
    return [*story, *(lines[:-1] if head else lines[:start]), *head, kept]


def _annex_list(annexes: Sequence[Annex]) -> list[Flowable]:
    if not annexes:
        return []
    lead = text_width("附件：", _FLUSH)
    first = _FLUSH.but(left=2 * SIZE_3)
    later = _FLUSH.but(left=2 * SIZE_3 + lead)
    lines: list[Flowable] = [Spacer(0, LINE_3)]
    for number, annex in enumerate(annexes, start=1):
        name = f"{number}. {annex.title}" if len(annexes) > 1 else annex.title
        lines.append(Text(name, later) if number > 1 else Text(f"附件：{name}", first))
    return lines


def _signature(paper: OfficialPaper) -> list[Flowable]:
    written = day(paper.dated)
    right = 4 * SIZE_3
    date_width = text_width(written, _FLUSH)
    name_width = text_width(paper.signatory, _FLUSH)
    # The organ's name is centred over the date, but never leaves the type area.
    over = max(right + (date_width - name_width) / 2, 0)
    lines: list[Flowable] = [
        Spacer(0, 2 * LINE_3),
        Text(paper.signatory, _FLUSH.but(align="right", right=over)),
        Text(written, _FLUSH.but(align="right", right=right)),
        SealPlace(right=right + date_width / 2, up=LINE_3),
    ]
    if paper.contact:
        lines.append(Text(f"（{paper.contact}）", _FLUSH.but(left=2 * SIZE_3)))
    return lines


def _annexes(paper: OfficialPaper) -> list[Flowable]:
    story: list[Flowable] = []
    for number, annex in enumerate(paper.annexes, start=1):
        mark = f"附件{number}" if len(paper.annexes) > 1 else "附件"
        story += [PageBreak(), Text(mark, _FLUSH.but(font=SANS)), Text(annex.title, _TITLE), Spacer(0, 12)]
        story += annex.story
    return story


class _Record(Flowable):  # type: ignore[misc]
    """版记 at the foot of the last page: who gets a copy, who printed it and when."""

    def __init__(self, paper: OfficialPaper, *, printed: bool) -> None:
        super().__init__()
        self.paper, self.printed = paper, printed

    def wrap(self, available: float, height: float) -> tuple[float, float]:
        self.width = available
        self.copies = Text(f"抄送：{self.paper.copies}。", _COPIES) if self.paper.copies else None
        own = self.copies.wrap(available, height)[1] + 4 if self.copies else 0.0
        own += _COPIES.leading + 4 if self.printed else 0.0
        self.own = own
        self.height = height - 1 if height - 1 > own else own
        return available, self.height

    def draw(self) -> None:
        y = self.own
        heavy, light = 0.35 * mm, 0.25 * mm
        self._line(y, heavy)
        if self.copies:
            y -= self.copies.height + 2
            self.copies.drawOn(self.canv, 0, y)
            y -= 2
        if self.printed:
            if self.copies:
                self._line(y, light)
            self._printed(y - _COPIES.leading * 0.8)
        self._line(0, heavy)

    def _printed(self, y: float) -> None:
        left, right = self.paper.printed_by or self.paper.organ, f"{day(self.paper.dated)}印发"
        draw_line(self.canv, left, style=_COPIES, x=SIZE_4, y=y)
        x = self.width - SIZE_4 - text_width(right, _COPIES)
        draw_line(self.canv, right, style=_COPIES, x=x, y=y)

    def _line(self, y: float, weight: float) -> None:
        self.canv.setStrokeColor(BLACK)
        self.canv.setLineWidth(weight)
        self.canv.line(0, y, self.width, y)


def _organ_size(organ: str) -> float:
    return float(min(36.0, TEXT_WIDTH * 0.98 / max(len(organ), 1)))


def _organ_mark(canvas: Any, organ: str, *, size: float, top: float) -> None:
    style = _ORGAN.but(size=size)
    x = (A4[0] - text_width(organ, style)) / 2
    draw_line(canvas, organ, style=style, x=x, y=top - size * 0.88)


def _double_line(canvas: Any, y: float, *, thick_above: bool) -> None:
    thick, thin = 0.9 * mm, 0.35 * mm
    upper, lower = (thick, thin) if thick_above else (thin, thick)
    _rule(canvas, y, width=_LETTER_LINE, weight=upper)
    _rule(canvas, y - 1.3 * mm, width=_LETTER_LINE, weight=lower)


def _rule(canvas: Any, y: float, *, width: float, weight: float) -> None:
    canvas.setStrokeColor(RED)
    canvas.setLineWidth(weight)
    canvas.line((A4[0] - width) / 2, y, (A4[0] + width) / 2, y)


def _check_line(canvas: Any, paper: OfficialPaper) -> None:
    if paper.check is None:
        return
    for line in break_lines(str(paper.check), SMALL, TEXT_WIDTH)[:1]:
        draw_line(canvas, line.text, style=SMALL, x=LEFT, y=11 * mm)
    square_code(canvas, paper.check.link, PORTRAIT)
