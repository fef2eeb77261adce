"""Fonts and type sizes of papers; fonts are read once per process and refuse what they cannot print."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Literal

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from govcore.errors import Problem

SERIF = "NotoSerifSC"
SANS = "NotoSansSC-Bold"
_FONTS = Path(__file__).with_name("fonts")
_FILES = {SERIF: "NotoSerifSC_400Regular.ttf", SANS: "NotoSansSC_700Bold.ttf"}
_LOCK = Lock()
_LAST_PRINTABLE_PLANE = 0xFFFF

RED = Color(0.86, 0, 0)
BLACK = Color(0, 0, 0)
GREY = HexColor("#555555")
RULE = HexColor("#777777")
SHADE = HexColor("#f0f3f7")
PALE = HexColor("#e6e6e6")

# GB/T 9704-2012: A4, type area 156 x 225 mm, upper margin 37 mm, left margin 28 mm.
TEXT_WIDTH = 156 * mm
TEXT_HEIGHT = 225 * mm
TOP = 37 * mm
LEFT = 28 * mm
SIZE_3 = 15.75  # 3号: 28 characters fill a line
SIZE_4 = 14.0
LINE_3 = TEXT_HEIGHT / 22  # 22 lines fill a page

Align = Literal["left", "right", "center", "justify"]


class GlyphMissing(Problem):
    """The papers' fonts cannot print a character; a blank in a legal paper would hide it."""

    code = "E_GLYPH"
    status = 422
    text = "The character {character} ({point}) cannot be printed in papers; write it another way."


class _CheckedFont(TTFont):  # type: ignore[misc]
    """A font that raises `GlyphMissing` where reportlab would print an empty box."""

    def splitString(self, text, doc, encoding="utf-8"):  # type: ignore[no-untyped-def]
        require_glyphs(text if isinstance(text, str) else text.decode(encoding), self.fontName)
        return super().splitString(text, doc, encoding)


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a run of text is set; lengths in points."""

    font: str = SERIF
    size: float = 10.5
    leading: float = 17
    align: Align = "justify"
    indent: float = 0
    left: float = 0
    right: float = 0
    before: float = 0
    after: float = 0
    color: Color = BLACK
    stroke: float = 0  # a line around the strokes, which makes the book face a display face (小标宋)
    keep_with_next: bool = False

    def but(self, **changes: object) -> Style:
        """Return this style with some values changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


BODY = Style(indent=21, after=2)
PLAIN = Style()
LARGE = Style(size=13, leading=24, indent=26, after=2)
LARGE_PLAIN = LARGE.but(indent=0)
TITLE = Style(font=SANS, size=18, leading=27, align="center", before=4, after=10, keep_with_next=True)
SUBTITLE = Style(size=11, leading=17, align="center", after=8, keep_with_next=True)
CHAPTER = Style(font=SANS, size=15, leading=24, align="center", before=4, after=8, keep_with_next=True)
SECTION = Style(font=SANS, size=11.5, leading=19, align="left", before=9, after=3, keep_with_next=True)
CLAUSE = Style(align="left", before=3, after=1, keep_with_next=True)
CELL = Style(size=9.5, leading=14, align="left")
CELL_HEAD = Style(font=SANS, size=9.5, leading=14, align="center")
LABEL = Style(font=SANS, size=9.5, leading=14, align="left")
SMALL = Style(size=8, leading=12, align="left", color=GREY)


def register_fonts() -> None:
    """Read and register both fonts once; later calls cost nothing."""
    with _LOCK:
        _register()


def require_glyphs(text: str, font: str) -> None:
    """Raise `GlyphMissing` for the first character of `text` that `font` has no glyph for."""
    known = _glyphs(font)
    for character in text:
        point = ord(character)
        if point not in known or point > _LAST_PRINTABLE_PLANE:
            raise GlyphMissing(character=character, point=f"U+{point:04X}")


@cache
def _register() -> None:
    for name, file in _FILES.items():
        pdfmetrics.registerFont(_CheckedFont(name, str(_FONTS / file)))


@cache
def _glyphs(font: str) -> frozenset[int]:
    register_fonts()
    return frozenset(pdfmetrics.getFont(font).face.charToGlyph)
