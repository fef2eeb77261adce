"""Setting Chinese text: lines are broken by 避头尾 rules, numbers and Latin words stay whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from govcore.pdf.styles import Style, register_fonts, require_glyphs

_NOT_AT_START = "，。、；：？！）》〉」』】〕”’…—％%·,.;:?!)]}"
_NOT_AT_END = "（《〈「『【〔“‘([{"
_WORD_MAX = 24  # longer runs (hashes, addresses) may be cut anywhere
_ATOM = re.compile(r"[0-9A-Za-z_@#+\-./:=&,]+|\s+|.", re.DOTALL)
_FILL_AND_STROKE = 2
_FOLLOWING = 62.0  # points that must be left under a heading
_STRETCH = 0.12  # of the type size, between two characters of a justified line


@dataclass(frozen=True, slots=True)
class Line:
    """A broken line; `last` lines of a paragraph are never stretched."""

    text: str
    width: float
    last: bool
    indent: float


def text_width(text: str, style: Style) -> float:
    """Measure one line in points."""
    register_fonts()
    return float(stringWidth(text, style.font, style.size))


def break_lines(text: str, style: Style, width: float) -> list[Line]:
    """Break `text` (paragraphs apart by newline) into lines not wider than `width` points.

    Centred text is broken into lines of about the same length, so that no character stands alone.
    """
    lines: list[Line] = []
    for paragraph in text.split("\n"):
        set_lines = _paragraph(paragraph.strip(), style, width)
        if style.align == "center" and len(set_lines) > 1:
            set_lines = _balanced(paragraph.strip(), style, width, len(set_lines))
        lines.extend(set_lines)
    return lines


class Text(Flowable):  # type: ignore[misc]
    """Plain text in one style; raises `GlyphMissing` when made, not when printed."""

    def __init__(self, text: str, style: Style) -> None:
        super().__init__()
        require_glyphs(text.replace("\n", ""), style.font)
        self.text, self.style = text, style
        self.lines: list[Line] = []

    def wrap(self, available: float, height: float) -> tuple[float, float]:
        self.width = available
        self.lines = break_lines(self.text, self.style, available - self.style.left - self.style.right)
        self.height = len(self.lines) * self.style.leading
        # Keeping all that follows would push a long paragraph to the next page: room for its start is enough.
        room = _FOLLOWING if self.style.keep_with_next else 0.0
        return self.width, self.height + (room if height < self.height + room else 0.0)

    def split(self, available: float, height: float) -> list[Flowable]:
        if self.style.keep_with_next:
            return []
        self.wrap(available, height)
        fits = int(height // self.style.leading)
        if fits >= len(self.lines):
            return [self]
        # Two lines at least stay together on either side of the break.
        fits = min(fits, len(self.lines) - 2)
        if fits < 2:
            return []
        return [_Part(self, self.lines[:fits], available), _Part(self, self.lines[fits:], available)]

    def getSpaceBefore(self) -> float:
        return self.style.before

    def getSpaceAfter(self) -> float:
        return self.style.after

    def minWidth(self) -> float:
        return self.style.size * 2

    def draw(self) -> None:
        y = self.height - self.style.leading * 0.5 - self.style.size * 0.36
        for line in self.lines:
            _draw_line(self.canv, line, style=self.style, width=self.width, y=y)
            y -= self.style.leading


class _Part(Text):
    """Some of another text's lines, when a page ends inside it."""

    def __init__(self, whole: Text, lines: list[Line], width: float) -> None:
        super().__init__("", whole.style)
        self.lines, self.width = lines, width
        self.height = len(lines) * self.style.leading

    def wrap(self, _available: float, _height: float) -> tuple[float, float]:
        return self.width, self.height

    def split(self, _available: float, height: float) -> list[Flowable]:
        fits = min(int(height // self.style.leading), len(self.lines))
        if fits == len(self.lines):
            return [self]
        if fits < 1:
            return []
        return [_Part(self, self.lines[:fits], self.width), _Part(self, self.lines[fits:], self.width)]


def _draw_line(canvas: Any, line: Line, *, style: Style, width: float, y: float) -> None:
    room = width - style.left - style.right - line.indent
    x, spacing = style.left + line.indent, 0.0
    slack = room - line.width
    if style.align == "right":
        x += slack
    elif style.align == "center":
        x += slack / 2
    elif style.align == "justify" and not line.last and len(line.text) > 1:
        spacing = slack / (len(line.text) - 1)
        spacing = spacing if spacing <= _STRETCH * style.size else 0.0
    draw_line(canvas, line.text, style=style, x=x, y=y, spacing=spacing)


def parted(text: Text, *, width: float, tail: int = 2) -> tuple[list[Flowable], Flowable]:
    """Part a text before its last `tail` lines, which can then be kept with what follows."""
    text.wrap(width, 0)
    cut = len(text.lines) - tail
    if cut < tail:
        return [], text
    return [_Part(text, text.lines[:cut], width)], _Part(text, text.lines[cut:], width)


def draw_line(canvas: Canvas, text: str, *, style: Style, x: float, y: float, spacing: float = 0) -> None:
    """Draw one line with its base line's start at (x, y); raise `GlyphMissing` for unprintable text."""
    require_glyphs(text, style.font)
    canvas.setFillColor(style.color)
    canvas.setFont(style.font, style.size)
    canvas.setStrokeColor(style.color)
    canvas.setLineWidth(style.stroke)
    canvas.drawString(x, y, text, charSpace=spacing, mode=_FILL_AND_STROKE if style.stroke else None)


def _paragraph(text: str, style: Style, width: float) -> list[Line]:
    lines: list[Line] = []
    current, used, indent = "", 0.0, style.indent
    for atom in _atoms(text):
        size = text_width(atom, style)
        if current and used + size > width - indent + 0.01:
            lines.append(_line(current, style, indent=indent, last=False))
            current, used, indent = "", 0.0, 0.0
        if not current and atom.isspace() and lines:
            continue
        current, used = current + atom, used + size
        while used > width - indent + 0.01 and len(current) > 1:
            head = _longest_head(current, style, width - indent)
            lines.append(_line(head, style, indent=indent, last=False))
            current, indent = current[len(head) :], 0.0
            used = text_width(current, style)
    lines.append(_line(current, style, indent=indent, last=True))
    return lines


def _balanced(text: str, style: Style, width: float, count: int) -> list[Line]:
    narrow = max(text_width(text, style) / count, style.size * 2)
    while narrow < width:
        lines = _paragraph(text, style, narrow)
        if len(lines) <= count:
            return lines
        narrow += style.size / 4
    return _paragraph(text, style, width)


def _line(text: str, style: Style, *, indent: float, last: bool) -> Line:
    text = text.rstrip()
    return Line(text, text_width(text, style), last, indent)


def _longest_head(text: str, style: Style, width: float) -> str:
    length = 1
    while length < len(text) and text_width(text[: length + 1], style) <= width:
        length += 1
    return text[:length]


def _atoms(text: str) -> Iterator[str]:
    """Yield what a line break may not divide: words, and marks with the character they cling to."""
    pending = ""
    for piece in _pieces(text):
        clings = pending and (piece[0] in _NOT_AT_START or pending[-1] in _NOT_AT_END)
        if pending and not clings:
            yield pending
            pending = ""
        pending += piece
    if pending:
        yield pending


def _pieces(text: str) -> Iterator[str]:
    for match in _ATOM.finditer(text):
        piece = match.group()
        if len(piece) > _WORD_MAX:
            yield from piece
        else:
            yield piece
