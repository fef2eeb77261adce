"""The picture of a round seal: the organ's name along the arc, a five-pointed star, the kind's words below it.

Measures follow 国发〔1999〕25号: round, at most 45 mm across, a star in the middle. A seal of the demonstration
says so in its own picture.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import Color
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from govcore.pdf.styles import SERIF, register_fonts, require_glyphs

DIAMETER = 42 * mm
RADIUS = DIAMETER / 2
DEMO_WORDS = "演示用章"

_RED = Color(0.84, 0.05, 0.05)
_SVG_RED = "#d60d0d"
_RING = 1.1 * mm
_STAR = 7 * mm
_GAP = 1.1 * mm  # between the ring and the tops of the characters
_ARC, _ARC_ABOVE_WORDS = math.radians(262), math.radians(222)
_TALLEST = 6.2 * mm
_NARROWEST = 0.58
_ASCENT = 0.86  # of the type size, from the base line to the top of a Chinese character
_STROKE = 0.5


@dataclass(frozen=True, slots=True)
class Glyph:
    """A character turned clockwise by `angle` degrees around the centre, its base line `radius` points above it.

    `squeeze` narrows it, as long names are cut on real seals.
    """

    character: str
    angle: float
    radius: float
    size: float
    squeeze: float


@dataclass(frozen=True, slots=True)
class Words:
    """A line of words, centred, its base line `y` points from the centre."""

    text: str
    y: float
    size: float


def arc(organ: str, *, above_words: bool) -> list[Glyph]:
    """Where the characters of the organ's name stand: as tall as they may, narrower the more they are."""
    count, whole = len(organ), _ARC_ABOVE_WORDS if above_words else _ARC
    outer = RADIUS - _RING - _GAP
    size = min(_TALLEST, 2.2 * whole * outer / count)
    step = min(whole / max(count - 1, 1), 1.18 * size / (outer - size / 2))
    width = step * (outer - size * 0.75)
    squeeze = max(min(width / size, 1.0), _NARROWEST)
    if width < size * _NARROWEST:
        size = width / _NARROWEST
    start = -step * (count - 1) / 2
    return [
        Glyph(character, math.degrees(start + step * place), outer - _ASCENT * size, size, squeeze)
        for place, character in enumerate(organ)
    ]


def star(radius: float = _STAR) -> list[tuple[float, float]]:
    """The ten corners of an upright five-pointed star around the centre."""
    inner = radius * math.sin(math.radians(18)) / math.sin(math.radians(54))
    turns = [(radius if corner % 2 == 0 else inner, math.radians(36 * corner)) for corner in range(10)]
    return [(length * math.sin(turn), length * math.cos(turn)) for length, turn in turns]


def lines(words: str, *, demo: bool) -> Iterator[Words]:
    """What stands under the star."""
    if words:
        yield Words(words, -RADIUS * 0.6, min(4.4 * mm, RADIUS * 1.2 / len(words)))
    if demo:
        yield Words(DEMO_WORDS, -RADIUS * (0.82 if words else 0.66), 2.9 * mm)


@lru_cache(maxsize=64)
def pdf(organ: str, words: str, *, demo: bool) -> bytes:
    """The seal on a page of its own size, with subset fonts; `GlyphMissing` for what cannot be printed."""
    register_fonts()
    require_glyphs(organ + words, SERIF)
    out = BytesIO()
    canvas = Canvas(out, pagesize=(DIAMETER, DIAMETER), invariant=1, initialFontName=SERIF)
    canvas.translate(RADIUS, RADIUS)
    canvas.setFillColor(_RED)
    canvas.setStrokeColor(_RED)
    canvas.setLineWidth(_RING)
    canvas.circle(0, 0, RADIUS - _RING / 2)
    _draw_star(canvas)
    canvas.setLineWidth(_STROKE)
    for glyph in arc(organ, above_words=bool(words)):
        canvas.saveState()
        canvas.rotate(-glyph.angle)
        canvas.translate(0, glyph.radius)
        canvas.scale(glyph.squeeze, 1)
        _draw_words(canvas, Words(glyph.character, 0, glyph.size))
        canvas.restoreState()
    for line in lines(words, demo=demo):
        _draw_words(canvas, line)
    canvas.save()
    return out.getvalue()


def svg(organ: str, words: str, *, demo: bool) -> str:
    """The same picture for pages, in the reader's own fonts."""
    corners = " ".join(f"{x:.2f},{-y:.2f}" for x, y in star())
    texts = [
        f'<text transform="rotate({glyph.angle:.2f}) translate(0 {-glyph.radius:.2f})'
        f' scale({glyph.squeeze:.2f} 1)" font-size="{glyph.size:.2f}">{escape(glyph.character)}</text>'
        for glyph in arc(organ, above_words=bool(words))
    ]
    texts += [
        f'<text y="{-line.y:.2f}" font-size="{line.size:.2f}">{escape(line.text)}</text>'
        for line in lines(words, demo=demo)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-RADIUS:.2f} {-RADIUS:.2f} {DIAMETER:.2f}'
        f' {DIAMETER:.2f}"><g fill="{_SVG_RED}" text-anchor="middle" font-family="serif" font-weight="600">'
        f'<circle r="{RADIUS - _RING / 2:.2f}" fill="none" stroke="{_SVG_RED}" stroke-width="{_RING:.2f}"/>'
        f'<polygon points="{corners}"/>{"".join(texts)}</g></svg>'
    )


def _draw_star(canvas: Any) -> None:
    path = canvas.beginPath()
    first, *others = star()
    path.moveTo(*first)
    for corner in others:
        path.lineTo(*corner)
    path.close()
    canvas.drawPath(path, fill=1, stroke=0)


def _draw_words(canvas: Any, line: Words) -> None:
    canvas.setFont(SERIF, line.size)
    width = canvas.stringWidth(line.text, SERIF, line.size)
    canvas.drawString(-width / 2, line.y, line.text, mode=2)
